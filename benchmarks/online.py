"""One example at a time: on images, on numbers without zeros, in other shapes."""

from collections.abc import Iterable
from dataclasses import replace

from benchmarks.contest import Entry, compete
from benchmarks.figures import Figure, Unit
from benchmarks.scale import Scale
from benchmarks.work import Work

__all__ = ["measure", "measure_dense", "measure_shapes"]

_EXAMPLES = 60_000
_UNIT = Unit("µs an example", 1e6)


def _contest(subject: str, work: Work, scale: Scale) -> list[Figure]:
    peers = "benchmarks.peers."
    entries = [
        Entry("Pellucid", peers + "own:Training", (work,)),
        Entry("C, every input", peers + "c_peer:Training", (work, False)),
        Entry("C, zeros skipped", peers + "c_peer:Training", (work, True)),
        Entry("JAX", peers + "jax_peer:Training", (work,)),
        Entry("FANN", peers + "fann_peer:Training", (work,)),
        Entry("PyTorch", peers + "torch_peer:Training", (work,)),
        Entry("scikit-learn", peers + "sklearn_peer:Training", (work,)),
    ]
    return compete(subject, work.title, entries, runs=scale.runs, unit=_UNIT, flops=work.flops)


def measure(scale: Scale) -> list[Figure]:
    """Time 784-128-10 on MNIST, four fifths of whose pixels are zero."""
    return _contest("online", Work((784, 128, 10), scale.examples(_EXAMPLES)), scale)


def measure_dense(scale: Scale) -> list[Figure]:
    """Time the same on standard normal numbers."""
    return _contest("online-dense", Work((784, 128, 10), scale.examples(_EXAMPLES), "normal"), scale)


def _shapes(first: Work) -> Iterable[Work]:
    for sizes in ((784, 128, 10), (784, 30, 10), (784, 512, 10), (784, 128, 64, 10)):
        yield replace(first, sizes=sizes)
    for activation in ("tanh", "gelu", "sigmoid"):
        yield replace(first, activation=activation)


def measure_shapes(scale: Scale) -> list[Figure]:
    """Time Pellucid alone: nanoseconds a weight and example in other shapes, beside 784-128-10 with ReLU.

    Each weight costs the same in all of them if none falls off the fast way.
    """
    first = Work((784, 128, 10), scale.examples(_EXAMPLES // 3))
    entries = [
        Entry(f"{'-'.join(map(str, work.sizes))} {work.activation}", "benchmarks.peers.own:Training", (work,))
        for work in _shapes(first)
    ]
    unit = Unit("ns a weight and example", 1e9)
    figures = compete(
        "shapes", "one at a time, Pellucid in other shapes", entries, runs=scale.runs, unit=unit
    )
    for figure, work in zip(figures, _shapes(first), strict=True):
        figure.runs = [seconds / work.n_weights for seconds in figure.runs]
        figure.flops = work.flops / work.n_weights
    return figures
