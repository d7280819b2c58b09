"""A search for the network and the settings that do best on the validation part."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError, PellucidWarning, check_type
from pellucid.model import Model
from pellucid.training import Callback
from pellucid.tuning.about import about_search
from pellucid.tuning.candidate import Plan, check_options, usual_monitor
from pellucid.tuning.running import Running
from pellucid.tuning.sending import why_none_can_be_sent
from pellucid.tuning.space import Space
from pellucid.tuning.study import Study, check_installed
from pellucid.tuning.study_file import check_study_file, opened

__all__ = ["Search", "tune"]


@dataclass(repr=False)
class Search:
    """What a search came to.

    Parameters
    ----------
    plan : Plan
        How every candidate was tried.
    fixed : dict
        The options of training that all of them had.
    rows : list of dict
        One for each trial that has ended: number (from 0), state ("finished", "pruned", "failed" or
        "interrupted"), value, epochs, seconds, reason, parameters.
    best : dict or None
        The row of the best that was trained to its end.
    importances : dict
        How much of the differences each dimension explains, the largest share first; of a search that
        was interrupted none.
    stopped : str or None
        Why the search ended before its last trial, if it did: "interrupted", "time", "exhausted" where every
        candidate was tried, or "failed" where the callback raised an error.
    """

    plan: Plan
    fixed: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, Any] | None = None
    importances: dict[str, float] = field(default_factory=dict)
    stopped: str | None = None

    @property
    def monitor(self) -> str:
        """The figure that counted."""
        return self.plan.monitor

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many trials ended in each state."""
        states = ("finished", "pruned", "failed", "interrupted")
        return {state: sum(row["state"] == state for row in self.rows) for state in states}

    @property
    def best_options(self) -> dict[str, Any]:
        """All options of training of the best candidate.

        Raises
        ------
        ConfigurationError
            If no candidate was trained to its end.
        """
        if self.best is None:
            raise ConfigurationError(
                "there is no best candidate, because none was trained to its end",
                expected="a search with at least one finished trial",
                received=", ".join(f"{n} {state}" for state, n in self.counts.items() if n) or "no trials",
            )
        return {**self.fixed, **self.best["parameters"]}

    def best_model(self, *callbacks: Callback) -> Model:
        """Train the best candidate again, to the same numbers, and keep its best epoch's weights."""
        return self.plan.model(self.best_options, *callbacks)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {state}" for state, n in self.counts.items() if n) or "no trials"
        best = f"; best {self.monitor} {self.best['value']:.4g}" if self.best else ""
        return f"<Search: {counts}{best}>"


