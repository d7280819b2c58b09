"""The common part of activations, costs, optimizers and everything else that is looked up by name.

A declaration has a name, parameters, a formula and a source. A registry finds declarations by name and
iterates over them; the choices of the command line, the tests and the listings are read from it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from inspect import getdoc, isabstract
from typing import Any, ClassVar, Generic, TypeVar

from pellucid.errors import ConfigurationError, UnknownNameError, did_you_mean
from pellucid.number import check_number

__all__ = ["Declaration", "Registry", "parameter", "split_names"]


def parameter(default: float, *, whole: bool = False, **bounds: float) -> Any:
    """Declare a numeric parameter of a declaration.

    Parameters
    ----------
    default : float
        The default value.
    whole : bool
        Whether the value must be a whole number.
    **bounds : float
        The lower bound, exclusive as `above` or inclusive as `at_least`, and the upper one, as `below` or
        `at_most`.
    """
    return field(default=default, metadata={"bounds": bounds, "whole": whole})


@dataclass(frozen=True)
class Declaration:
    """An activation, cost, optimizer or the like, declared in one place and used everywhere.

    A subclass is a frozen dataclass whose fields are its parameters. The first line of its docstring
    is its summary.
    """

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    formula: ClassVar[str] = ""
    source: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for part in fields(self):
            said, whole = getattr(self, part.name), part.metadata["whole"]
            # Text is read as floats, so that 3.0 is a whole number too.
            value = int(said) if whole and isinstance(said, float) and said.is_integer() else said
            plain = check_number(value, f"{part.name} of {self.name}", whole=whole, **part.metadata["bounds"])
            if type(said) not in (int, float):  # one of NumPy would carry its own precision into every step
                object.__setattr__(self, part.name, plain)

    @property
    def built_in(self) -> bool:
        """Whether it is part of Pellucid, so that its definition never changes."""
        return type(self).__module__.partition(".")[0] == __name__.partition(".")[0]

    @property
    def parameters(self) -> dict[str, float]:
        """The values of the parameters, by name."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (getdoc(type(self)) or "").partition("\n")[0]

    def __str__(self) -> str:
        """Write the name and the parameters that differ from their defaults, as a registry reads them."""
        usual = {part.name: part.default for part in fields(self)}
        changed = [f"{key}={float(value)!r}" for key, value in self.parameters.items() if value != usual[key]]
        return self.name + (":" + ",".join(changed) if changed else "")

    def describe(self) -> dict[str, Any]:
        """Return everything that a listing shows, ready for JSON."""
        return {
            "name": self.name,
            "aliases": list(self.aliases),
            "summary": self.summary,
            "formula": self.formula,
            "parameters": self.parameters,
            "source": self.source,
        }


D = TypeVar("D", bound=Declaration)


