"""The command line that repeats a training run with the same options."""

import shlex
from collections.abc import Mapping
from typing import Any

import click

from pellucid.cli.train import train

__all__ = ["train_line"]


def train_line(options: Mapping[str, Any]) -> str:
    """Return the command line of train with these options, without those that are None."""
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
