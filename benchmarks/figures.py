"""What was measured: runs, medians, ratios."""

import math
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

__all__ = ["SECONDS", "Figure", "Unit", "ratio"]


@dataclass(frozen=True)
class Unit:
    """How a run's number is shown.

    Parameters
    ----------
    name : str
    factor : float
        How many of it a 1 is: a million for seconds shown as microseconds, 60,000 for the seconds of
        an example shown as an epoch of MNIST.
    inverted : bool
        Whether it is shown as so many a second.

    Examples
    --------
    >>> Unit("µs", 1e6).show(2.5e-6), Unit("examples/s", inverted=True).show(2e-5)
    ('2.50', '50,000')
    """

    name: str
    factor: float = 1.0
    inverted: bool = False

    def show(self, value: float) -> str:
        """Write a number in this unit, to three figures."""
        if math.isinf(value):
            return "never"
        shown = self.factor / value if self.inverted else self.factor * value
        decimals = max(0, 2 - math.floor(math.log10(abs(shown)))) if 0 < abs(shown) < 1000 else 0
        return f"{shown:,.{decimals}f}"


SECONDS = Unit("s")


@dataclass
class Figure:
    """What one contestant needed for one piece of work.

    Parameters
    ----------
    subject, work, contestant : str
    unit : Unit
    runs : list of float
        Each run's number, in the order in which they ran: seconds, or bytes; less is better.
    flops : float or None
        The floating-point operations that a run's number is the time of.
    disagreement : float or None
        How far its numbers were from the reference's; None where they were not compared.
    out : str or None
        Why it has no figure.
    details : dict
        What should be known beside, ready for JSON.
    """

    subject: str
    work: str
    contestant: str
    unit: Unit = SECONDS
    runs: list[float] = field(default_factory=list)
    flops: float | None = None
    disagreement: float | None = None
    out: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether there is a figure."""
        return bool(self.runs) and self.out is None

    @property
    def median(self) -> float:
        """The median of the runs."""
        return median(self.runs)

    @property
    def gigaflops(self) -> float | None:
        """Billions of floating-point operations a second, every one counted, those with a zero too."""
        return None if self.flops is None or not self.counts else self.flops / self.median / 1e9

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values for JSON, which knows no infinity: None is a run that never came."""
        plain = asdict(self)
        plain["runs"] = [run if math.isfinite(run) else None for run in self.runs]
        plain["median"] = self.median if self.counts and math.isfinite(self.median) else None
        return plain


def ratio(figure: Figure, first: Figure) -> float | None:
    """Give how many times as long one took as another: the median over the runs of each run's own ratio.

    Runs that stand beside each other met the same moment of the machine, so what slows both leaves
    their ratio as it is.

    Parameters
    ----------
    figure : Figure
    first : Figure
        What it is compared with.

    Returns
    -------
    float or None
        None where there is nothing to compare.

    Examples
    --------
    >>> ours, theirs = (Figure("", "", name, runs=runs) for name, runs in (("a", [1, 2]), ("b", [3, 6])))
    >>> ratio(theirs, ours)
    3.0
    """
    if not (figure.counts and first.counts):
        return None
    pairs = [
        theirs / ours for theirs, ours in zip(figure.runs, first.runs, strict=False) if math.isfinite(ours)
    ]
    return median(pairs) if pairs else None
