"""The search for the network and the training settings that are best on the validation set."""

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError, PellucidWarning, check_type
from pellucid.model import Model
from pellucid.number import check_number
from pellucid.training import Callback
from pellucid.tuning.candidate import Plan, check_options, usual_monitor
from pellucid.tuning.running import Running
from pellucid.tuning.sending import why_none_can_be_sent
from pellucid.tuning.space import Space
from pellucid.tuning.study import Study, check_installed
from pellucid.tuning.study_file import about_search, check_study_file, opened

__all__ = ["Search", "tune"]


@dataclass(repr=False)
class Search:
    """The results of a search.

    Parameters
    ----------
    plan : Plan
        How the candidates were trained.
    fixed : dict
        The training options of all candidates.
    rows : list of dict
        One per trial that has ended: number (from 0), state ("finished", "pruned", "failed" or
        "interrupted"), value, epochs, seconds, reason, parameters.
    best : dict or None
        The row of the best finished trial.
    importances : dict
        The share of the variance between trials that each dimension explains, in descending order; empty
        after an interruption.
    stopped : str or None
        Why the search ended before its last trial, if it did: "interrupted", "time", "exhausted" if all
        candidates were tried, or "failed" if the callback raised an error.
    """

    plan: Plan
    fixed: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, Any] | None = None
    importances: dict[str, float] = field(default_factory=dict)
    stopped: str | None = None

    @property
    def monitor(self) -> str:
        """The metric of the search."""
        return self.plan.monitor

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of trials in each state."""
        states = ("finished", "pruned", "failed", "interrupted")
        return {state: sum(row["state"] == state for row in self.rows) for state in states}

    @property
    def counts_in_words(self) -> str:
        """The number of trials in each state that there is."""
        return ", ".join(f"{n} {state}" for state, n in self.counts.items() if n) or "no trials"

    @property
    def best_options(self) -> dict[str, Any]:
        """All training options of the best candidate.

        Raises
        ------
        ConfigurationError
            If no trial has finished.
        """
        if self.best is None:
            raise ConfigurationError(
                "there is no best candidate, because no trial has finished",
                expected="a search with at least one finished trial",
                received=self.counts_in_words,
            )
        return {**self.fixed, **self.best["parameters"]}

    def best_model(self, *callbacks: Callback) -> Model:
        """Train the best candidate again, with identical results, and return the model of its best epoch."""
        return self.plan.model(self.best_options, *callbacks)

    def __repr__(self) -> str:
        best = f"; best {self.monitor} {self.best['value']:.4g}" if self.best else ""
        return f"<Search: {self.counts_in_words}{best}>"


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
    """Search for the training options that are best on the validation set.

    Optuna chooses candidates, and worker processes train them in parallel; a candidate that is worse than the
    median of the others at the same epoch is pruned. The test set is not used. A single worker is the current
    process, and the same seed gives the same search; this is also the case if candidates have a declaration
    from a notebook. With several workers, a script must call this below ``if __name__ == "__main__":``,
    because each worker imports the script again.

    Parameters
    ----------
    data : Dataset
        With a validation set.
    trials : int
        The total number, including trials that the study contains already.
    study : str or Path, optional
        The file of the trials, from which the search resumes if it exists; by default they are in memory.
    workers : int, optional
        The number of candidates that are trained in parallel, by default one per processor core.
    epochs : int
        The number of epochs of each candidate.
    max_seconds : float, optional
        The time limit of the search.
    monitor : str, optional
        The metric of the validation set: "validation_accuracy", "validation_auc" ... By default it is
        "validation_weighted_cost" with sample or class weights, else "validation_cost".
    patience : int, optional
        The number of epochs without improvement after which a candidate is stopped, by default never.
    fixed : mapping, optional
        Options that are not searched: arguments of `build_network`, settings and class_weight of `train`,
        and individually the parts of its regularisation (dropout, l2 ...) and clipping (clip_norm,
        clip_value).
    space : mapping, optional
        Dimensions with other values: ``{"dropout": "0..0.2", "optimizer": ["adam", "sgd"]}``.
    seed : int
        The random seed of the search and of every candidate.
    callback : callable, optional
        Called with the row of each trial that ends, and the number of trials that have ended so far, without
        interrupted ones. If it raises an error, the search stops, and all trials are kept.

    Returns
    -------
    Search

    Raises
    ------
    PellucidError
        If an option is invalid, the data have no validation set, or the study belongs to another search.

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
    check_type(data, Dataset, "the data", "a Dataset, as returned by load_data")
    check_type(callback, Callable | None, "the callback", "a function of the row of a trial and a number")
    trials = check_number(trials, "trials", whole=True, at_least=1)
    epochs = check_number(epochs, "epochs", whole=True, at_least=1)
    seed = check_number(seed, "seed", whole=True, at_least=0)
    asked = {} if space is None else space
    settled = _settled({} if fixed is None else fixed, asked, epochs=epochs, seed=seed)
    searched = Space.of(settled, asked)
    if monitor is None:
        monitor = usual_monitor(data, settled)
    plan = Plan(
        data,
        monitor,
        epochs if patience is None else check_number(patience, "patience", whole=True, at_least=1),
    )
    no_limit = max_seconds in (None, math.inf)
    seconds = math.inf if no_limit else check_number(max_seconds, "max_seconds", above=0)
    plan.check_comparable([plan.check(options) for options in searched.edges()])
    n_workers = check_number(_cores() if workers is None else workers, "workers", whole=True, at_least=1)
    n_workers = min(n_workers, trials)
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
        # Computing importances takes a while, so they are skipped after an interruption.
        importances = {} if running.stopped == "interrupted" else known.importances
        return Search(plan, settled, known.rows, known.best, importances, running.stopped)


def _settled(fixed: Mapping[str, Any], asked: Mapping[str, Any], **own: int) -> dict[str, Any]:
    """Return the options of all candidates.

    Options that are arguments of `tune` must be given there, and are fixed unless they are searched.
    """
    check_options(fixed)
    for name in own:
        if name in fixed:
            raise ConfigurationError(
                f"{name} cannot be a fixed option",
                expected=f"the argument {name}=...",
                received=f"{name} in fixed",
            )
    return {**fixed, **{name: value for name, value in own.items() if name not in asked}}


def _cores() -> int:
    """Return the number of processor cores that this process may use."""
    from joblib import cpu_count  # a slow import

    return int(cpu_count())
