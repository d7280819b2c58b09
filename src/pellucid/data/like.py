"""Data read like the data that a network was trained on."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from pellucid.data.encoding.inputs import Inputs
from pellucid.data.encoding.targets import Target
from pellucid.data.raw import RawData
from pellucid.data.read import read_again
from pellucid.data.reading import check_reading, column_names
from pellucid.errors import ConfigurationError, DataError

__all__ = ["Encoding", "missing_weights", "read_like", "repeated_rows"]


@runtime_checkable
class Encoding(Protocol):
    """The encoding of a data set, or of a model trained on one."""

    @property
    def inputs(self) -> Inputs:
        """The encoding of the features."""

    @property
    def target(self) -> Target:
        """The encoding of the targets."""

    @property
    def provenance(self) -> dict[str, Any]:
        """The origin of the data and how they were split."""


def read_like(source: object, like: Encoding, options: Mapping[str, Any]) -> tuple[RawData, dict[str, Any]]:
    """Read data with the options of other data, unless others are given.

    Parameters
    ----------
    source : as for `load_data`
    like : Encoding
    options : dict
        The options of `load_data` for reading, None for those that were not given.

    Returns
    -------
    RawData, and the complete options

    Raises
    ------
    ConfigurationError
        When the target or the task differs: the meaning of the network's outputs cannot change.
    DataError
        When the data cannot be read that way, or lack a column that was named.
    """
    check_reading(options)
    drop, target = column_names(options["drop"], "drop"), like.provenance.get("target")
    differs = {
        "target": target
        and options["target"]
        and column_names(options["target"], "target") != column_names(target, "target"),
        "task": options["task"] not in (None, like.target.task),
    }
    for name, value in (("target", target), ("task", like.target.task)):
        if differs[name]:
            raise ConfigurationError(
                f"the {name} is not the one that the network was trained for",
                expected=f"{value!r}, or none",
                received=repr(options[name]),
            )
    settings = {
        name: like.provenance.get(name) if value is None else value for name, value in options.items()
    }
    settings["task"] = like.target.task
    # An option given now overrides the former use of a column.
    for name in ("split_column", "weight_column"):
        if options[name] is None and settings[name] in drop:
            settings[name] = None
    used = (settings["split_column"], settings["weight_column"])
    before = [column for column in like.provenance.get("drop", ()) if column not in used]
    settings["drop"] = tuple(dict.fromkeys([*before, *drop]))
    raw = read_again(source, settings)
    for column in (options["split_column"], options["weight_column"], *drop):
        if column is not None and column not in raw.ignored:
            raise DataError(f"there is no column {column!r}", received=repr(column), where=raw.name)
    return raw, settings


def missing_weights(raw: RawData, provenance: Mapping[str, Any], use: str = "to train on") -> list[str]:
    """Note that the weight column is missing from these data and no other weights were given."""
    column = provenance["weight_column"]
    if column is None or raw.weights is not None:
        return []
    return [f"the data {use} have no weight column {column!r}, so all of their rows have the same weight"]


def repeated_rows(raw: RawData, like: Encoding, provenance: Mapping[str, Any]) -> list[str]:
    """Note that the same data are split differently, so that held-out rows were trained on before."""
    before = like.provenance
    if before.get("fingerprint") != provenance["fingerprint"]:
        return []
    if raw.train is None and any(before[name] != provenance[name] for name in ("test_size", "seed")):
        part = "test"
        remedy = f"for the same split use test size {before['test_size']} and seed {before['seed']}"
    elif provenance["validation_size"] not in (None, before.get("validation_size")):
        part, remedy = "validation", "use the same validation set from the first run on"
    else:
        return []
    return [f"the network was trained on some rows of the {part} set before; {remedy}"]