def tune(
    data: Dataset,
    *,
    trials: int = 50,
    study: str | Path | None = None,
    workers: int | None = None,
    epochs: int = 20,
    max_seconds: float | None = None,
    monitor: str | None = None,
    patience: int | None = None,
    fixed: Mapping[str, Any] | None = None,
    space: Mapping[str, Any] | None = None,
    seed: int = 0,
    callback: Callable[[dict[str, Any], int], object] | None = None,
) -> Search:
    """Search the options of training for those that do best on the validation part.

    Optuna chooses candidates, and worker processes train them side by side; those that are worse than half of
    the others were at the same epoch are not trained to their end. The test part decides nothing. One worker
    is this process itself, and the same seed gives the same search; so it is where candidates have a
    declaration that was made in a notebook. With several, a script calls this below
    ``if __name__ == "__main__":``, for each worker reads the script again.

    Parameters
    ----------
    data : Dataset
        With a validation part.
    trials : int
        How many in all, those of an earlier search with the same study among them.
    study : str or Path, optional
        A file to keep the trials in, and to go on from if it is there; they are kept in memory unless said.
    workers : int, optional
        How many candidates are trained at once; as many as there are processor cores unless said.
    epochs : int
        How many each candidate is trained for.
    max_seconds : float, optional
        End the search after so long.
    monitor : str, optional
        The figure of the validation part that counts: "validation_accuracy", "validation_auc" ... By default
        it is "validation_weighted_cost" where rows or classes have weights, else "validation_cost".
    patience : int, optional
        After so many epochs without a better figure a candidate is left as it is; never unless said.
    fixed : mapping, optional
        Options that are not searched but held as they are: those of `build_network`, of `train` the settings
        and class_weight, and by themselves the parts of its regularisation (dropout, l2 ...) and of its
        clipping (clip_norm, clip_value).
    space : mapping, optional
        Dimensions with values of their own: ``{"dropout": "0..0.2", "optimizer": ["adam", "sgd"]}``.
    seed : int
        Of the search, and of every candidate's training.
    callback : callable, optional
        Is called with the row of each trial that ends, and how many have ended so far, those that were
        interrupted not counted. One that raises an error ends the search, with all trials kept.

    Returns
    -------
    Search

    Raises
    ------
    PellucidError
        If a setting cannot be used, the data have no validation part, or the study is another search's.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> data = load_data("digits", validation_size=0.2)
    >>> found = tune(data, trials=2, workers=1, epochs=2, fixed={"layers": [8]})
    >>> found.counts["finished"], found.best_model().figures["validation_cost"] == found.best["value"]
    (2, True)

    References
    ----------
    Akiba et al. 2019, https://doi.org/10.1145/3292500.3330701
    """
    check_installed("optuna", "filelock")
    check_type(data, Dataset, "the data", "a Dataset, as load_data gives it")
    check_type(callback, Callable | None, "the callback", "a function of a trial's row and a number")
    trials, epochs, seed = _whole("trials", trials), _whole("epochs", epochs), _whole("seed", seed, least=0)
    asked = {} if space is None else space
    settled = _settled({} if fixed is None else fixed, asked, epochs=epochs, seed=seed)
    searched = Space.of(settled, asked)
    if monitor is None:
        monitor = usual_monitor(data, settled)
    plan = Plan(data, monitor, epochs if patience is None else _whole("patience", patience))
    seconds = _limit(max_seconds)
    plan.check_comparable([plan.check(options) for options in searched.edges()])
    n_workers = min(_whole("workers", _cores() if workers is None else workers), trials)
    if n_workers > 1 and (reason := why_none_can_be_sent(searched)):
        message = f"{reason}, so candidates are trained in this process, one at a time"
        warnings.warn(message, PellucidWarning, stacklevel=2)
        n_workers = 1
    path = None if study is None else check_study_file(study)
    about = about_search(plan, searched)
    with opened(path, about, maximise=plan.more_is_better) as kept:
        known = Study(kept, searched, seed=seed, epochs=epochs, side_by_side=n_workers > 1)
        running = Running(plan, known, trials, n_workers, seconds, callback)
        running.go()
        # Who interrupts wants to be done, and what tells the importances takes a while to be loaded.
        importances = {} if running.stopped == "interrupted" else known.importances
        return Search(plan, settled, known.rows, known.best, importances, running.stopped)


def _settled(fixed: Mapping[str, Any], asked: Mapping[str, Any], **own: int) -> dict[str, Any]:
    """Give all options that every candidate has.

    Those with an argument of their own are said there, and have it where they are not searched.
    """
    check_options(fixed)
    for name in own:
        if name in fixed:
            raise ConfigurationError(
                f"{name} is an argument of its own",
                expected=f"{name}=...",
                received=f"{name} among the fixed",
            )
    return {**fixed, **{name: value for name, value in own.items() if name not in asked}}


def _cores() -> int:
    """Give the processor cores that this process may use."""
    from joblib import cpu_count  # its own start-up cost

    return int(cpu_count())


def _whole(name: str, value: Any, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ConfigurationError(
            f"{name} cannot be {value!r}",
            expected=f"a whole number, {least} or more",
            received=repr(value),
        )
    return int(value)


def _limit(seconds: float | None) -> float:
    if seconds is None:
        return float("inf")
    if isinstance(seconds, bool) or not isinstance(seconds, Real) or not seconds > 0:
        raise ConfigurationError(
            f"a search cannot last {seconds!r} seconds", expected="a number above 0", received=repr(seconds)
        )
    return float(seconds)
