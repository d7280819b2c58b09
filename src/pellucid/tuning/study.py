"""The trials of a search, which Optuna chooses and keeps; nothing else of Pellucid knows Optuna."""

import math
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pellucid.errors import ConfigurationError
from pellucid.random import stream
from pellucid.tuning.attempt import Failure
from pellucid.tuning.candidate import Outcome
from pellucid.tuning.kept_trials import damage_refused, kept_trials
from pellucid.tuning.space import Space

if TYPE_CHECKING:
    import optuna

__all__ = ["Study", "check_installed"]

# What a trial failed of that is no fault of its own, so that another takes its place.
INTERRUPTED = "interrupted"
_STATES = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "failed"}
# The first candidates are drawn at random, and so many are trained to the end before any is pruned.
_AT_RANDOM = 10
_NEVER_PRUNED = 5
# What mattered in fewer trials than this is chance.
_FEWEST = 10
_IMPORTANCE_SEED = 0


def check_installed(*packages: str) -> None:
    """Refuse a search without what it takes, before any time is spent on it.

    Raises
    ------
    ConfigurationError
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"tuning takes {' and '.join(missing)}, which this Python has not installed",
            remedy="pip install 'pellucid[tune]'",
        )


class Study:
    """The trials of a search.

    Parameters
    ----------
    kept : optuna.Study
        Where those that have ended are kept, each written in one go when it ends. While trials run, all that
        is asked of them is answered from memory: a database would be waited for at every epoch.
    space : Space
        What is searched.
    seed : int
        Of the search; each trial draws its values by this seed and by how many trials there are.
    epochs : int
        How many a trial has.
    side_by_side : bool
        Whether several trials run at once, each to keep away from what the others try.
    """

    def __init__(
        self, kept: "optuna.Study", space: Space, *, seed: int, epochs: int, side_by_side: bool
    ) -> None:
        from optuna import create_study
        from optuna.pruners import MedianPruner

        self.kept, self.space, self.seed, self.side_by_side = kept, space, seed, side_by_side
        # A quarter of its epochs says too little: schedules begin fast or slowly. Optuna counts from 0.
        pruner = MedianPruner(n_startup_trials=_NEVER_PRUNED, n_warmup_steps=1 + epochs // 4)
        with damage_refused():
            # In the order in which they ended, which is the one that they are numbered by.
            self.ended = kept_trials(kept, space)
            self.study = create_study(direction=kept.direction, pruner=pruner)
            self.study.add_trials(self.ended)

    def ask(self) -> "tuple[optuna.Trial, dict[str, Any]]":
        """Begin a trial; give it and its candidate's options."""
        self.study.sampler = self._sampler(self.n_counted)
        trial = self.study.ask()
        options = self.space.suggest(trial)
        trial.set_user_attr("parameters", self._chosen(options))
        return trial, options

    def _chosen(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in options.items() if name not in self.space.fixed}

    def known(self, options: Mapping[str, Any]) -> Outcome | None:
        """Give what a candidate came to that was trained before: to train it again would give the same."""
        chosen = self._chosen(options)
        for trial in self.ended:
            said: Mapping[str, Any] = trial.user_attrs
            if said.get("parameters") == chosen and "epochs" in said:
                return Outcome(said["value"], said["epochs"], 0.0, said["stopped"])
        return None

    def is_trained_by_another(self, options: Mapping[str, Any]) -> bool:
        """Tell whether the candidate of a trial that has begun is that of another one, which runs."""
        chosen, trials = self._chosen(options), self.study.get_trials(deepcopy=False)
        running = [trial.user_attrs.get("parameters") for trial in trials if not trial.state.is_finished()]
        return running.count(chosen) > 1

    @property
    def is_exhausted(self) -> bool:
        """Whether every candidate that there is has been tried, or is being."""
        if math.isinf(self.space.n_candidates):
            return False
        counted = [trial for trial in self.study.get_trials(deepcopy=False) if _counts(trial)]
        return len({repr(trial.user_attrs["parameters"]) for trial in counted}) >= self.space.n_candidates

    def _sampler(self, number: int) -> "optuna.samplers.BaseSampler":
        """Give what chooses the values of a trial: one that is asked again after a break chooses the same."""
        from optuna.samplers import TPESampler

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of these are called experimental
            return TPESampler(
                n_startup_trials=_AT_RANDOM,
                multivariate=True,
                constant_liar=self.side_by_side,
                warn_independent_sampling=False,
                seed=int(stream(self.seed, "search", number).integers(2**32)),
            )

    def go_on(self, trial: "optuna.Trial", epoch: int, figure: float) -> bool:
        """Note a figure of a trial, and say whether it is worth going on with."""
        trial.report(figure, epoch)
        return not trial.should_prune()

    def end(self, trial: "optuna.Trial", told: Outcome | Failure) -> dict[str, Any]:
        """End a trial and keep it; give its row."""
        from optuna.trial import TrialState

        if isinstance(told, Outcome):
            for name in ("value", "epochs", "seconds", "stopped"):
                trial.set_user_attr(name, getattr(told, name))
            if told.value is None:
                told = Failure("it diverged before its first epoch was over")
        if isinstance(told, Failure):
            trial.set_user_attr("reason", told.reason)
            frozen = self.study.tell(trial, state=TrialState.FAIL)
        elif told.stopped == "pruned":
            frozen = self.study.tell(trial, state=TrialState.PRUNED)
        else:
            frozen = self.study.tell(trial, told.value)
        self.kept.add_trial(frozen)
        self.ended.append(frozen)
        return self.rows[-1]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each trial that has ended."""
        return [_row(number, trial) for number, trial in enumerate(self.ended)]

    @property
    def n_counted(self) -> int:
        """How many trials count: those that run, and all that ended by themselves."""
        return sum(map(_counts, self.study.get_trials(deepcopy=False)))

    @property
    def n_ended(self) -> int:
        """How many of those that count have ended."""
        return sum(row["state"] != INTERRUPTED for row in self.rows)

    @property
    def best(self) -> dict[str, Any] | None:
        """The row of the best trial that was trained to its end; of equals the first."""
        finished = [row for row in self.rows if row["state"] == "finished"]
        choose: Callable[..., Any] = max if self.study.direction.name == "MAXIMIZE" else min
        return choose(finished, key=lambda row: row["value"]) if finished else None

    @property
    def importances(self) -> dict[str, float]:
        """How much of the differences between trials each dimension explains, the largest share first.

        Empty where too few trials have ended to tell, or all came to the same.

        References
        ----------
        Hutter, Hoos and Leyton-Brown 2014, https://proceedings.mlr.press/v32/hutter14.html
        """
        from optuna.importance import FanovaImportanceEvaluator, get_param_importances

        values = [row["value"] for row in self.rows if row["state"] == "finished"]
        if len(values) < _FEWEST or len(set(values)) == 1:
            return {}
        evaluator = FanovaImportanceEvaluator(seed=_IMPORTANCE_SEED)
        shares = get_param_importances(self.study, evaluator=evaluator)
        return {name: float(share) for name, share in shares.items()}


def _counts(trial: "optuna.trial.FrozenTrial") -> bool:
    return trial.user_attrs.get("reason") != INTERRUPTED


def _row(number: int, trial: "optuna.trial.FrozenTrial") -> dict[str, Any]:
    said: Mapping[str, Any] = trial.user_attrs
    interrupted = said.get("reason") == INTERRUPTED
    return {
        "number": number,
        "state": INTERRUPTED if interrupted else _STATES[trial.state.name],
        "value": said.get("value"),
        "epochs": said.get("epochs"),
        "seconds": said.get("seconds"),
        "reason": said.get("reason") or said.get("stopped"),
        "parameters": said.get("parameters", {}),
    }
