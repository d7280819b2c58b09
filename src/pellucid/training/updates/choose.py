"""The choice of an engine: machine code, or the reference if it is chosen or nothing else works."""

from dataclasses import replace

import numpy as np

from pellucid.evaluation import OutputHead
from pellucid.network import Floats, Network
from pellucid.passes.engines import falls_back, is_compiled
from pellucid.passes.flags import Flags
from pellucid.passes.untraceable import Untraceable
from pellucid.training.config import TrainingConfig
from pellucid.training.optimizer import Optimizer, State
from pellucid.training.updates.reference import Updates

__all__ = ["ROWS", "make_updates"]

# The examples of a batch: few enough to be quick, so that training can stop between two batches.
ROWS = 2048


class GradientSum(Optimizer):
    """Adds up gradients, each times the rate of its update, without changing the weights."""

    name = "gradient_sum"
    formula = r"s := s + \alpha g"
    keeps = ("s",)

    def step(self, gradient: Floats, state: State, rate: float, t: int) -> tuple[Floats, State]:
        return np.zeros_like(gradient), {"s": state["s"] + rate * gradient}


def make_updates(
    network: Network,
    head: OutputHead,
    settings: TrainingConfig,
    flags: Flags | None = None,
    *,
    batch: int,
    watched: bool = False,
    **options: bool,
) -> Updates:
    """Return the engine for the updates of training, with a batch of so many examples.

    The trace of each update may be read if it is watched; the options are those of `Updates`. For a line
    search the updates only add up gradients, without changing the weights.
    """
    if settings.optimizer.searches:
        settings = replace(settings, optimizer=GradientSum(), batch_size=ROWS)
        batch, watched, options = min(batch, ROWS), False, options | {"losses": True}
    if is_compiled():
        try:
            # LLVM is slow to load; if it cannot be loaded, the reference is used.
            from pellucid.training.updates.compiled import CompiledUpdates

            return CompiledUpdates(network, head, settings, flags, batch=batch, watched=watched, **options)
        except Untraceable as error:
            falls_back(f"no machine code can be made of {error}")
        except (ImportError, OSError) as error:
            falls_back(f"the compiler cannot be loaded: {error}")
    return Updates(network, head, settings, flags, **options)
