"""Data read the way others were, for a network that has learned from those."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from pellucid.data.inputs import Inputs
from pellucid.data.raw import RawData
from pellucid.data.read import read_again
from pellucid.data.reading import check_reading, column_names
from pellucid.data.targets import Target
from pellucid.errors import ConfigurationError, DataError

__all__ = ["Encoding", "missing_weights", "read_like", "repeated_rows"]


@runtime_checkable
class Encoding(Protocol):
    """What says how raw rows become numbers: a data set, or a model that has learned from one."""

    @property
    def inputs(self) -> Inputs:
        """How rows become inputs."""

    @property
    def target(self) -> Target:
        """What the targets mean."""

    @property
    def provenance(self) -> dict[str, Any]:
        """How the data were read and split."""


def read_like(source: object, like: Encoding, said: Mapping[str, Any]) -> tuple[RawData, dict[str, Any]]:
    """Read data the way others were, unless something else is said.

    Parameters
    ----------
    source : as for `load_data`
    like : Encoding
    said : dict
        The settings of `load_data` about reading, None where nothing was said.

    Returns
    -------
    RawData, and all settings as they are now

    Raises
    ------
    ConfigurationError
        When target or task are said to be others: what the network's outputs mean cannot change.
    DataError
        When the data cannot be read so, or lack a column that was named.
    """
    check_reading(said)
    drop, target = column_names(said["drop"], "drop"), like.provenance.get("target")
    differs = {
        "target": target
        and said["target"]
        and column_names(said["target"], "target") != column_names(target, "target"),
        "task": said["task"] not in (None, like.target.task),
    }
    for name, value in (("target", target), ("task", like.target.task)):
        if differs[name]:
            raise ConfigurationError(
                f"the {name} is not the one that the network has learned",
                expected=f"{value!r}, or none said",
                received=repr(said[name]),
            )
    settings = {name: like.provenance.get(name) if value is None else value for name, value in said.items()}
    settings["task"] = like.target.task
    # What is said of a column now counts, whatever it was then.
    for name in ("split_column", "weight_column"):
        if said[name] is None and settings[name] in drop:
            settings[name] = None
    used = (settings["split_column"], settings["weight_column"])
    before = [column for column in like.provenance.get("drop", ()) if column not in used]
    settings["drop"] = tuple(dict.fromkeys([*before, *drop]))
    raw = read_again(source, settings)
    for column in (said["split_column"], said["weight_column"], *drop):
        if column is not None and column not in raw.ignored:
            raise DataError(f"there is no column {column!r}", received=repr(column), where=raw.name)
    return raw, settings


def missing_weights(raw: RawData, provenance: Mapping[str, Any], use: str = "to learn from") -> list[str]:
    """Note where rows counted by a column before that these data have not, and no other weights came."""
    column = provenance["weight_column"]
    if column is None or raw.weights is not None:
        return []
    return [
        f"the data {use} have no column {column!r}, which says how much each row counts; all of their rows "
        "count alike"
    ]


def repeated_rows(raw: RawData, like: Encoding, provenance: Mapping[str, Any]) -> list[str]:
    """Note where rows that only judge were learned from before: in the same data, split otherwise."""
    before = like.provenance
    if before.get("fingerprint") != provenance["fingerprint"]:
        return []
    if raw.train is None and any(before[name] != provenance[name] for name in ("test_size", "seed")):
        part = "test"
        remedy = f"the same split comes with test size {before['test_size']} and seed {before['seed']}"
    elif provenance["validation_size"] not in (None, before.get("validation_size")):
        part, remedy = "validation", "set the same rows apart from the first run on"
    else:
        return []
    return [f"some rows of the {part} part are not new to the network, which learned from them; {remedy}"]
