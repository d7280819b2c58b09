"""The model that training results in."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from pellucid.evaluation import Diagnosis, History, diagnose, gather_evidence, measure_baselines
from pellucid.model import Model
from pellucid.network import Network
from pellucid.training.blas import one_blas_thread

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["model_of"]


def model_of(trainer: "Trainer", *, diagnose: bool = True) -> Model:
    """Return a model of a trainer's network so far; see `Trainer.model`."""
    goes_on = trainer.stopped is None and trainer.history.n_epochs < trainer.config.epochs
    stopped = "interrupted" if goes_on else trainer.stopped
    # Weights, figures and epoch belong together: while training goes on, those that were measured last.
    network, kept_epoch = trainer.good, trainer.good_epoch
    if trainer.is_ending:
        network, kept_epoch = trainer.shown, trainer.kept_epoch
    network, settings = network.copy(), trainer.config.to_dict()
    if trainer.restarts:
        settings["diverged_at"] = [restart.learning_rate for restart in trainer.restarts]
    with one_blas_thread():
        diagnosis = _diagnosis(trainer, network, kept_epoch, stopped) if diagnose else None
    return Model(
        network=network,
        cost=trainer.head.cost,
        inputs=trainer.data.inputs,
        target=trainer.data.target,
        history=History(trainer.history.rows),
        diagnosis=diagnosis,
        settings=settings | trainer.asked | settings,  # a callback cannot override these
        provenance=trainer.data.provenance,
        stopped=stopped,
        # If no weight has changed, no epoch's weights are kept.
        kept_epoch=0 if network == trainer.initial else kept_epoch,
    )


def _diagnosis(
    trainer: "Trainer", network: Network, kept_epoch: int, stopped: str | None
) -> Diagnosis | None:
    """Return whether the network over- or underfits, and why; None if too little was measured."""
    if not {"train", "test"} <= set(trainer.measures):
        return None
    measured = trainer.history.measured
    costs = measured["train_cost"]
    # The epochs up to the weights that are kept; all epochs if none improved on the start.
    if not (kept_epoch == 0 and max(costs) == costs[0]):
        measured = History([row for row in measured if row["epoch"] <= kept_epoch])
    evidence = gather_evidence(
        measured,
        trainer.measures["train"],
        trainer.measures["test"],
        network=network,
        data=trainer.data,
        head=trainer.head,
        baselines=measure_baselines(trainer.data.train, trainer.data.target),
        begin=trainer.initial,
        stopped=stopped,
        learning_rate=math.nan if trainer.config.optimizer.searches else trainer.config.rate,
        epochs_run=trainer.history.n_epochs,
        least=trainer.measuring.least,
        has_restarted=bool(trainer.restarts),
    )
    return _with_restarts(diagnose(evidence), trainer)


def _with_restarts(diagnosis: Diagnosis, trainer: "Trainer") -> Diagnosis:
    """Add what happened before the run that is diagnosed, and how to do without it."""
    if not trainer.restarts:
        return diagnosis
    advice, rate = diagnosis.advice, f"{trainer.config.rate:g}"
    if trainer.stopped != "diverged":
        advice = [
            *advice,
            f"--learning-rate {rate} (learning_rate={rate}) for the same run without a restart",
        ]
    return replace(diagnosis, reasons=[*diagnosis.reasons, *map(str, trainer.restarts)], advice=advice)
