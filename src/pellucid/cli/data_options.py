"""The options for reading and splitting data, made from their declarations."""

from collections.abc import Callable
from typing import Any

import click

from pellucid.data import DEFAULT_TEST_SIZE, READ_OPTIONS

__all__ = ["DATA_OPTIONS", "data_options", "read_option"]

_TEST_SIZE = click.option(
    "--test-size", type=float,
    help=f"Share or number of rows in the test set.  [default: {DEFAULT_TEST_SIZE}]",
)  # fmt: skip

# The names of all of them. The weights are listed with the options of training.
DATA_OPTIONS = (*READ_OPTIONS, "test_size")


def read_option(name: str) -> Callable[[Any], Any]:
    """Return the command-line option for one option of reading."""
    declared = READ_OPTIONS[name]
    written = "--" + name.replace("_", "-")
    if declared.on_off:
        return click.option(f"{written}/--no-{written[2:]}", default=None, help=declared.help)
    return click.option(
        *filter(None, [declared.short, written]),
        multiple=declared.multiple,
        type=click.Choice(declared.choices) if declared.choices else None,
        metavar=declared.metavar,
        help=declared.help,
    )


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all options for reading and splitting data to a command, except for the weights."""
    options = {name: read_option(name) for name in READ_OPTIONS if name != "weight_column"}
    first = [options.pop("target"), options.pop("split_column"), _TEST_SIZE, options.pop("task")]
    for option in reversed([*first, options.pop("drop"), *options.values()]):
        command = option(command)
    return command
