"""Values as targets: numbers in their own units, standardised for training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.data.cells.raw_targets import check_target_names, value_matrix
from pellucid.data.encoding.standard import mean_and_spread
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import Check, fields, list_of, number, number_from, one_of, text
from pellucid.errors import DataError

__all__ = ["ValueTarget"]


@dataclass(frozen=True, eq=False)
class ValueTarget:
    """Values: one or more numbers per example, standardised for training.

    Parameters
    ----------
    names : tuple of str
        The names of the values.
    mean, scale : array of float64, shape (k,)
        Mean and standard deviation of the training set, in the units of the values.

    Examples
    --------
    >>> target = ValueTarget.fit(np.array([10.0, 30.0]), ("price",))
    >>> target.matrix(np.array([[30.0], [10.0]]), 1, np.float64)
    array([[ 1.],
           [-1.]])
    >>> target.to_units(np.array([[0.5]]))
    array([[25.]])
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    task: ClassVar[str] = "regression"
    n_classes: ClassVar[None] = None
    n_choices: ClassVar[int | None] = None
    # Values may sum to 1.
    shares: ClassVar[bool] = True
    _described: ClassVar[Check] = fields(
        {
            "task": one_of(["regression"]),
            "names": list_of(text, least=1, distinct=True),
            "mean": list_of(number),
            "scale": list_of(number_from(above=0)),
        }
    )

    @classmethod
    def fit(
        cls,
        raw: Array,
        names: Sequence[str] | None = None,
        place: Place = row_place,
        part: str = "",
    ) -> "ValueTarget":
        """Fit mean and scale to the training set.

        Parameters
        ----------
        raw : array, shape (n,) or (n, k)
            Numbers, or text that contains numbers.
        names : sequence of str, optional
            The names of the values.
        place : callable
            Describes where a row is, for error messages.
        part : str
            The set that the rows belong to, for error messages.

        Raises
        ------
        DataError
            When there is no value, one is not a finite number, a column is constant, or two columns have the
            same name.
        """
        values = value_matrix(raw, place, names or ())
        n_values = values.shape[1]
        if names is None:
            names = ("y",) if n_values == 1 else tuple(f"y {index}" for index in range(n_values))
        check_target_names(names, n_values)
        mean, scale = mean_and_spread(values)
        constant = np.flatnonzero(scale == 0)
        if constant.size:
            column = int(constant[0])
            raise DataError(
                "the target is constant",
                expected="at least two distinct values",
                received=f"{values[0, column]:g} in all {len(values):,} rows"
                + f" of the {part}" * bool(part),
                where=f"target {names[column]!r}",
                remedy="choose another target" + ", or another test size or seed" * bool(part),
            )
        return cls(tuple(names), mean, scale)

    @property
    def n_values(self) -> int:
        """The number of values per example."""
        return len(self.names)

    @property
    def name(self) -> str | None:
        """The target column if there is only one, as for classes."""
        return self.names[0] if len(self.names) == 1 else None

    @property
    def aim(self) -> str:
        """The prediction target, in words."""
        return f"values of {', '.join(self.names)}"

    @property
    def fitting_outputs(self) -> tuple[int, ...]:
        """The possible numbers of output neurons: one per value."""
        return (self.n_values,)

    def output_names(self, n_outputs: int) -> tuple[str, ...]:
        """Return the name of each output neuron's value."""
        return self.names

    def encode(self, raw: Array, place: Place = row_place) -> NDArray[np.float64]:
        """Convert raw values to numbers in their own units.

        Parameters
        ----------
        raw : array, shape (n,) or (n, k)
            Numbers, or text that contains numbers.
        place : callable
            Describes where a row is, for error messages.

        Returns
        -------
        array of float64, shape (n, k)

        Raises
        ------
        DataError
            When a value is not a finite number, or there are not k per example.
        """
        values = value_matrix(raw, place, self.names)
        self._check_width(values.shape[1], "values per example")
        return values

    def matrix(self, targets: Array, n_outputs: int, dtype: DTypeLike) -> Array:
        """Return the target outputs of the network: the values, standardised.

        Parameters
        ----------
        targets : array of float64, shape (n, k)
            Values in their own units.
        n_outputs : int
            The number of outputs, which must be k.
        dtype : numpy dtype
            float32 or float64.

        Returns
        -------
        array of `dtype`, shape (n, k)

        Raises
        ------
        DataError
            When there are not k outputs.
        """
        self._check_width(n_outputs, "outputs")
        return ((targets - self.mean) / self.scale).astype(dtype)

    def to_units(self, outputs: Array) -> NDArray[np.float64]:
        """Convert the network's outputs to values in their own units.

        Parameters
        ----------
        outputs : array, shape (n, k)
        """
        with np.errstate(over="ignore"):  # a value that overflows becomes infinite
            return np.asarray(outputs, np.float64) * self.scale + self.mean

    def answers(self, outputs: Array, threshold: float) -> NDArray[np.float64]:
        """Convert outputs to values in their own units; the threshold is not used."""
        return self.to_units(outputs)

    def decode(self, answers: NDArray[np.float64]) -> Array:
        """Return the predicted values, shape (n, k), or (n,) for a single value."""
        return answers[:, 0] if self.n_values == 1 else answers

    def as_record(self, answer: NDArray[np.float64]) -> float | dict[str, float]:
        """Return one example's value, or its values by name, ready for JSON."""
        return float(answer[0]) if self.n_values == 1 else dict(zip(self.names, answer.tolist(), strict=True))

    def in_words(self, answer: NDArray[np.float64]) -> str:
        """Write one example's values."""
        return ", ".join(f"{value:,.6g}" for value in answer)

    def plain(self) -> "ValueTarget":
        """Return a copy without standardisation: mean 0, scale 1."""
        return ValueTarget(self.names, np.zeros(self.n_values), np.ones(self.n_values))

    @property
    def how_scaled(self) -> str | None:
        """How the values are scaled, in words; None if they are unchanged."""
        if np.any(self.mean):
            return "standardised"
        return "divided by its standard deviation" if np.any(self.scale != 1) else None

    def unshifted(self) -> "ValueTarget":
        """Return a copy that only scales: mean 0, so that no sign changes."""
        return ValueTarget(self.names, np.zeros(self.n_values), self.scale)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for JSON."""
        return {
            "task": self.task,
            "names": list(self.names),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
        }

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "ValueTarget":
        """Rebuild from the result of `to_dict`."""
        cls._described(parts, "target")
        names, mean, scale = tuple(parts["names"]), parts["mean"], parts["scale"]
        if not len(names) == len(mean) == len(scale):
            raise ValueError(f"target has {len(names)} names, {len(mean)} means and {len(scale)} scales")
        return cls(names, np.array(mean, float), np.array(scale, float))

    def _check_width(self, received: int, what: str) -> None:
        if received != self.n_values:
            raise DataError(
                "the wrong number of target values",
                expected=f"{self.n_values} {what}, for {', '.join(self.names)}",
                received=str(received),
            )
