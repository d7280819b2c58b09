"""Many small networks: sixteen learning rates on the digits, one after the other and side by side."""

from benchmarks.contest import Entry, compete
from benchmarks.figures import SECONDS, Figure
from benchmarks.scale import Scale

__all__ = ["measure"]


def measure(scale: Scale) -> list[Figure]:
    """Train one network for each rate, on as many cores at a time as there are."""
    epochs = 5 if scale.share == 1 else 2
    peers = "benchmarks.peers."
    entries = [
        Entry("Pellucid, one after the other", peers + "own_many:InTurn", (epochs,)),
        Entry("Pellucid, threads", peers + "own_many:InThreads", (epochs,)),
        Entry("Pellucid, processes", peers + "own_many:InProcesses", (epochs,)),
        Entry("JAX, one vmap", peers + "jax_many:Vmapped", (epochs,)),
        Entry("scikit-learn, one after the other", peers + "sklearn_many:Fitted", (epochs, 1)),
        Entry("scikit-learn, processes", peers + "sklearn_many:Fitted", (epochs, -1)),
    ]
    work = f"digits, 64-64-10, one example at a time, 16 rates, {epochs} epochs"
    return compete("many", work, entries, runs=scale.runs, unit=SECONDS)
