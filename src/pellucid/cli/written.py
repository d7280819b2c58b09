"""The output files of commands: checks of their paths, and the checkpoint callback."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pellucid.atomic_file import check_save_path
from pellucid.errors import ConfigurationError
from pellucid.model import Model
from pellucid.storage import save_model
from pellucid.training import Checkpoint

__all__ = ["check_written", "checkpoint_of"]


def check_written(
    written: Mapping[str, Path | None],
    read: list[str | None],
    *,
    force: bool,
    folders: Mapping[str, Path | None] | None = None,
) -> None:
    """Check that output files can be written, are not input files, and are distinct.

    Parameters
    ----------
    written : dict
        The output file of each option.
    read : list of str or None
        The input files.
    force : bool
        Whether existing files may be overwritten.
    folders : dict, optional
        The output folder of each option.
    """
    seen = {os.path.realpath(path): option for option, path in (folders or {}).items() if path is not None}
    for option, path in written.items():
        if path is None:
            continue
        for source in read:
            check_save_path(path, force=force, read_from=source)
        first = seen.setdefault(os.path.realpath(path), option)
        if first != option:
            raise ConfigurationError(
                "two outputs cannot have the same path",
                expected=f"different paths for {first} and {option}",
                received=str(path),
            )


def checkpoint_of(options: dict[str, Any]) -> Checkpoint | None:
    """Return the callback that saves checkpoints, if requested."""
    path, every = options["checkpoint"], options["checkpoint_every"]
    if path is None:
        if every is not None:
            raise ConfigurationError(
                "--checkpoint-every requires a file",
                expected="--checkpoint FILE with --checkpoint-every",
                received=f"--checkpoint-every {every}",
            )
        return None

    def save(model: Model) -> None:
        save_model(model, path, force=True)  # a checkpoint replaces the previous one

    return Checkpoint(save, 1 if every is None else every)
