"""Growth: the time of an epoch against the examples and against the weights, three decades each."""

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.contest import Entry, compete
from benchmarks.figures import SECONDS, Figure
from benchmarks.scale import Scale
from benchmarks.work import Work

__all__ = ["measure", "slope"]


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Give the exponent that a growth has: the slope of a straight line through its logarithms.

    Examples
    --------
    >>> round(slope([1, 10, 100], [3, 300, 30_000]), 6)
    2.0
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def measure(scale: Scale) -> list[Figure]:
    """Let Pellucid train on ever more examples, and with ever more weights."""
    least = max(scale.share, 0.02)
    by_examples = [Work((784, 128, 10), round(n * least)) for n in (600, 6_000, 60_000, 600_000)]
    widths = [_width(n) for n in (50_000, 500_000, 5_000_000, 50_000_000)]
    one = [_wide(width, scale.examples(100, least=20)) for width in widths]
    many = [_wide(width, 1280, batch_size=128) for width in widths]
    return [
        *_line("examples, one at a time", by_examples, [work.examples for work in by_examples], scale),
        *_line("weights, one at a time", one, [work.n_weights for work in one], scale),
        *_line("weights, batches of 128", many, [work.n_weights for work in many], scale),
    ]


def _width(weights: int) -> int:
    """Give the width of two hidden layers that lead to so many weights: w squared + 794 w."""
    return round(-397 + math.sqrt(397**2 + weights))


def _wide(width: int, examples: int, batch_size: int = 1) -> Work:
    """Give a network with two hidden layers, at a rate that lets none of them diverge.

    With tanh: of millions of ReLUs, some are so near their kink that rounding alone decides, and the check
    against the reference would speak of nothing else.
    """
    sizes = (784, width, width, 10)
    return Work(sizes, examples, "normal", batch_size, "tanh", rate=0.5 / (784 + 2 * width))


def _line(title: str, works: Sequence[Work], sizes: Sequence[int], scale: Scale) -> list[Figure]:
    entries = [
        Entry(f"{size:,}", "benchmarks.peers.own:Training", (work,))
        for size, work in zip(sizes, works, strict=True)
    ]
    figures = compete("growth", f"an epoch by {title}", entries, runs=scale.runs, unit=SECONDS)
    for figure, work, size in zip(figures, works, sizes, strict=True):
        figure.runs = [seconds * work.examples for seconds in figure.runs]
        figure.flops = work.flops * work.examples
        figure.details["size"] = size
    if all(figure.counts for figure in figures):
        exponent = slope(sizes, [figure.median for figure in figures])
        for figure in figures:
            figure.details["slope of the line"] = exponent
    return figures
