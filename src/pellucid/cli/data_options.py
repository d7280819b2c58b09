"""The options for reading and splitting data, made from their declarations."""

import click

from pellucid.cli.options import Decorator, option, with_options
from pellucid.data import DEFAULT_TEST_SIZE, FILE_OPTIONS, READ_OPTIONS

__all__ = ["DATA_OPTIONS", "data_options", "file_options", "read_option"]

# The names of all of them. The weights are listed with the options of training.
DATA_OPTIONS = (*READ_OPTIONS, "test_size", "test")


def read_option(name: str) -> Decorator:
    """Return the command-line option for one option of reading."""
    declared = READ_OPTIONS[name]
    written = declared.written or "--" + name.replace("_", "-")
    if declared.on_off:
        return option(f"{written}/--no-{written[2:]}", None, declared.help, default=None)
    kind = click.Choice(declared.choices) if declared.choices else declared.kind
    # Its name in Python comes last: click passes the value under it.
    names, multiple = f"{declared.short} {written} {name}", declared.multiple
    return option(names, kind, declared.help, multiple=multiple, metavar=declared.metavar)


def data_options() -> list[Decorator]:
    """Return all options for reading and splitting data, except for the weights."""
    options = {name: read_option(name) for name in READ_OPTIONS if name != "weight_column"}
    size = f"Share or number of rows in the test set.  [default: {DEFAULT_TEST_SIZE}]"
    test_size = option("--test-size", float, size)
    test = option("--test", click.Path(), "A file with a separate test set; none of DATA is held out then.")
    first = [options.pop("target"), options.pop("split_column"), test_size, test, options.pop("task")]
    return [*first, options.pop("drop"), *options.values()]


# How DATA are read with a model, which by default are read like its own.
file_options = with_options([read_option(name) for name in FILE_OPTIONS])
