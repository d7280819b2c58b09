"""Inputs that are 0: up to which share of others it pays off to list those and skip the rest."""

from collections.abc import Sequence

import numpy as np

from benchmarks.contest import Entry, compete
from benchmarks.figures import Figure, Unit
from benchmarks.scale import Scale
from benchmarks.work import Work

__all__ = ["crossing", "measure"]

_SHARES = (0.1, 0.2, 0.3, 0.4, 0.6, 0.8)


def crossing(shares: Sequence[float], listed: Sequence[float], every: Sequence[float]) -> float:
    """Give the share at which lists take as long as every input: 0 where they never pay off, 1 where always.

    Between two shares the ratio of the times is taken for a straight line.

    Examples
    --------
    >>> crossing([0.2, 0.4, 0.6], [1.0, 3.0, 5.0], [4.0, 4.0, 4.0])
    0.5
    >>> crossing([0.2, 0.4], [5.0, 6.0], [4.0, 4.0])
    0.0
    """
    ratios = [first / second for first, second in zip(listed, every, strict=True)]
    for place, ratio in enumerate(ratios):
        if ratio >= 1:
            here = slice(place - 1, place + 1)
            return float(np.interp(1.0, ratios[here], shares[here])) if place else 0.0
    return 1.0


def measure(scale: Scale) -> list[Figure]:
    """Train and predict with 784-128-10 on inputs of which more and more are not 0, in both ways."""
    figures = []
    for kind, contestant, examples, batch_size in (
        ("one at a time", "ListedTraining", scale.examples(6_000, least=600), 1),
        ("batches of 128", "ListedTraining", scale.examples(12_800, least=1280), 128),
        ("prediction of one row", "ListedPredictionOfOne", 20, 1),
        ("prediction of 32 rows", "ListedPrediction", 32, 1),
        ("prediction of many rows", "ListedPrediction", scale.examples(12_800, least=1280), 1),
    ):
        works = [
            Work((784, 128, 10), examples, "normal", batch_size, rate=0.001, nonzero=share)
            for share in _SHARES
        ]
        entries = [
            Entry(f"{share:.0%} not 0, {name}", f"benchmarks.peers.own:{contestant}", (work, listed))
            for share, work in zip(_SHARES, works, strict=True)
            for name, listed in (("every input", False), ("listed", True))
        ]
        unit = Unit("µs an example", 1e6)
        found = compete("zeros", kind, entries, runs=scale.runs, unit=unit, flops=works[0].flops)
        if all(figure.counts for figure in found):
            every, listed_ones = ([figure.median for figure in found[first::2]] for first in (0, 1))
            pays = crossing(_SHARES, listed_ones, every)
            for figure in found:
                figure.work = f"{kind}: lists pay off up to {pays:.0%} of inputs that are not 0"
        figures += found
    return figures
