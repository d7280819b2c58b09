"""The file of a search: an SQLite database, which one search at a time goes on with."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import quote

from pellucid.errors import ConfigurationError, ExistingFileError, FormatError, StorageError
from pellucid.tuning.kept_trials import damage_refused
from pellucid.whole_file import check_free, moved_when_whole

if TYPE_CHECKING:
    import optuna
    from optuna.storages import RDBStorage

__all__ = ["check_study_file", "opened"]

Direction: TypeAlias = Literal["minimize", "maximize"]

_NAME = "pellucid"
_FORMAT = 1
# A table of that name may be another program's, to which Optuna would add its own.
_IS_STUDY = """
    SELECT 1 FROM studies JOIN study_user_attributes USING (study_id) WHERE study_name = ? AND key = 'format'
"""
# A database that is copied or looked at meanwhile may be locked for a moment.
_PATIENCE = 60  # seconds


def check_study_file(path: str | Path) -> Path:
    """Refuse a place that a study can neither be kept in nor gone on with.

    Raises
    ------
    StorageError
        If its folder is not there, or it is no file.
    FormatError
        If it is no study.
    """
    path = check_free(path, force=True)
    if path.exists():
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as base:
            try:
                found = base.execute(_IS_STUDY, (_NAME,)).fetchall()
            except sqlite3.Error:
                found = []
        if not found:
            raise FormatError(
                "this file is no study, so it is left alone",
                expected="a study that pellucid tune began, or no file",
                received=str(path),
                remedy="choose another name with --study (study=)",
            )
    return path


@contextmanager
def opened(path: Path | None, about: Mapping[str, Any], *, maximise: bool) -> "Iterator[optuna.Study]":
    """Begin a study, or go on with it; no other search can meanwhile.

    Parameters
    ----------
    path : Path or None
        The file; None to keep it in memory.
    about : mapping
        What the search is about, ready for JSON, by the names that a user knows it by.
    maximise : bool
        Whether more is better.

    Raises
    ------
    ConfigurationError
        If the study is about something else, or another search goes on with it.
    """
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        direction: Direction = "maximize" if maximise else "minimize"
        if path is None:
            yield optuna.create_study(direction=direction)
            return
        with _alone(path), _said_clearly(path):
            if not path.exists():
                _begin(path, about, direction)
            with _storage(path) as storage:
                with damage_refused():
                    study = optuna.load_study(study_name=_NAME, storage=storage)
                    attributes = study.user_attrs
                _check_same(attributes, about, path)
                yield study
    finally:
        optuna.logging.set_verbosity(before)


@contextmanager
def _storage(path: Path, *, is_new: bool = False) -> "Iterator[RDBStorage]":
    """Open a database for Optuna, and close it even if Optuna cannot read it."""
    from optuna.storages import RDBStorage

    with ExitStack() as connections:
        # Said by a function: in an address, some signs of a path would mean something.
        def connect() -> sqlite3.Connection:
            base = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
            connections.callback(base.close)
            if is_new:  # a process that is killed leaves no journal beside it
                base.execute("PRAGMA journal_mode = MEMORY")
            return base

        with damage_refused():
            storage = RDBStorage("sqlite://", engine_kwargs={"creator": connect})
        yield storage


def _begin(path: Path, about: Mapping[str, Any], direction: Direction) -> None:
    """Make a study beside its final place and move it there when it is whole."""
    from optuna import create_study

    with moved_when_whole(path) as file, _storage(Path(file.name), is_new=True) as storage:
        study = create_study(study_name=_NAME, storage=storage, direction=direction)
        study.set_user_attr("format", _FORMAT)
        study.set_user_attr("about", dict(about))


def _check_same(attributes: Mapping[str, Any], about: Mapping[str, Any], path: Path) -> None:
    if attributes.get("format") != _FORMAT:
        raise FormatError(
            "the study is of a format that this version does not know",
            expected=f"{_FORMAT}",
            received=repr(attributes.get("format")),
            where=str(path),
            remedy="go on with the version that began it, or begin another with --study (study=)",
        )
    then = attributes.get("about")
    if not isinstance(then, dict):
        raise FormatError(
            "the study does not say what it is about, so nothing can be compared with its trials",
            expected="a study that pellucid tune began",
            received=repr(then),
            where=str(path),
            remedy="begin another with --study (study=)",
        )
    for name in {**then, **about}:
        if then.get(name) != about.get(name):
            raise ConfigurationError(
                f"the study is of another search: {name} differs",
                expected=_words(then.get(name)),
                received=_words(about.get(name)),
                where=str(path),
                remedy="say it as it was then, or begin another study with --study (study=)",
            )


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items()) or "nothing"
    return "nothing" if value is None else str(value)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that the system takes back from a search that is killed."""
    from filelock import FileLock, Timeout

    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ExistingFileError(
            "another search goes on with this study",
            received=str(path),
            remedy="wait for it, or begin another study with --study (study=)",
        ) from None
    try:
        yield
    finally:
        # While it is held, so that nobody can hold it by a name that is gone. Windows keeps the file.
        with suppress(OSError):
            os.unlink(lock.lock_file)
        lock.release()


@contextmanager
def _said_clearly(path: Path) -> Iterator[None]:
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except FormatError as error:
        error.where = str(path)
        raise
    except (StorageInternalError, SQLAlchemyError, sqlite3.Error) as error:
        raise StorageError(
            "the study could not be read or written",
            received=str(error.__cause__ or error).partition("\n")[0],
            where=str(path),
            remedy="what it kept before is unchanged; free some space, or repair the file",
        ) from error
