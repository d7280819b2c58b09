"""Programs that are traced again where a user's declaration may have changed."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from pellucid.declarations import Declaration
from pellucid.passes.compiled.tracing.program import Program
from pellucid.passes.untraceable import Untraceable
from pellucid.random import draws_undone

__all__ = ["Formula", "Retraced"]

# A user's formula is traced so often, and must come out the same each time: one that draws random numbers
# from a generator of its own may do so by chance.
_ALIKE = 8
# Each change is compiled anew: after so many, the reference takes less time.
_MOST_CHANGES = 8

# So many programs are remembered: many small networks are often trained in turn.
_MOST_KNOWN = 512
_known: dict[Hashable, Program] = {}


@dataclass(frozen=True)
class Formula:
    """A program that is still to be traced.

    Parameters
    ----------
    declared : sequence of Declaration
        The declarations that it is traced from.
    write : callable
        Traces them, and returns the program.
    key : hashable, optional
        Says, together with Pellucid's own sources, which program that is: it is traced once for each key,
        unless it is made of a user's declaration.
    """

    declared: Sequence[Declaration]
    write: Callable[[], Program]
    key: Hashable = None

    @property
    def own(self) -> list[Declaration]:
        """Those that a user has declared."""
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
        """Trace it, several times if a user has declared it: it must come out the same."""
        if not self.own and self.key is not None:
            return _remembered(self)
        program = self.trace()
        if self.own:
            text = program.fingerprint
            for _ in range(1, _ALIKE):
                if self.trace().fingerprint != text:
                    raise Untraceable(f"{self.owners}, whose formula differs from call to call")
        return program


def _remembered(formula: Formula) -> Program:
    """Return the program of a formula from memory, where it was traced before."""
    program = _known.pop(formula.key, None) or formula.trace()
    _known[formula.key] = program  # the one used last comes last
    while len(_known) > _MOST_KNOWN:
        _known.pop(next(iter(_known)), None)
    return program


class Retraced:
    """Some programs, as their declarations are now.

    Built-in declarations never change and are traced once. A user's declaration is plain Python: it may read
    a global variable or an attribute that changes, or draw random numbers, and machine code would go on with
    what was there when it was traced.

    Parameters
    ----------
    formulas : iterable of Formula

    Attributes
    ----------
    programs : list of Program
    """

    def __init__(self, formulas: Iterable[Formula]) -> None:
        formulas = list(formulas)
        self.programs = [formula.settled() for formula in formulas]
        self._own = [(place, formula) for place, formula in enumerate(formulas) if formula.own]
        self._changes = 0

    def changed(self) -> bool:
        """Trace users' declarations again, and return whether any program has changed.

        Where they have changed too often for machine code to pay, they count as `Untraceable`.
        """
        others = [
            (place, formula)
            for place, formula in self._own
            if formula.trace().fingerprint != self.programs[place].fingerprint
        ]
        for place, formula in others:
            self.programs[place] = formula.settled()
        self._changes += bool(others)
        if self._changes > _MOST_CHANGES:
            raise Untraceable(f"{others[0][1].owners}, whose formula changes again and again")
        return bool(others)
