"""The figures of an epoch, as a row of the history."""

import math
from typing import TYPE_CHECKING

import numpy as np

from pellucid.training.schedule import ScheduleStep

if TYPE_CHECKING:
    from pellucid.training.trainer import Trainer

__all__ = ["figures_of", "row_of"]


def row_of(trainer: "Trainer", epoch: int) -> dict[str, float]:
    """Return all that the history keeps of the epoch that has just ended."""
    figures = figures_of(trainer, epoch)
    if trainer.tracks_loss:
        figures["loss"] = _mean_loss(trainer) if epoch else math.nan
    rate = _rate_in_the_middle_of(trainer, epoch) if epoch else 0.0
    if not math.isnan(trainer.own_rate):
        rate = trainer.own_rate
    return {"epoch": epoch, **figures, "learning_rate": rate, "seconds": trainer.seconds}


def figures_of(trainer: "Trainer", epoch: int) -> dict[str, float]:
    """Return the figures measured after an epoch, nan if nothing was measured."""
    if trainer.measures and epoch == trainer.good_epoch:
        rule = trainer.updates.rule
        penalty = rule.penalty(trainer.shown) if rule.is_penalised else None
        return trainer.measuring.figures(trainer.measures, trainer.shown, penalty)
    return dict.fromkeys((name for name in trainer.history.columns[1:-2] if name != "loss"), math.nan)


def _mean_loss(trainer: "Trainer") -> float:
    """Return the mean loss of the examples of the epoch, weighted as they are learned from."""
    rows = trainer.order[: trainer.position * trainer.batch_size]
    losses, weights = trainer.epoch_losses[: len(rows)].astype(np.float64), trainer.data.train.weights
    return float((losses if weights is None else losses * weights[rows]).sum()) / max(len(rows), 1)


def _rate_in_the_middle_of(trainer: "Trainer", epoch: int) -> float:
    config = trainer.config
    if config.optimizer.searches:
        return 1.0  # each step is as long as the line search finds it
    at = ScheduleStep((epoch - 0.5) * trainer.n_updates, trainer.n_steps, trainer.n_updates)
    # A plain number: one of NumPy would carry its own precision into every step.
    return float(config.schedule.rate(config.rate, at) * trainer.multiplier)
