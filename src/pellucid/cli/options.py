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

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line, for machines.")
model_argument = click.argument("model", type=click.Path(path_type=Path))


def part_option(default: str) -> Callable[[Any], Any]:
    """Make the option that chooses a part of the data."""
    return click.option(
        "--part",
        type=click.Choice(["auto", *PARTS]),
        default=default,
        show_default=True,
        help="Which rows, of data that bring a split or are those the model was trained on; "
        "auto takes the test part of such data, and all rows of others. Rows that were set apart to validate "
        "with are not in train.",
    )


def choose_part(part: str, model: Model, raw: RawData) -> str:
    """Say what auto stands for: the test part where there is one."""
    if part == "auto":
        return "test" if model.has_parts(raw) else "all"
    return part


class DataName(click.ParamType[str]):
    """A file, a folder, or a name that data can be asked for by; completes both."""

    name = "data"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Give the names that begin like this, and let the shell add the files."""
        names = [name for name in NAMED_SOURCES if name.startswith(incomplete)]
        item = click.shell_completion.CompletionItem
        return [*map(item, names), item(incomplete, type="file")]


def _choose_engine(ctx: click.Context, param: click.Parameter, name: str | None) -> None:
    """Let an engine do the work of a command, in its worker processes too."""
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
    help="What does the work: compiled, or the plain reference, many times slower; the results are alike.",
)
data_argument = click.argument("data", type=DataName(), default="digits")
# Beside a model, no data stand for those that it was trained on.
model_data_argument = click.argument("data", type=DataName(), required=False)


class DeclarationName(click.ParamType[Any]):
    """The name of a declaration, with its parameters if wanted; completes from the registry."""

    def __init__(self, registry: Registry[Any]) -> None:
        self.name = registry.kind
        self.registry = registry

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Give the names that begin like this."""
        before, comma, last = incomplete.rpartition(",")
        names = (before + comma + name for name in self.registry.names if name.startswith(last))
        return [click.shell_completion.CompletionItem(name) for name in names]


class Names(DeclarationName):
    """Names of declarations between commas; a comma between parameters belongs to its name."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Split at the commas."""
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
    """Layer sizes between commas: 128,64. The word none stands for no hidden layer."""

    name = "sizes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """Read whole numbers."""
        if not isinstance(value, str):
            return list(value)
        if value.strip().lower() == "none":
            return []
        try:
            return [int(piece) for piece in value.split(",")]
        except ValueError:
            self.fail(
                f"expected whole numbers between commas, such as 128,64, or none; received {value!r}", param
            )
