"""How much is measured: all of it, what three minutes hold, or just enough to see that it works."""

from dataclasses import dataclass

__all__ = ["FULL", "QUICK", "TINY", "Scale"]


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Parameters
    ----------
    name : str
    runs : int
        How many turns each contestant has.
    share : float
        How many of the examples of the full measurement are gone through.
    seeds : int
        How many times MNIST is learned to the goal.
    subset : bool
        Whether subjects leave out what they can do without.
    """

    name: str
    runs: int
    share: float
    seeds: int
    subset: bool = True

    def examples(self, full: int, least: int = 1) -> int:
        """Give how many examples stand for so many of the full measurement."""
        return max(round(full * self.share), least)


FULL = Scale("full", runs=7, share=1.0, seeds=10, subset=False)
QUICK = Scale("quick", runs=3, share=0.1, seeds=1)
TINY = Scale("tiny", runs=2, share=0.01, seeds=1, subset=False)
