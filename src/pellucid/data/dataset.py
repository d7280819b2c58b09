"""A data set ready for training: its splits, and the encoding of inputs and targets."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.encoding.inputs import Inputs
from pellucid.data.encoding.targets import ClassTarget, Target
from pellucid.data.examples import Examples
from pellucid.data.raw import RawData
from pellucid.data.splits import check_sets, split_by_share, split_validation
from pellucid.errors import DataError

__all__ = ["Dataset", "split", "split_again"]

Rows = NDArray[np.intp]


@dataclass(eq=False, repr=False)
class Dataset:
    """Training, validation and test examples, with the encoding of their inputs and targets.

    Parameters
    ----------
    name : str
        The name of the data set.
    train : Examples
        The training set.
    test : Examples or None
        The test set.
    inputs : PixelInputs, ArrayInputs or ColumnInputs
        The encoding of the features.
    target : ClassTarget, LabelTarget or ValueTarget
        The encoding of the targets.
    notes : list of str
        Notes for the user.
    provenance : dict
        The origin of the data and how they were split, as plain values for JSON.
    validation : Examples or None
        The validation set, for early stopping and model selection, so that the test set decides nothing.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> load_data("digits")
    <Dataset digits: 1,438 rows to train on, 359 to test with; 64 inputs; 10 classes>
    """

    name: str
    train: Examples
    test: Examples | None
    inputs: Inputs
    target: Target
    notes: list[str] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)
    validation: Examples | None = None

    @property
    def sets(self) -> dict[str, Examples]:
        """The sets of examples that there are, by name: "train", "test", "validation"."""
        sets = {"train": self.train, "test": self.test, "validation": self.validation}
        return {name: examples for name, examples in sets.items() if examples is not None}

    @property
    def test_set(self) -> Examples:
        """The test set, for a use that cannot do without.

        Raises
        ------
        DataError
            If there is none.
        """
        if self.test is None:
            raise DataError(
                "the data have no test set",
                expected="a data set with examples to test with",
                received=self.name,
                remedy="load it with a test_size above 0",
            )
        return self.test

    @property
    def task(self) -> str:
        """Classification, multilabel or regression."""
        return self.target.task

    @property
    def n_inputs(self) -> int:
        """The number of inputs of a network for these data."""
        return self.inputs.n_inputs

    @property
    def n_classes(self) -> int | None:
        """The number of classes; None for labels and values."""
        return self.target.n_classes

    @property
    def _parts(self) -> tuple[str, str, str]:
        aim = self.target.aim
        uses = {"train": "rows to train on", "validation": "to validate with", "test": "to test with"}
        sets = self.sets
        rows = ", ".join(f"{len(sets[name]):,} {use}" for name, use in uses.items() if name in sets)
        return rows, f"{self.n_inputs:,} input{'s' * (self.n_inputs != 1)}", aim

    def __repr__(self) -> str:
        return f"<Dataset {self.name}: {'; '.join(self._parts)}>"

    def _repr_html_(self) -> str:
        rows, inputs, aim = map(html.escape, self._parts)
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return (
            f"<p><b>{html.escape(self.name)}</b></p><ul><li>{rows}</li><li>{inputs}</li><li>{aim}</li></ul>"
            + (f"<p>Notes</p><ul>{notes}</ul>" if notes else "")
        )


def split(
    raw: RawData, test_size: float, seed: int, classes: Rows | None, names: tuple[str, ...]
) -> tuple[Rows, Rows]:
    """Split raw data as given by their source, or else at random.

    Parameters
    ----------
    raw : RawData
        All rows.
    test_size, seed
        As in `split_by_share`; not used if the source has its own split.
    classes : array of intp or None
        The class of each row.
    names : tuple of str
        The names of the classes.

    Returns
    -------
    train, test : arrays of intp
    """
    if raw.train is None:
        return split_by_share(len(raw), test_size, seed, classes, names)
    train, test = np.flatnonzero(raw.train), np.flatnonzero(~raw.train)
    check_sets(train, test, classes, names)
    return train, test


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
        Positions in `raw` by set: "train", "test" and, if there was one, "validation".

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
    fingerprint = raw.fingerprint()
    if fingerprint != provenance["fingerprint"]:
        raise DataError(
            "these are not the data that the model was trained on, so its split cannot be reproduced",
            expected=f"the fingerprint {provenance['fingerprint'][:16]}...",
            received=f"{fingerprint[:16]}...",
            where=raw.name,
            remedy="use the same file, unchanged, or evaluate on all rows",
        )
    labelled = raw.labelled()
    known = raw.take(labelled)
    classes: Rows | None = None
    names: tuple[str, ...] = ()
    if provenance["task"] == "classification" and known.target is not None:
        # A model trained further from another one may have seen only one class in these data.
        target = ClassTarget.found_in(known.target)
        classes, names = target.encode(known.target), target.names
    train, test = split(known, provenance["test_size"], provenance["seed"], classes, names)
    parts = {"train": labelled[train], "test": labelled[test]}
    size = provenance.get("validation_size")
    if size is not None:
        train, apart = split_validation(train, size, provenance["seed"], classes)
        parts |= {"train": labelled[train], "validation": labelled[apart]}
    return parts
