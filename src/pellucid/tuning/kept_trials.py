"""Reading and validating the trials of a study file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pellucid.described import anything, fields, mapping_of, number, number_from, or_none, text, whole
from pellucid.errors import FormatError, PellucidError
from pellucid.tuning.space import Space

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

__all__ = ["damage_refused", "kept_trials"]

# The attributes that a search adds to Optuna's trials.
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
    """Return the trials that have ended, in this order.

    An invalid trial raises a ValueError, since the search would fail later, or use wrong values.
    """
    ended = [trial for trial in kept.get_trials(deepcopy=False) if trial.state.is_finished()]
    for trial in ended:
        _check(trial, space)
    return ended


@contextmanager
def damage_refused() -> Iterator[None]:
    """Convert any exception from reading a study to one error, since Optuna does not validate its files."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (PellucidError, SQLAlchemyError, sqlite3.Error, OSError):
        raise  # handled by the caller
    except Exception as error:
        raise FormatError(
            "the study is damaged",
            expected="a study written by pellucid tune",
            received=f"{type(error).__name__}: {error}".partition("\n")[0],
            remedy="restore a backup, or use another file for --study (study=)",
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
    options = space.suggest(FixedTrial(trial.params, trial.number))
    if space.chosen(options) != noted["parameters"]:
        raise ValueError(f"{where}.parameters do not match the trial")
