"""The choice of an engine: machine code, or the reference if it is chosen or nothing else works."""

from pellucid.evaluation import OutputHead
from pellucid.network import Network
from pellucid.passes.engines import falls_back, is_compiled
from pellucid.passes.flags import Flags
from pellucid.passes.untraceable import Untraceable
from pellucid.training.config import TrainingConfig
from pellucid.training.updates.gradient_sum import ROWS, as_sums
from pellucid.training.updates.reference import Updates

__all__ = ["make_updates"]


def make_updates(
    network: Network,
    head: OutputHead,
    settings: TrainingConfig,
    flags: Flags | None = None,
    *,
    batch: int,
    careful: bool = False,
    losses: bool = False,
    squared_norms: bool = False,
    watched: bool = False,
) -> Updates:
    """Return the engine for the updates of training.

    For a line search its updates only add up gradients, without changing the weights.

    Parameters
    ----------
    network, head, settings, flags, careful, losses, squared_norms
        As for `Updates`.
    batch : int
        The number of examples in an update.
    watched : bool
        Whether the trace of each update may be read.
    """
    if settings.optimizer.searches:
        settings, losses, watched = as_sums(settings), True, False
        batch = min(batch, ROWS)
    if is_compiled():
        try:
            # LLVM is slow to load; if it cannot be loaded, the reference is used.
            from pellucid.training.updates.compiled import CompiledUpdates

            return CompiledUpdates(
                *(network, head, settings, flags),
                batch=batch,
                careful=careful,
                losses=losses,
                squared_norms=squared_norms,
                watched=watched,
            )
        except Untraceable as error:
            falls_back(f"no machine code can be made of {error}")
        except (ImportError, OSError) as error:
            falls_back(f"the compiler cannot be loaded: {error}")
    return Updates(
        network, head, settings, flags, careful=careful, losses=losses, squared_norms=squared_norms
    )
