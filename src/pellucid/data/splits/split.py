"""How data are split, as a model stores it, so that the split can be reproduced."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.data.encoding.class_target import ClassTarget
from pellucid.data.raw import RawData
from pellucid.data.splits.drawing import (
    Rows,
    check_sets,
    check_size,
    check_split,
    given_twice,
    split_by_share,
    split_validation,
)
from pellucid.errors import DataError

__all__ = ["DEFAULT_TEST_SIZE", "Split", "classes_in", "split_again", "with_test_set"]

DEFAULT_TEST_SIZE = 0.2


@dataclass(frozen=True)
class Split:
    """The sizes of the sets, and the seed.

    Parameters
    ----------
    test_size : float, int or None
        A share of the rows, or a number of rows. Not used if the data have their own split. None if the test
        set is not a part of these data.
    seed : int
    validation_size : float, int or None
        A share or number of the training rows; None for no validation set.

    Examples
    --------
    >>> import numpy as np
    >>> parts = Split(0.2, validation_size=2).parts(RawData("ten", np.ones((10, 1))))
    >>> {name: len(rows) for name, rows in parts.items()}
    {'train': 6, 'test': 2, 'validation': 2}
    """

    test_size: float | None = DEFAULT_TEST_SIZE
    seed: int = 0
    validation_size: float | None = None

    def check(self) -> None:
        """Check the sizes and the seed."""
        check_split(DEFAULT_TEST_SIZE if self.test_size is None else self.test_size, self.seed)
        if self.validation_size is not None:
            check_size(self.validation_size, "validation")

    def parts(
        self, raw: RawData, classes: Rows | None = None, names: tuple[str, ...] = ()
    ) -> dict[str, Rows]:
        """Return the rows of each set: "train", and "test" and "validation" if there are such sets."""
        parts = raw.own_parts()
        if self.test_size is None:
            if len(parts.pop("test", ())):
                raise given_twice("test", "test_data")
            parts = parts or {"train": np.arange(len(raw))}
            check_sets(parts["train"], None, classes, names)
        elif parts:
            parts = with_test_set(parts)
            check_sets(parts["train"], parts["test"], classes, names)
        else:
            train, test = split_by_share(len(raw), self.test_size, self.seed, classes, names)
            parts = {"train": train, "test": test}
        if self.validation_size is None:
            return parts
        if "validation" in parts:
            raise given_twice("validation", f"validation_size={self.validation_size!r}")
        train, validation = split_validation(parts["train"], self.validation_size, self.seed, classes)
        return {**parts, "train": train, "validation": validation}

    def to_provenance(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "test_size": None if self.test_size is None else _plain(self.test_size),
            "seed": int(self.seed),
            "validation_size": None if self.validation_size is None else _plain(self.validation_size),
        }

    @classmethod
    def from_provenance(cls, provenance: Mapping[str, Any]) -> "Split":
        """Return the split of a model; older ones have no validation set."""
        return cls(provenance["test_size"], provenance["seed"], provenance.get("validation_size"))


def with_test_set(parts: dict[str, Rows]) -> dict[str, Rows]:
    """Return the sets of the data's own split; without a test set, the validation set is used as one.

    Examples
    --------
    >>> import numpy as np
    >>> parts = {"train": np.arange(3), "test": np.arange(0), "validation": np.arange(3, 5)}
    >>> with_test_set(parts)
    {'train': array([0, 1, 2]), 'test': array([3, 4])}
    """
    if "validation" not in parts or len(parts["test"]):
        return parts
    return {"train": parts["train"], "test": parts["validation"]}


def classes_in(raw: RawData) -> tuple[Rows, tuple[str, ...]]:
    """Return the class of each row and the names of the classes that occur, even if it is only one.

    A model trained further from another one may have seen only one of its classes in these data.
    """
    assert raw.target is not None
    target = ClassTarget.found_in(raw.target, raw.target_name, raw.place)
    return target.encode(raw.target, raw.place), target.names


def split_again(raw: RawData, provenance: Mapping[str, Any]) -> dict[str, Rows]:
    """Reproduce the split that a model was trained with.

    Parameters
    ----------
    raw : RawData
        The same data, read again with the same target; rows without a target are in none of the sets.
    provenance : dict
        The provenance stored with the model.

    Returns
    -------
    dict of arrays of intp
        Positions in `raw` by set: "train", and "test" and "validation" if these were parts of the data.

    Raises
    ------
    DataError
        When the data are not the same.

    Examples
    --------
    >>> from pellucid.data import load_data, read_data
    >>> data = load_data("digits")
    >>> parts = split_again(read_data("digits"), data.provenance)
    >>> bool((parts["test"] == data.test.origin).all())
    True
    """
    if not raw.has_fingerprint(provenance["fingerprint"]):
        raise DataError(
            "these are not the data that the model was trained on, so its split cannot be reproduced",
            expected=f"the fingerprint {provenance['fingerprint'][:16]}...",
            received=f"{raw.fingerprint()[:16]}...",
            where=raw.name,
            remedy="use the same file, unchanged, or evaluate on all rows",
        )
    labelled = raw.labelled()
    known = raw.take(labelled)
    stratified = provenance["task"] == "classification" and known.target is not None
    classes, names = classes_in(known) if stratified else (None, ())
    parts = Split.from_provenance(provenance).parts(known, classes, names)
    return {name: labelled[rows] for name, rows in parts.items()}


def _plain(size: float) -> float | int:
    return float(size) if size < 1 else int(size)
