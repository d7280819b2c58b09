"""Options and arguments that several commands share."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from pellucid.atomic_file import check_save_path
from pellucid.cli.parameter_types import DataName
from pellucid.data import RawData
from pellucid.data.readers.formats import supported
from pellucid.errors import ConfigurationError
from pellucid.model import PARTS, Model
from pellucid.passes.engines import ENGINES
from pellucid.storage import load_model

__all__ = [
    "DATA_IS",
    "as_json",
    "check_written",
    "data_argument",
    "engine_option",
    "model_and_data",
    "model_argument",
    "option",
    "part_option",
    "read_with_model",
    "verbose_option",
    "with_options",
]

Decorator = Callable[[Any], Any]


def option(names: str, kind: Any, text: str, **more: Any) -> Decorator:
    """Return an option with names, a type and a help text; `more` is as for click."""
    return click.option(*names.split(), type=kind, help=text, **more)


def with_options(options: Sequence[Decorator]) -> Decorator:
    """Return a decorator that adds options to a command, in this order."""

    def add(command: Any) -> Any:
        for each in reversed(options):
            command = each(command)
        return command

    return add


# Said at the end of a command's help.
DATA_IS = (
    f"DATA is a file or folder ({supported()}), - for standard input, digits (1,797 built-in handwritten "
    "digits, the default), or mnist (downloaded once)."
)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object per line.")
verbose_option = click.option(
    "--verbose", is_flag=True, help="Print the table of what was made of each column of the data."
)
model_argument = click.argument("model", type=click.Path(path_type=Path))
data_argument = click.argument("data", type=DataName(), default="digits")


# With a model, the default is the data that it was trained on.
model_and_data = with_options([model_argument, click.argument("data", type=DataName(), required=False)])


def part_option(default: str) -> Decorator:
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


def read_with_model(
    path: Path, data: str | None, part: str, *, require_target: bool = False, **given: Any
) -> tuple[Model, RawData, str]:
    """Load a model and read data for it; auto is the test set if there is one, else all rows.

    `given` is how the file is read, where it differs from the model's own data.
    """
    model = load_model(path)
    needed = "test" if part == "auto" else part
    raw = model.read(data, needed, require_target=require_target, **given)
    if part == "auto":
        part = "test" if data is None or model.has_parts(raw) else "all"
    return model, raw, part


def _choose_engine(ctx: click.Context, param: click.Parameter, name: str | None) -> None:
    """Select the engine of a command and of its worker processes."""
    if name is None:
        return
    before = os.environ.get("PELLUCID_ENGINE")
    os.environ["PELLUCID_ENGINE"] = name

    @ctx.call_on_close
    def set_back() -> None:
        if before is None:
            del os.environ["PELLUCID_ENGINE"]
        else:
            os.environ["PELLUCID_ENGINE"] = before


engine_option = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    callback=_choose_engine,
    expose_value=False,
    help="The engine: compiled, or the much slower reference; both give the same results up to rounding.",
)


def check_written(
    written: Mapping[str, Path | None],
    read: Sequence[str | Path | None],
    *,
    force: bool,
    folders: Mapping[str, Path | None] | None = None,
) -> None:
    """Check that the output files of options can be written, are not input files, and are distinct."""
    seen = {os.path.realpath(path): name for name, path in (folders or {}).items() if path is not None}
    for name, path in written.items():
        if path is None:
            continue
        for source in read:
            check_save_path(path, force=force, read_from=source)
        first = seen.setdefault(os.path.realpath(path), name)
        if first != name:
            raise ConfigurationError(
                "two outputs cannot have the same path",
                expected=f"different paths for {first} and {name}",
                received=str(path),
            )