class Registry(Generic[D]):
    """All declarations of one kind, by name.

    Parameters
    ----------
    kind : str
        The kind of declaration, for messages: "activation".
    base : class
        The base class of all of them.
    declarations : iterable of declaration classes
        The built-in ones.
    examine : callable, optional
        Takes a user's declaration, and raises an error if it contradicts itself.

    Examples
    --------
    >>> from pellucid.network import activations
    >>> activations.get("leaky_relu:alpha=0.2")
    LeakyReLU(alpha=0.2)
    >>> "relu" in activations
    True
    """

    def __init__(
        self,
        kind: str,
        base: type[Any],
        declarations: Iterable[type[D]] = (),
        examine: Callable[[D], None] | None = None,
    ) -> None:
        self.kind = kind
        self._examine = examine
        self._examined: set[D] = set()
        self._base = base
        self._classes: dict[str, type[D]] = {}
        self._names: dict[str, str] = {}
        self._built_in: frozenset[str] = frozenset()
        for declaration in declarations:
            self.register(declaration)
        self._built_in = frozenset(self._classes)

    def register(self, declaration: type[D]) -> type[D]:
        """Add a declaration; also works as a class decorator.

        Declaring a name again replaces it, so that a notebook cell can be run twice.

        Raises
        ------
        ConfigurationError
            If it is not a declaration of this kind; if its name is not an identifier, is an alias of another
            declaration, or is built in, since saved models refer to the built-in one by that name; or if it
            contradicts itself.
        """
        self._check(declaration)
        if self._examine and not isabstract(declaration):
            self.examine(declaration())
        for name in (declaration.name, *declaration.aliases):
            self._names[name] = declaration.name
        self._classes[declaration.name] = declaration
        return declaration

    def examine(self, declared: D) -> None:
        """Check a user's declaration, once for each class and its parameters.

        Raises
        ------
        ConfigurationError
            If it contradicts itself, such as by a slope that is not the derivative of the value.
        """
        if self._examine is None or declared.built_in or declared in self._examined:
            return
        self._examine(declared)
        self._examined.add(declared)

    def _check(self, declaration: type[D]) -> None:
        if not (isinstance(declaration, type) and issubclass(declaration, self._base)):
            raise ConfigurationError(
                f"not a valid {self.kind} class",
                expected=f"a class derived from {self._base.__name__}",
                received=repr(declaration),
            )
        if not isinstance(getattr(declaration, "name", None), str):
            raise ConfigurationError(
                f"the {self.kind} has no name",
                expected='name = "..." in the class',
                received=f"{declaration.__name__} without one",
            )
        if declaration.name in self._built_in and self._classes[declaration.name] is not declaration:
            raise ConfigurationError(
                f"the {self.kind} {declaration.name!r} is built in and cannot be replaced",
                expected="an unused name",
                received=repr(declaration.name),
                remedy="choose another name: saved models refer to the built-in one by this name",
            )
        for name in (declaration.name, *declaration.aliases):
            if not name.isidentifier() or name != name.lower():  # names are looked up in lower case
                raise ConfigurationError(
                    f"{name!r} is not a valid {self.kind} name",
                    expected="lowercase letters, digits and underscores, starting with a letter",
                    received=repr(name),
                )
            if self._names.get(name, declaration.name) != declaration.name:
                raise ConfigurationError(
                    f"the name {name!r} already belongs to the {self.kind} {self._names[name]!r}",
                    remedy="choose another name",
                )

    def get(self, wanted: "str | D | type[D]") -> D:
        """Find a declaration by name, optionally with parameters.

        Parameters
        ----------
        wanted : str, declaration, or declaration class
            ``"relu"``, ``"leaky_relu:alpha=0.2"``; a declaration is returned as it is.

        Raises
        ------
        UnknownNameError
            If the name is unknown.
        ConfigurationError
            If a parameter does not exist or its value cannot be used.
        """
        if isinstance(wanted, type) and issubclass(wanted, self._base):
            wanted = wanted()
        if isinstance(wanted, self._base):
            declared: D = wanted
            return declared
        if not isinstance(wanted, str):
            raise ConfigurationError(
                f"not a valid {self.kind}",
                expected=f"a name such as {next(iter(self._classes))!r}, or a declaration",
                received=repr(wanted),
            )
        name, _, settings = wanted.partition(":")
        key = name.strip().lower().replace("-", "_").replace(" ", "_")
        if key not in self._names:
            raise UnknownNameError(
                f"there is no {self.kind} named {name!r}",
                received=repr(name),
                remedy=did_you_mean(key, self._classes, aliases=self._names),
            )
        declaration = self._classes[self._names[key]]
        return declaration(**self._read_settings(declaration, settings))

    def _read_settings(self, declaration: type[D], settings: str) -> dict[str, float]:
        known = [part.name for part in fields(declaration)]
        values = {}
        for setting in filter(None, settings.split(",")):
            key, _, text = (piece.strip() for piece in setting.partition("="))
            if key not in known:
                raise ConfigurationError(
                    f"the {self.kind} {declaration.name!r} has no parameter {key!r}",
                    expected=f"name=value with one of: {', '.join(known)}" if known else "no parameters",
                    received=repr(setting),
                )
            if key in values:
                raise ConfigurationError(
                    f"{key} of {declaration.name} is given twice",
                    expected=f"{key} once",
                    received=repr(settings),
                )
            try:
                if "_" in text:
                    raise ValueError  # Python would read 1_0 as 10
                values[key] = float(text)
            except ValueError:
                raise ConfigurationError(
                    f"{key} of {declaration.name} is not a number",
                    expected=f"{key}=NUMBER",
                    received=repr(setting),
                ) from None
        return values

    @property
    def own(self) -> tuple[type[D], ...]:
        """The users' declarations."""
        return tuple(made for name, made in self._classes.items() if name not in self._built_in)

    @property
    def names(self) -> tuple[str, ...]:
        """The names, without the aliases, in the order of declaration."""
        return tuple(self._classes)

    def describe(self) -> list[dict[str, Any]]:
        """Return a description of each declaration, ready for JSON."""
        return [declaration.describe() for declaration in self]

    def __iter__(self) -> Iterator[D]:
        return (declaration() for declaration in self._classes.values())

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __len__(self) -> int:
        return len(self._classes)


def split_names(text: str) -> list[str]:
    """Split names at commas, except between the parameters of a declaration.

    Examples
    --------
    >>> split_names("relu, elu:alpha=1,beta=2,tanh")
    ['relu', 'elu:alpha=1,beta=2', 'tanh']
    """
    names: list[str] = []
    for piece in text.split(","):
        if names and "=" in piece and ":" not in piece:
            names[-1] += "," + piece
        else:
            names.append(piece.strip())
    return names
