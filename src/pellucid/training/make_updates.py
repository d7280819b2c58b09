"""What makes a run's updates: machine code, or the reference where it is asked for or must."""

from pellucid.evaluation import Judge
from pellucid.network import Network
from pellucid.passes.engines import falls_back, is_compiled
from pellucid.passes.flags import Flags
from pellucid.passes.untraceable import Untraceable
from pellucid.training.settings import Settings
from pellucid.training.updates import Updates

__all__ = ["make_updates"]


def make_updates(
    network: Network,
    judge: Judge,
    settings: Settings,
    flags: Flags | None = None,
    *,
    batch: int,
    careful: bool = False,
    watched: bool = False,
) -> Updates:
    """Choose what makes a run's updates.

    Parameters
    ----------
    network, judge, settings, flags, careful
        As for `Updates`.
    batch : int
        How many examples an update will learn from.
    watched : bool
        Whether what each update saw may be asked for.
    """
    if is_compiled() and not settings.optimizer.searches:
        try:
            # LLVM takes a while to come, and where it cannot come the reference is there.
            from pellucid.training.compiled_updates import CompiledUpdates

            return CompiledUpdates(
                network, judge, settings, flags, batch=batch, careful=careful, watched=watched
            )
        except Untraceable as error:
            falls_back(f"no machine code can be made of {error}")
        except (ImportError, OSError) as error:
            falls_back(f"the compiler cannot be loaded: {error}")
    return Updates(network, judge, settings, flags, careful=careful)
