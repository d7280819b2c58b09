"""A data set ready for training: its splits, and the encoding of inputs and targets."""

import html
from dataclasses import dataclass, field
from typing import Any

from pellucid.data.encoding.encoding import Encoding
from pellucid.data.encoding.inputs import Inputs
from pellucid.data.encoding.targets import Target
from pellucid.data.examples import Examples
from pellucid.data.report import DataReport
from pellucid.errors import DataError

__all__ = ["Dataset"]


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
    report : DataReport or None
        What was made of each column, the balance of the target, repeated rows; None for a data set that was
        not loaded.

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
    report: DataReport | None = None

    @property
    def encoding(self) -> Encoding:
        """The encoding of inputs and targets."""
        return Encoding(self.inputs, self.target)

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
