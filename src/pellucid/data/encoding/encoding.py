"""The encoding of a data set and of a model: of the features as inputs, and of the targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from pellucid.data.encoding.column_inputs import ColumnInputs
from pellucid.data.encoding.inputs import Inputs, fit_inputs
from pellucid.data.encoding.targets import ClassTarget, LabelTarget, Target, ValueTarget
from pellucid.data.examples import Array, Examples
from pellucid.data.needs import Known
from pellucid.data.raw import RawData
from pellucid.errors import DataError, UnknownNameError, did_you_mean

__all__ = ["Encoding", "fit_target"]


@dataclass(frozen=True, eq=False)
class Encoding:
    """How raw rows become the inputs of a network, and raw targets what its outputs are compared with.

    Parameters
    ----------
    inputs : PixelInputs, ArrayInputs, ColumnInputs or SparseInputs
        The encoding of the features.
    target : ClassTarget, LabelTarget or ValueTarget
        The encoding of the targets.

    Examples
    --------
    >>> import polars as pl
    >>> from pellucid.data import load_data
    >>> heating = ["gas", "oil", "gas", "oil"]
    >>> houses = pl.DataFrame({"size": [1, 3, 4, 6], "heating": heating, "price": [2.5, 3.1, 3.9, 4.2]})
    >>> encoding = load_data(houses, test_size=1).encoding
    >>> encoding.inputs.features
    ('size', 'heating = gas', 'heating = oil')
    >>> encoding.origin_of(1), encoding.inputs_of("heating")
    ('heating', range(1, 3))
    """

    inputs: Inputs
    target: Target

    @classmethod
    def fit(
        cls, raw: RawData, train: NDArray[np.intp], target: Target, targets: Array
    ) -> "tuple[Encoding, list[str]]":
        """Fit to the training set.

        Parameters
        ----------
        raw : RawData
            All rows.
        train : array of intp
            The training rows.
        target : Target
            From `fit_target`.
        targets : array
            All targets, encoded by it.

        Returns
        -------
        Encoding, and notes for the user

        Raises
        ------
        DataError
            When nothing can be learned from a column, or from the targets.
        """
        target = target.fitted(targets[train])
        inputs, notes = fit_inputs(raw, train)
        return cls(inputs, target), notes

    @property
    def known(self) -> Known:
        """What reading other data needs to know of the columns."""
        target = self.target
        classes = isinstance(target, ClassTarget) and isinstance(target.labels[0], str)
        named = (target.name,) if isinstance(target, ClassTarget) and classes and target.name else ()
        if not isinstance(self.inputs, ColumnInputs):
            return Known(named, self.inputs.n_inputs)
        words = [column.name for column in self.inputs.columns if column.kind == "words"]
        return Known((*words, *named))

    def encode(self, raw: RawData, notes: list[str], *, targets: bool = True) -> Examples:
        """Encode raw data.

        Parameters
        ----------
        raw : RawData
        notes : list of str
            Extended by unknown categories, and missing values where training had none.
        targets : bool
            Whether to encode the targets if the data contain them.

        Raises
        ------
        DataError
            If the columns differ from those of the training data, or a target is missing or unknown.
        """
        (inputs,), scale = self.inputs.encode_sets(raw.rows, [np.arange(len(raw))], raw.place, notes)
        given = raw.target if targets else None
        encoded = None if given is None else self.target.encode(given, raw.place)
        return Examples(inputs, encoded, scale, raw.origin)

    def encode_sets(
        self, raw: RawData, sets: Mapping[str, NDArray[np.intp]], targets: Array, notes: list[str]
    ) -> dict[str, Examples]:
        """Encode the features of raw data for several sets of their rows.

        Parameters
        ----------
        raw : RawData
            Its rows are given up: they would take memory while the inputs are written.
        sets : dict of arrays of intp
            The rows of each set.
        targets : array
            All targets, encoded.
        notes : list of str
            Extended as by `encode`.
        """
        encoded, scale = self.inputs.encode_sets(raw.given_up(), list(sets.values()), raw.place, notes)
        return {
            name: Examples(inputs, targets[chosen], scale, raw.origin[chosen])
            for (name, chosen), inputs in zip(sets.items(), encoded, strict=True)
        }

    def origin_of(self, index: int) -> str:
        """Return the column that an input comes from.

        Parameters
        ----------
        index : int
            The number of the input, counted from 0.

        Raises
        ------
        DataError
            If there is no such input.
        """
        for name, inputs in self._columns().items():
            if index in inputs:
                return name
        raise DataError(
            f"there is no input {index}",
            expected=f"a whole number from 0 to {self.inputs.n_inputs - 1}",
            received=repr(index),
        )

    def inputs_of(self, name: str) -> range:
        """Return the inputs that a column becomes.

        Parameters
        ----------
        name : str
            The name of the column.

        Raises
        ------
        UnknownNameError
            If there is no such column.
        """
        columns = self._columns()
        if name not in columns:
            raise UnknownNameError(
                f"no input comes from a column {name!r}",
                received=repr(name),
                remedy=did_you_mean(str(name), columns),
            )
        return columns[name]

    def _columns(self) -> dict[str, range]:
        """Return the inputs of each column."""
        widths = self.inputs.widths
        ends = accumulate(widths.values())
        return {name: range(end - widths[name], end) for name, end in zip(widths, ends, strict=True)}


def fit_target(raw: RawData, task: str) -> Target:
    """Fit the encoding of the targets to all rows."""
    assert raw.target is not None
    if task == "classification":
        return ClassTarget.fit(raw.target, raw.target_name, raw.place)
    kind = LabelTarget if task == "multilabel" else ValueTarget
    names = raw.target_names or (None if raw.target_name is None else (raw.target_name,))
    return kind.fit(raw.target, names, raw.place)
