"""The programs of some declarations, traced again wherever one's own may by now say something else."""

from collections.abc import Callable, Iterable

from pellucid.declarations import Declaration
from pellucid.passes.compiled.expression import Untraceable
from pellucid.passes.compiled.program import Program
from pellucid.random import draws_undone

__all__ = ["Retraced"]

# A formula that draws from a generator of its own may come out alike by chance: one of two, seven times.
_ALIKE = 8
# Each change costs machine code of its own: from here on the reference takes less time.
_MOST_CHANGES = 8


class Retraced:
    """The programs of some declarations, as they are now.

    What comes with Pellucid always says the same, and is traced once. A declaration of one's own is plain
    Python, which may read a global variable or an attribute that changes, or draw random numbers; machine
    code would go on with what was there when it was traced.

    Parameters
    ----------
    declarations : iterable of Declaration
        What the programs are made of.
    write : callable
        Traces the declarations and returns the programs.

    Attributes
    ----------
    programs : list of Program

    Raises
    ------
    Untraceable
        If a declaration cannot be compiled, or says something else each time.
    """

    def __init__(self, declarations: Iterable[Declaration], write: Callable[[], list[Program]]) -> None:
        self._own = list(dict.fromkeys(each for each in declarations if not each.built_in))
        self._write, self._changes = write, 0
        self.programs = self._settled() if self._own else write()

    def changed(self) -> bool:
        """Trace declarations of one's own again, and tell whether their programs are others now.

        Raises
        ------
        Untraceable
            As above, or if they have changed too often for machine code to pay.
        """
        if not self._own or _text(self._traced()) == _text(self.programs):
            return False
        self._changes += 1
        if self._changes > _MOST_CHANGES:
            raise Untraceable(f"{self._names}, whose formula changes again and again")
        self.programs = self._settled()
        return True

    @property
    def _names(self) -> str:
        return " or ".join(each.name for each in self._own)

    def _settled(self) -> list[Program]:
        """Trace several times, which must come out alike."""
        programs = self._traced()
        for _ in range(1, _ALIKE):
            if _text(self._traced()) != _text(programs):
                raise Untraceable(f"{self._names}, whose formula is another each time it is asked")
        return programs

    def _traced(self) -> list[Program]:
        programs, drew = draws_undone(self._write)
        if drew:
            raise Untraceable(f"{self._names}, which draws random numbers")
        return programs


def _text(programs: Iterable[Program]) -> list[str]:
    return [program.fingerprint() for program in programs]
