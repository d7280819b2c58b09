"""Data read like the data that a network was trained on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from pellucid.data.encoding.encoding import Encoding
from pellucid.data.needs import Needs
from pellucid.data.options import ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.read import read_source
from pellucid.errors import DataError

__all__ = ["Encoded", "missing_weights", "read_like", "repeated_rows"]


@runtime_checkable
class Encoded(Protocol):
    """A data set, or a model trained on one."""

    @property
    def encoding(self) -> Encoding:
        """The encoding of features and targets."""

    @property
    def provenance(self) -> dict[str, Any]:
        """The origin of the data and how they were split."""


def read_like(source: object, like: Encoded, options: ReadOptions) -> tuple[RawData, ReadOptions]:
    """Read data with the options of other data, unless others are given; return all options too."""
    before = replace(ReadOptions.from_provenance(like.provenance), task=like.encoding.target.task)
    merged = options.merged(before)
    needs = Needs(columns=False, sheets=options.sheet is not None, known=like.encoding.known)
    raw = read_source(source, merged, needs)
    dropped_now = [column for column in raw.dropped if column not in before.drop]
    named = replace(options, target=(), drop=()).as_named(raw.ignored)
    for column in (*named.columns, *dropped_now):
        if column not in raw.ignored:
            raise DataError(f"there is no column {column!r}", received=repr(column), where=raw.name)
    return raw, merged


def missing_weights(raw: RawData, provenance: Mapping[str, Any], use: str = "to train on") -> list[str]:
    """Note that the weight column is missing from these data and no other weights were given."""
    column = provenance["weight_column"]
    if column is None or raw.weights is not None:
        return []
    return [f"the data {use} have no weight column {column!r}, so all of their rows have the same weight"]


def repeated_rows(raw: RawData, like: Encoded, provenance: Mapping[str, Any]) -> list[str]:
    """Note that the same data are split differently, so that held-out rows were trained on before."""
    before = like.provenance
    if not raw.has_fingerprint(before.get("fingerprint")):
        return []
    drawn = raw.train is None and provenance["test_size"] is not None
    if drawn and any(before[name] != provenance[name] for name in ("test_size", "seed")):
        part = "test"
        remedy = f"for the same split use test size {before['test_size']} and seed {before['seed']}"
        if before["test_size"] is None:
            remedy = "use the same test data, which were separate"
    elif provenance["validation_size"] not in (None, before.get("validation_size")):
        part, remedy = "validation", "use the same validation set from the first run on"
    else:
        return []
    return [f"the network was trained on some rows of the {part} set before; {remedy}"]
