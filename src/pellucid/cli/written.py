"""The files that a run writes on its way: where they may lie, and who writes them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pellucid.errors import ConfigurationError
from pellucid.model import Model
from pellucid.storage import save_model
from pellucid.training import Checkpoint
from pellucid.whole_file import check_free

__all__ = ["check_written", "checkpoint_of"]


def check_written(
    written: Mapping[str, Path | None],
    read: list[str | None],
    *,
    force: bool,
    folders: Mapping[str, Path | None] | None = None,
) -> None:
    """Refuse files that cannot be written, are read from, or are to hold two things at once.

    Parameters
    ----------
    written : dict
        What each option that names a file to write says.
    read : list of str or None
        What is read on the way.
    force : bool
        Whether files that are there already may be replaced.
    folders : dict, optional
        What each option that names a folder to write to says.
    """
    seen = {os.path.realpath(path): option for option, path in (folders or {}).items() if path is not None}
    for option, path in written.items():
        if path is None:
            continue
        for source in read:
            check_free(path, force=force, read_from=source)
        first = seen.setdefault(os.path.realpath(path), option)
        if first != option:
            raise ConfigurationError(
                "two things cannot be written to one place",
                expected=f"a place of its own for {first} and for {option}",
                received=str(path),
            )


def checkpoint_of(options: dict[str, Any]) -> Checkpoint | None:
    """Make the callback that saves the model so far, if that is asked for."""
    path, every = options["checkpoint"], options["checkpoint_every"]
    if path is None:
        if every is not None:
            raise ConfigurationError(
                "no checkpoint is made without a file for it",
                expected="--checkpoint FILE beside --checkpoint-every",
                received=f"--checkpoint-every {every}",
            )
        return None

    def save(model: Model) -> None:
        save_model(model, path, force=True)  # a checkpoint replaces the one before

    return Checkpoint(save, 1 if every is None else every)
