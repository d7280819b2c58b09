"""The learning rates of many updates at once."""

from contextlib import suppress
from typing import Any

import numpy as np

from pellucid.network import Floats
from pellucid.passes.engines import is_compiled
from pellucid.passes.untraceable import Untraceable
from pellucid.training.schedule import Schedule, ScheduleStep

__all__ = ["rates_of"]


def rates_of(
    schedule: Schedule, learning_rate: float, updates: range, n_steps: int | None, per_epoch: int
) -> Floats:
    """Return the learning rate of each of some updates, whose numbers are counted from 0.

    Examples
    --------
    >>> from pellucid.training.schedules import schedules
    >>> rates_of(schedules.get("linear"), 1.0, range(2, 4), n_steps=4, per_epoch=2)
    array([0.5 , 0.25])
    """

    def formula(step: Any, rate: Any = learning_rate, end: Any = n_steps, epoch: Any = per_epoch) -> Any:
        return schedule.rate(rate, ScheduleStep(step, end, epoch))

    if is_compiled():
        numbers = {"rate": learning_rate, "epoch": per_epoch} | ({} if n_steps is None else {"end": n_steps})
        steps = np.arange(updates.start, updates.stop, dtype=np.float64)
        # A schedule with an if is evaluated update by update, as is any schedule without a compiler.
        with suppress(Untraceable, ImportError, OSError):
            from pellucid.passes.compiled.machine import this_machine
            from pellucid.passes.compiled.running.elementwise import evaluate

            return evaluate(formula, steps, numbers, this_machine(), [schedule], ("rates", schedule))
    return np.array([float(formula(update)) for update in updates])
