"""How the text of an option or argument is read, and how it is completed."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from pellucid.data import NAMED_SOURCES
from pellucid.declarations import Registry, split_names

__all__ = ["CLASS_WEIGHTS", "GOAL", "NEURON", "NUMBERS", "SIZES", "DataName", "DeclarationName", "Names"]


class _Read(click.ParamType[Any]):
    """Text that a function reads; the function raises a ValueError for text that is not as expected."""

    def __init__(self, name: str, expected: str, read: Callable[[str], Any]) -> None:
        self.name, self.expected, self.read = name, expected, read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except ValueError:
            self.fail(f"expected {self.expected}; received {value!r}", param)


def _sizes(text: str) -> list[int]:
    return [] if text.strip().lower() == "none" else [int(piece) for piece in text.split(",")]


def _numbers(text: str) -> float | tuple[float, ...]:
    numbers = tuple(float(piece) for piece in text.split(","))
    return numbers[0] if len(numbers) == 1 else numbers


def _goal(text: str) -> tuple[str, float]:
    column, _, number = text.partition("=")
    return column.strip(), float(number)


def _neuron(text: str) -> tuple[int, int]:
    layer, _, neuron = text.partition(".")
    if not (layer.isdecimal() and neuron.isdecimal()):
        raise ValueError
    return int(layer), int(neuron)


def _class_weights(text: str) -> str | dict[str, float]:
    """Read the word balanced, or a weight per class; the names of classes may contain commas."""
    if text == "balanced":
        return text
    weights: dict[str, float] = {}
    said = ""
    for piece in text.split(","):
        said += piece
        label, sign, number = said.rpartition("=")
        if not sign:  # the comma is part of the name
            said += ","
            continue
        weight = float(number)
        if label.strip() in weights:
            raise click.BadParameter(f"expected one weight per class; received {text!r}")
        weights[label.strip()], said = weight, ""
    if said:
        raise ValueError
    return weights


SIZES = _Read("sizes", "comma-separated whole numbers such as 128,64, or none", _sizes)
NUMBERS = _Read("numbers", "a number, or one per layer such as 0.2,0.5", _numbers)
CLASS_WEIGHTS = _Read("weights", "balanced, or CLASS=WEIGHT,CLASS=WEIGHT", _class_weights)
GOAL = _Read("metric=number", "METRIC=NUMBER, such as test_accuracy=0.98", _goal)
NEURON = _Read("layer.neuron", "LAYER.NEURON, both counted from 1, such as 1.3", _neuron)


class DataName(click.ParamType[str]):
    """A file, a folder, or the name of built-in data."""

    name = "data"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the matching names; the shell adds files."""
        names = [name for name in NAMED_SOURCES if name.startswith(incomplete)]
        return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]


class DeclarationName(click.ParamType[Any]):
    """The name of a declaration, optionally with parameters; the registry provides the completion."""

    def __init__(self, registry: Registry[Any]) -> None:
        self.name = registry.kind
        self.registry = registry

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the matching names."""
        before, comma, last = incomplete.rpartition(",")
        names = (before + comma + name for name in self.registry.names if name.startswith(last))
        return list(map(CompletionItem, names))


class Names(DeclarationName):
    """Comma-separated names of declarations, whose parameters may contain commas."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Split at commas."""
        if not isinstance(value, str):
            return value
        names = split_names(value)
        return names[0] if len(names) == 1 else names
