"""Options and arguments that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pellucid.data import NAMED_SOURCES, RawData
from pellucid.declarations import Registry
from pellucid.model import PARTS, Model
from pellucid.passes.engines import ENGINES, engine

__all__ = [
    "DataName",
    "DeclarationName",
    "Layers",
    "Names",
    "as_json",
    "choose_part",
    "data_argument",
    "engine_option",
    "model_argument",
    "model_data_argument",
    "part_option",
]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per line.")
model_argument = click.argument("model", type=click.Path(path_type=Path))


def part_option(default: str) -> Callable[[Any], Any]:
    """Return the option that selects a set of the data."""
    return click.option(
        "--part",
        type=click.Choice(["auto", *PARTS]),
        default=default,
        show_default=True,
        help="The rows to use. train, validation and test require data with a split, or the training data of "
        "the model; auto is the test set of such data, and all rows of other data. train does "
        "not contain the validation set.",
    )


def choose_part(part: str, model: Model, raw: RawData) -> str:
    """Return the set that auto stands for: the test set if there is one, else all rows."""
    if part == "auto":
        return "test" if model.has_parts(raw) else "all"
    return part


class DataName(click.ParamType[str]):
    """A file, a folder, or the name of built-in data, with completion."""

    name = "data"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the matching names; the shell adds files."""
        names = [name for name in NAMED_SOURCES if name.startswith(incomplete)]
        item = click.shell_completion.CompletionItem
        return [*map(item, names), item(incomplete, type="file")]


def _choose_engine(ctx: click.Context, param: click.Parameter, name: str | None) -> None:
    """Select the engine of a command and of its worker processes."""
    if name is None:
        return
    ctx.with_resource(engine(name))
    before = os.environ.get("PELLUCID_ENGINE")
    os.environ["PELLUCID_ENGINE"] = name
    ctx.call_on_close(lambda: _set_back("PELLUCID_ENGINE", before))


def _set_back(variable: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(variable, None)
    else:
        os.environ[variable] = value


engine_option = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    callback=_choose_engine,
    expose_value=False,
    help="The engine: compiled, or the much slower reference; both give the same results up to rounding.",
)
data_argument = click.argument("data", type=DataName(), default="digits")
# With a model, the default is the data that it was trained on.
model_data_argument = click.argument("data", type=DataName(), required=False)


class DeclarationName(click.ParamType[Any]):
    """The name of a declaration, optionally with parameters; the registry provides the completion."""

    def __init__(self, registry: Registry[Any]) -> None:
        self.name = registry.kind
        self.registry = registry

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Return the matching names."""
        before, comma, last = incomplete.rpartition(",")
        names = (before + comma + name for name in self.registry.names if name.startswith(last))
        return [click.shell_completion.CompletionItem(name) for name in names]


class Names(DeclarationName):
    """Comma-separated names of declarations, whose parameters may contain commas."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Split at commas."""
        if not isinstance(value, str):
            return value
        names: list[str] = []
        for piece in value.split(","):
            if names and "=" in piece and ":" not in piece:
                names[-1] += "," + piece
            else:
                names.append(piece.strip())
        return names[0] if len(names) == 1 else names


class Layers(click.ParamType[list[int]]):
    """Comma-separated layer sizes such as 128,64; none for no hidden layers."""

    name = "sizes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """Parse integers."""
        if not isinstance(value, str):
            return list(value)
        if value.strip().lower() == "none":
            return []
        try:
            return [int(piece) for piece in value.split(",")]
        except ValueError:
            self.fail(
                f"expected comma-separated whole numbers such as 128,64, or none; received {value!r}", param
            )
