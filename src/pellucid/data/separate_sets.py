"""Sets of examples in a file of their own: for validation, for testing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pellucid.data.encoding.encoding import Encoding
from pellucid.data.examples import Examples
from pellucid.data.like import missing_weights
from pellucid.data.raw import RawData
from pellucid.data.read import read_again
from pellucid.data.weights import checked_weights, relative_weights
from pellucid.errors import ConfigurationError, DataError

__all__ = ["check_once", "read_separate"]

# How the rows of a set are used, and the option that holds out some instead.
_USES = {"validation": ("for validation", "validation_size (--validation-size)"),
         "test": ("to test with", "test_size (--test-size)")}  # fmt: skip


def check_once(part: str, size: float | None, separate: object) -> None:
    """Check that a set is not given twice, before any data are read."""
    if not (size is None or separate is None):
        raise ConfigurationError(
            f"the {part} set is given twice",
            expected=f"a share of the {'rows' if part == 'test' else 'training set'}, or separate data",
            received=f"{part}_size={size!r} and {part}_data={separate!r}",
        )


def read_separate(
    part: str, source: object, encoding: Encoding, provenance: Mapping[str, Any], notes: list[str]
) -> tuple[RawData, Examples]:
    """Read and encode a set of its own like the training data.

    Parameters
    ----------
    part : {"validation", "test"}
        The set.
    source
        As in `load_data`.
    encoding : Encoding
        That of the training data.
    provenance : mapping
        That of the training data.
    notes : list of str
        Extended by what the user should know.

    Raises
    ------
    DataError
        If a target is missing everywhere, or is not one of the training data.
    """
    raw = read_again(source, provenance, known=encoding.known)
    use, instead = _USES[part]
    notes += raw.notes
    if raw.has_fingerprint(provenance["fingerprint"]):
        notes.append(
            f"the {part} data are the training data, so they cannot show whether the network overfits; "
            f"hold out some of these with {instead}"
        )
    try:
        examples = encoding.encode(raw, notes)
    except DataError as error:
        error.where = error.where or raw.name
        raise
    notes += missing_weights(raw, provenance, use)
    weights = checked_weights(raw)
    return raw, replace(examples, weights=None if weights is None else relative_weights(weights))
