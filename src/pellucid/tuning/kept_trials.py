"""The trials that a study keeps in its file, read again and held against what a search writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pellucid.described import anything, fields, mapping_of, number, number_from, or_none, text, whole
from pellucid.errors import FormatError, PellucidError
from pellucid.tuning.space import Space

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

__all__ = ["damage_refused", "kept_trials"]

# What a search notes of a trial beside what Optuna keeps of it.
_NOTED = fields(
    {"parameters": mapping_of(anything)},
    {
        "value": or_none(number_from(finite=False)),
        "epochs": whole(),
        "seconds": number_from(least=0),
        "stopped": or_none(text),
        "reason": text,
    },
)
_NOTED_AT_ITS_END = fields(
    {"parameters": anything, "value": number, "epochs": whole(), "seconds": anything, "stopped": anything}
)


def kept_trials(kept: "optuna.Study", space: Space) -> "list[FrozenTrial]":
    """Read the trials that have ended, in the order in which they did.

    Parameters
    ----------
    kept : optuna.Study
    space : Space
        What is searched; the parameters of every trial must be a candidate of it.

    Returns
    -------
    list of optuna.trial.FrozenTrial

    Raises
    ------
    ValueError
        If a trial is not what a search writes: it would end in the middle, or believe what it never saw.
    """
    ended = [trial for trial in kept.get_trials(deepcopy=False) if trial.state.is_finished()]
    for trial in ended:
        _check(trial, space)
    return ended


@contextmanager
def damage_refused() -> Iterator[None]:
    """Turn whatever is raised while a study is read into one error: Optuna trusts what its file holds.

    Raises
    ------
    FormatError
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (PellucidError, SQLAlchemyError, sqlite3.Error, OSError):
        raise  # said by whoever opens the file
    except Exception as error:
        raise FormatError(
            "the study is damaged",
            expected="what pellucid tune wrote",
            received=f"{type(error).__name__}: {error}".partition("\n")[0],
            remedy="go on with a copy from before, or begin another study with --study (study=)",
        ) from error


def _check(trial: "FrozenTrial", space: Space) -> None:
    from optuna.trial import FixedTrial

    where, noted = f"trial {trial.number}", dict(trial.user_attrs)
    _NOTED(noted, where)
    if trial.state.name == "COMPLETE":
        _NOTED_AT_ITS_END(noted, where)
        number(trial.value, f"{where}.value")
    for epoch, figure in trial.intermediate_values.items():
        whole()(epoch, f"an epoch of {where}")
        number_from(finite=False)(figure, f"{where}, epoch {epoch}")
    replayed: Any = FixedTrial(trial.params, trial.number)
    options = space.suggest(replayed)
    if {name: value for name, value in options.items() if name not in space.fixed} != noted["parameters"]:
        raise ValueError(f"{where}.parameters are not those that were chosen")
