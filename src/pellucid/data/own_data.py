"""The data that a model was trained on, found again by name and fingerprint."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pellucid.data.raw import RawData
from pellucid.data.read import read_again
from pellucid.data.readers.builtin.named import NAMED_SOURCES
from pellucid.data.readers.piped import STANDARD_INPUT
from pellucid.errors import DataError, PellucidError

__all__ = ["name_of_source", "read_own"]

_USES = {None: "was trained on", "validation": "was validated with", "test": "was tested with"}


def name_of_source(source: object) -> str | None:
    """Return the name of a data source: its own, or that of its file or folder.

    Parent folders are left out, because sharing a model should not share their names.

    Examples
    --------
    >>> name_of_source("digits"), name_of_source(Path("clients/acme/houses.csv")), name_of_source([1, 2])
    ('digits', 'houses.csv', None)
    """
    if isinstance(source, str) and source in NAMED_SOURCES:
        return source
    if isinstance(source, str) and source == "-":
        return STANDARD_INPUT
    if isinstance(source, str | os.PathLike):
        name = Path(source).name or Path(source).resolve().name
        # A file name may contain bytes that are not valid in the system's encoding.
        return name.encode(errors="backslashreplace").decode()
    return None


def read_own(
    provenance: Mapping[str, Any], *, part: str | None = None, require_target: bool = True, **given: Any
) -> tuple[str, RawData]:
    """Read the data that a model was trained on, if data of that name are found and unchanged.

    The name of a built-in data set stands for that data set, if it is on this machine; any other name is a
    file in the current folder. Nothing is downloaded and no other folder is read, whatever the model
    contains.

    Parameters
    ----------
    provenance : mapping
        The provenance stored with the model.
    part : {"validation", "test"}, optional
        A set that was read from a file of its own; by default the training data.
    require_target : bool
        As in `read_data`.
    **given
        As in `read_again`.

    Returns
    -------
    source : str
        The name of the data, or their path in the current folder.
    raw : RawData

    Raises
    ------
    DataError
        If they are not found, or have changed since.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> source, raw = read_own(load_data("digits").provenance)
    >>> source, len(raw)
    ('digits', 1797)
    """
    source_field, fingerprint_field = (part, f"{part}_fingerprint") if part else ("source", "fingerprint")
    # Older model files contain whole paths, of this system or another.
    name = re.split(r"[/\\]", str(provenance.get(source_field, "")))[-1]
    found = "a pipe, which is read only once" if name == STANDARD_INPUT else "no file of that name"
    for source in _candidates(name):
        try:
            raw = read_again(source, provenance, require_target=require_target, download=False, **given)
        except PellucidError as error:
            found = f"{source}, which cannot be read the same way: {error.problem}"
            continue
        if raw.has_fingerprint(provenance.get(fingerprint_field)):
            return str(source), raw
        found = f"{source}, whose rows are not those that the model {_USES[part]}"
    raise DataError(
        f"no data were given, and the data that the model {_USES[part]} were not found",
        expected=f"{name!r} in the current folder, unchanged" if name else "data to read",
        received=found,
        remedy="give the data: pellucid evaluate MODEL DATA"
        + ", pellucid train DATA --start MODEL" * (part is None),
    )


def _candidates(name: str) -> list[str | Path]:
    named: list[str | Path] = [name] if name in NAMED_SOURCES else []
    return [*named, Path(name)] if name and Path(name).exists() else named
