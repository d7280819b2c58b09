"""Batches: images through one hidden layer and two, and a deep narrow network with Adam."""

from collections.abc import Sequence

from benchmarks.contest import Entry, compete
from benchmarks.figures import Figure, Unit
from benchmarks.scale import Scale
from benchmarks.work import Work

__all__ = ["measure", "measure_deep"]

_PEERS = {"Pellucid": "own", "JAX": "jax_peer", "PyTorch": "torch_peer", "scikit-learn": "sklearn_peer"}


def _contest(subject: str, work: Work, scale: Scale, unit: Unit, peers: Sequence[str]) -> list[Figure]:
    entries = [Entry(name, f"benchmarks.peers.{_PEERS[name]}:Training", (work,)) for name in peers]
    return compete(subject, work.title, entries, runs=scale.runs, unit=unit, flops=work.flops)


def measure(scale: Scale) -> list[Figure]:
    """Time an epoch of MNIST in batches of 128."""
    examples = scale.examples(60_000, least=1280)
    unit = Unit("s an epoch", 60_000)  # of all 60,000, whatever part of them is gone through
    return [
        figure
        for sizes in ((784, 128, 10), (784, 512, 512, 10))
        for figure in _contest("batches", Work(sizes, examples, batch_size=128), scale, unit, list(_PEERS))
    ]


def measure_deep(scale: Scale) -> list[Figure]:
    """Time 28 inputs, five layers of 300 tanh and one sigmoid, in batches of 100 with Adam."""
    work = Work(
        (28, *[300] * 5, 1), scale.examples(30_000, least=1000), "normal", 100, "tanh", "adam", rate=0.001
    )
    unit = Unit("examples/s", inverted=True)
    return _contest("deep", work, scale, unit, ["Pellucid", "JAX", "PyTorch"])
