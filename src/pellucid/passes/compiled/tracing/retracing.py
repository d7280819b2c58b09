"""Programs that are traced again wherever a declaration of one's own may by now say something else."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pellucid.declarations import Declaration
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.untraceable import Untraceable
from pellucid.random import draws_undone

__all__ = ["Formula", "Retraced"]

# A formula that draws from a generator of its own may come out alike by chance: one of two, seven times.
_ALIKE = 8
# Each change costs machine code of its own: from here on the reference takes less time.
_MOST_CHANGES = 8


@dataclass(frozen=True)
class Formula:
    """A program that is still to be traced.

    Parameters
    ----------
    declared : sequence of Declaration
        What it is made of.
    write : callable
        Traces them, and returns the program.
    """

    declared: Sequence[Declaration]
    write: Callable[[], Program]

    @property
    def own(self) -> list[Declaration]:
        """What it is made of that does not come with Pellucid."""
        return [each for each in self.declared if not each.built_in]

    @property
    def owners(self) -> str:
        """Their names."""
        return " or ".join(dict.fromkeys(each.name for each in self.own))

    def trace(self) -> Program:
        """Trace it as it is now."""
        if not self.own:
            return self.write()
        program, drew = draws_undone(self.write)
        if drew:
            raise Untraceable(f"{self.owners}, which draws random numbers")
        return program

    def settled(self) -> Program:
        """Trace it several times if it is one's own, which must come out alike."""
        program = self.trace()
        if self.own:
            text = program.fingerprint()
            for _ in range(1, _ALIKE):
                if self.trace().fingerprint() != text:
                    raise Untraceable(f"{self.owners}, whose formula differs from call to call")
        return program


class Retraced:
    """Some programs, as their declarations say them now.

    What comes with Pellucid always says the same, and is traced once. A declaration of one's own is plain
    Python, which may read a global variable or an attribute that changes, or draw random numbers; machine
    code would go on with what was there when it was traced.

    Parameters
    ----------
    formulas : iterable of Formula

    Attributes
    ----------
    programs : list of Program

    Raises
    ------
    Untraceable
        If a declaration cannot be compiled, or says something else each time.
    """

    def __init__(self, formulas: Iterable[Formula]) -> None:
        formulas = list(formulas)
        self.programs = [formula.settled() for formula in formulas]
        self._own = [(place, formula) for place, formula in enumerate(formulas) if formula.own]
        self._changes = 0

    def changed(self) -> bool:
        """Trace what is one's own again, and tell whether the programs are others now.

        Raises
        ------
        Untraceable
            As above, or if they have changed too often for machine code to pay.
        """
        others = [
            (place, formula)
            for place, formula in self._own
            if formula.trace().fingerprint() != self.programs[place].fingerprint()
        ]
        for place, formula in others:
            self.programs[place] = formula.settled()
        self._changes += bool(others)
        if self._changes > _MOST_CHANGES:
            raise Untraceable(f"{others[0][1].owners}, whose formula changes again and again")
        return bool(others)
