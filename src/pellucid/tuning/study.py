"""The trials of a search, which are chosen by Optuna and stored in its format."""

import math
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pellucid.errors import ConfigurationError
from pellucid.random import stream
from pellucid.tuning.candidate import Failure, Outcome
from pellucid.tuning.kept_trials import damage_refused, kept_trials
from pellucid.tuning.space import Space

if TYPE_CHECKING:
    import optuna

__all__ = ["Study", "check_installed"]

# The failure reason of trials that are repeated because they were only interrupted.
INTERRUPTED = "interrupted"
_STATES = {"COMPLETE": "finished", "PRUNED": "pruned", "FAIL": "failed"}
# The number of random candidates at first, and of finished trials before any is pruned.
_AT_RANDOM = 10
_NEVER_PRUNED = 5
# The minimum number of trials for importances.
_FEWEST = 10
_IMPORTANCE_SEED = 0


def check_installed(*packages: str) -> None:
    """Check that packages are installed."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"tuning requires {' and '.join(missing)}, which must be installed first",
            remedy="pip install 'pellucid[tune]'",
        )


class Study:
    """The trials of a search, whose values depend on the seed and the number of each trial.

    Each trial is written to the storage `kept` at once when it ends. Running trials are in memory only,
    because a database access in every epoch would be slow. Trials that run side by side should avoid each
    other's values.
    """

    def __init__(
        self, kept: "optuna.Study", space: Space, *, seed: int, epochs: int, side_by_side: bool
    ) -> None:
        from optuna import create_study
        from optuna.pruners import MedianPruner

        self.kept, self.space, self.seed, self.side_by_side = kept, space, seed, side_by_side
        # The first quarter of the epochs depends too much on the schedule. Optuna counts steps from 0.
        pruner = MedianPruner(n_startup_trials=_NEVER_PRUNED, n_warmup_steps=1 + epochs // 4)
        with damage_refused():
            # Trials are numbered in the order in which they ended.
            self.ended = kept_trials(kept, space)
            self.study = create_study(direction=kept.direction, pruner=pruner)
            self.study.add_trials(self.ended)

    def ask(self) -> "tuple[optuna.Trial, dict[str, Any]]":
        """Start a trial; return it and the options of its candidate."""
        self.study.sampler = self._sampler(self.n_counted)
        trial = self.study.ask()
        options = self.space.suggest(trial)
        trial.set_user_attr("parameters", self.space.chosen(options))
        return trial, options

    def known(self, options: Mapping[str, Any]) -> Outcome | None:
        """Return the result of a candidate that was trained before; training it again gives the same."""
        chosen = self.space.chosen(options)
        for trial in self.ended:
            said: Mapping[str, Any] = trial.user_attrs
            if said.get("parameters") == chosen and "epochs" in said:
                return Outcome(said["value"], said["epochs"], 0.0, said["stopped"])
        return None

    def is_trained_by_another(self, options: Mapping[str, Any]) -> bool:
        """Return whether another running trial has the same candidate."""
        chosen, trials = self.space.chosen(options), self.study.get_trials(deepcopy=False)
        running = [trial.user_attrs.get("parameters") for trial in trials if not trial.state.is_finished()]
        return running.count(chosen) > 1

    @property
    def is_exhausted(self) -> bool:
        """Whether all candidates have been tried or are being trained."""
        if math.isinf(self.space.n_candidates):
            return False
        counted = [trial for trial in self.study.get_trials(deepcopy=False) if _counts(trial)]
        return len({repr(trial.user_attrs["parameters"]) for trial in counted}) >= self.space.n_candidates

    def _sampler(self, number: int) -> "optuna.samplers.BaseSampler":
        """Return the sampler of a trial, which chooses the same values when a search is resumed."""
        from optuna.samplers import TPESampler

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of these options are experimental
            return TPESampler(
                n_startup_trials=_AT_RANDOM,
                multivariate=True,
                constant_liar=self.side_by_side,
                warn_independent_sampling=False,
                seed=int(stream(self.seed, "search", number).integers(2**32)),
            )

    def go_on(self, trial: "optuna.Trial", epoch: int, figure: float) -> bool:
        """Record the metric of an epoch, and return whether to continue the trial."""
        trial.report(figure, epoch)
        return not trial.should_prune()

    def end(self, trial: "optuna.Trial", told: Outcome | Failure) -> dict[str, Any]:
        """End and store a trial; return its row."""
        from optuna.trial import TrialState

        if isinstance(told, Outcome):
            for name in ("value", "epochs", "seconds", "stopped"):
                trial.set_user_attr(name, getattr(told, name))
            if told.value is None:
                told = Failure("diverged in the first epoch")
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
        """The number of trials that are running or have ended, without interrupted ones."""
        return sum(map(_counts, self.study.get_trials(deepcopy=False)))

    @property
    def n_ended(self) -> int:
        """The number of trials that have ended, without interrupted ones."""
        return sum(row["state"] != INTERRUPTED for row in self.rows)

    @property
    def best(self) -> dict[str, Any] | None:
        """The row of the best finished trial, the first of equal ones."""
        finished = [row for row in self.rows if row["state"] == "finished"]
        choose: Callable[..., Any] = max if self.study.direction.name == "MAXIMIZE" else min
        return choose(finished, key=lambda row: row["value"]) if finished else None

    @property
    def importances(self) -> dict[str, float]:
        """The share of the variance between trials that each dimension explains, in descending order.

        Empty if too few trials have finished, or if all their values are equal.

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
