"""Batches: images through one hidden layer and two, layers without zeros, a deep narrow network with Adam."""

from collections.abc import Sequence

from benchmarks.contest import Entry, compete
from benchmarks.figures import Figure, Unit
from benchmarks.scale import Scale
from benchmarks.work import Work

__all__ = ["measure", "measure_deep", "measure_dense"]

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


def measure_dense(scale: Scale) -> list[Figure]:
    """Time whole updates in which nothing is 0, on one core and on all: how near they come to the peak."""
    figures = []
    for sizes in ((512, 512, 512, 10), (1024, 1024, 1024, 10), (2000, 2000, 2000, 10)):
        # At a rate that lets none of them diverge; with tanh, for the reason that `growth` gives.
        work = Work(sizes, scale.examples(6_400, least=1280), "normal", 128, "tanh", rate=0.5 / sum(sizes))
        entries = [
            Entry("Pellucid", "benchmarks.peers.own:Training", (work,)),
            Entry("PyTorch", "benchmarks.peers.torch_peer:Training", (work,)),
            Entry("Pellucid, one core", "benchmarks.peers.own:Training", (work,), cores=1),
            Entry("PyTorch, one core", "benchmarks.peers.torch_peer:Training", (work,), cores=1),
        ]
        unit = Unit("µs an example", 1e6)
        figures += compete("dense", work.title, entries, runs=scale.runs, unit=unit, flops=work.flops)
    return figures
