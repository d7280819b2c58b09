"""The command that trains a network again, from the options that it was trained with."""

import shlex
from collections.abc import Mapping
from typing import Any

import click

from pellucid.cli.train import train

__all__ = ["train_line"]


def train_line(options: Mapping[str, Any]) -> str:
    """Give the command line of train with options, by their names; those that are None are not said."""
    words = ["pellucid", "train"]
    for option in train.params:
        value = options.get(option.name or "")
        if value is None or value == ():
            continue
        if isinstance(option, click.Argument):
            words.append(_word(value))
        elif option.secondary_opts:  # --header/--no-header
            words.append(option.opts[0] if value else option.secondary_opts[0])
        elif isinstance(option, click.Option) and option.is_flag:
            words += [option.opts[-1]] if value else []
        elif option.multiple:
            words += [word for part in value for word in (option.opts[-1], _word(part))]
        else:
            words += [max(option.opts, key=len), _word(value)]
    return shlex.join(words)


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{key}={_word(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ",".join(map(_word, value)) or "none"
    return str(value)
