"""The study file: an SQLite database, used by one search at a time, with the identity of the search."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import quote

import numpy as np

from pellucid.atomic_file import atomic_write, check_save_path
from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import ConfigurationError, ExistingFileError, FormatError, StorageError
from pellucid.tuning.candidate import Plan
from pellucid.tuning.kept_trials import damage_refused
from pellucid.tuning.space import Space

if TYPE_CHECKING:
    import optuna
    from optuna.storages import RDBStorage

__all__ = ["about_search", "check_study_file", "opened", "plain"]

Direction: TypeAlias = Literal["minimize", "maximize"]

_NAME = "pellucid"
# Keys of the identity of a search that are shown under other names.
_SHOWN = {
    "the figure monitored": "the metric",
    "what is fixed": "a fixed option",
    "what is searched": "the search space",
}
_FORMAT = 1
# Do not let Optuna add its tables to the database of another program.
_IS_STUDY = """
    SELECT 1 FROM studies JOIN study_user_attributes USING (study_id) WHERE study_name = ? AND key = 'format'
"""
# A database may be locked for a moment while it is copied or read.
_PATIENCE = 60  # seconds


def about_search(plan: Plan, space: Space) -> dict[str, Any]:
    """Return what must be equal for trials to be comparable; study files contain these keys and values."""
    return {
        "the split": {
            name: plan.data.provenance.get(name) for name in ("test_size", "validation_size", "seed")
        },
        "the data": f"rows of the fingerprint {_fingerprint(plan)}",
        "the figure monitored": plan.monitor,
        "the patience": plan.patience,
        "what is fixed": {name: plain(value) for name, value in sorted(space.fixed.items())},
        "what is searched": space.to_dict(),
    }


def _fingerprint(plan: Plan) -> str:
    """Return a hash of the training and the validation set."""
    digest = sha256()
    learning, choosing = plan.data.train, plan.data.validation
    assert choosing is not None  # the plan was checked
    for part, counts in ((learning, True), (choosing, "_weighted_" in plan.monitor)):
        inputs = part.inputs
        rows = (inputs.starts, inputs.columns, inputs.values) if isinstance(inputs, SparseRows) else (inputs,)
        for array in (*rows, part.targets, part.weights if counts else None):
            digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def plain(value: Any) -> Any:
    """Return an option, ready for JSON: declarations become their names.

    Examples
    --------
    >>> from pellucid.network import activations
    >>> plain({"layers": (16, 8), "activation": activations.get("relu"), "dropout": 0.0})
    {'layers': [16, 8], 'activation': 'relu', 'dropout': 0.0}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    return value if isinstance(value, int | float | bool | None) else str(value)


def check_study_file(path: str | Path) -> Path:
    """Check that a path is a study, or that a study can be created there."""
    path = check_save_path(path, force=True)
    if path.exists():
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as base:
            try:
                found = base.execute(_IS_STUDY, (_NAME,)).fetchall()
            except sqlite3.Error:
                found = []
        if not found:
            raise FormatError(
                "not a study",
                expected="a study of pellucid tune, or a new file",
                received=str(path),
                remedy="use another file for --study (study=)",
            )
    return path


@contextmanager
def opened(path: Path | None, about: Mapping[str, Any], *, maximise: bool) -> "Iterator[optuna.Study]":
    """Create or open a study, which is locked against other searches; without a path it is in memory.

    An existing study must be about the same search, by what `about_search` returned.
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
        # A function instead of a URL, in which some characters of the path would have a meaning.
        def connect() -> sqlite3.Connection:
            base = sqlite3.connect(path, timeout=_PATIENCE, check_same_thread=False)
            connections.callback(base.close)
            if is_new:  # a killed process must not leave a journal file
                base.execute("PRAGMA journal_mode = MEMORY")
            return base

        with damage_refused():
            storage = RDBStorage("sqlite://", engine_kwargs={"creator": connect})
        yield storage


def _begin(path: Path, about: Mapping[str, Any], direction: Direction) -> None:
    """Create a study in a temporary file, and move it to its path when it is complete."""
    from optuna import create_study

    with atomic_write(path) as file, _storage(Path(file.name), is_new=True) as storage:
        study = create_study(study_name=_NAME, storage=storage, direction=direction)
        study.set_user_attr("format", _FORMAT)
        study.set_user_attr("about", dict(about))


def _check_same(attributes: Mapping[str, Any], about: Mapping[str, Any], path: Path) -> None:
    if attributes.get("format") != _FORMAT:
        raise FormatError(
            "unsupported format of the study",
            expected=f"{_FORMAT}",
            received=repr(attributes.get("format")),
            where=str(path),
            remedy="use the version of Pellucid that created it, or another file for --study (study=)",
        )
    then = attributes.get("about")
    if not isinstance(then, dict):
        raise FormatError(
            "the study does not contain the identity of its search",
            expected="a study of pellucid tune",
            received=repr(then),
            where=str(path),
            remedy="use another file for --study (study=)",
        )
    for name in {**then, **about}:
        if then.get(name) != about.get(name):
            raise ConfigurationError(
                f"the study belongs to another search: {_SHOWN.get(name, name)} differs",
                expected=_words(then.get(name)),
                received=_words(about.get(name)),
                where=str(path),
                remedy="use the previous value, or another file for --study (study=)",
            )


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items()) or "nothing"
    return "nothing" if value is None else str(value)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock, which the system releases if the search is killed."""
    from filelock import FileLock, Timeout

    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise ExistingFileError(
            "the study is in use by another search",
            received=str(path),
            remedy="wait for it, or use another file for --study (study=)",
        ) from None
    try:
        yield
    finally:
        # Removed while it is held, so that nobody else can hold the removed file. Windows keeps the file.
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
            remedy="earlier trials are unchanged; free some disk space, or repair the file",
        ) from error
