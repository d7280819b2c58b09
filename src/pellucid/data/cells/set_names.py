"""The names of the sets in a column that splits the data."""

from collections.abc import Iterable

__all__ = ["SET_NAMES", "are_set_names"]

# In lower case.
SET_NAMES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "holdout"), "test"),
}


def are_set_names(words: Iterable[str]) -> bool:
    """Return whether words name the training set and another one.

    Examples
    --------
    >>> are_set_names(["Train", "test"]), are_set_names(["train", "bus"]), are_set_names(["test"])
    (True, False, False)
    """
    sets = {SET_NAMES.get(word.lower()) for word in words}
    return None not in sets and "train" in sets and len(sets) > 1
