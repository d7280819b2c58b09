"""Values as targets: numbers in their own units, standardised for training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike

from pellucid.data.cells.raw_targets import check_target_names, value_matrix
from pellucid.data.encoding.standard import FAR, Floats, mean_and_spread
from pellucid.data.encoding.stored import Part, check_standardisation, floats
from pellucid.data.encoding.target_kind import ColumnsTarget, numbered
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.described import list_of, number, number_from, text
from pellucid.errors import DataError

__all__ = ["ValueTarget"]

# The largest standardised target. SGD with its usual rate diverges where some are much larger.
_LARGEST = 50.0


@dataclass(frozen=True, eq=False)
class ValueTarget(ColumnsTarget):
    """Values: one or more numbers per example, standardised for training.

    Parameters
    ----------
    names : tuple of str
        The names of the values.
    mean, scale : array of float64, shape (k,)
        Mean and standard deviation of the training set, in the units of the values; if a value is farther
        than 50 standard deviations from the mean, the scale is a fiftieth of that distance instead.
    deviation : array of float64, shape (k,), optional
        The standard deviations, if the scale is not made of those.

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
    mean: Floats
    scale: Floats
    deviation: Floats | None = None

    task = "regression"
    shares = True
    mismatch = "the wrong number of target values"
    stored: ClassVar[Mapping[str, Part]] = {
        "names": Part(list_of(text, least=1, distinct=True), tuple),
        "mean": Part(list_of(number), floats),
        "scale": Part(list_of(number_from(above=0)), floats),
        "deviation": Part(list_of(number_from(above=0)), floats, in_all_files=False),
    }

    @classmethod
    def fit(
        cls,
        raw: Array,
        names: Sequence[str] | None = None,
        place: Place = row_place,
        part: str = "",
    ) -> Self:
        values = value_matrix(raw, place, names or ())
        n_values = values.shape[1]
        names = numbered(names, "y", n_values)
        check_target_names(names, n_values)
        mean, deviation = mean_and_spread(values)
        constant = np.flatnonzero(deviation == 0)
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
        scale = np.maximum(deviation, _least_scale(values, mean))
        return cls(tuple(names), mean, scale, None if np.array_equal(scale, deviation) else deviation)

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
        return f"values of {', '.join(self.names)}"

    def encode(self, raw: Array, place: Place = row_place) -> Floats:
        values = value_matrix(raw, place, self.names)
        self._check_width(values.shape[1], "values per example")
        return values

    def matrix(self, targets: Array, n_outputs: int, dtype: DTypeLike) -> Array:
        self._check_width(n_outputs, "outputs")
        return ((targets - self.mean) / self.scale).astype(dtype)

    def to_units(self, outputs: Array) -> Floats:
        """Convert the network's outputs to values in their own units.

        Parameters
        ----------
        outputs : array, shape (n, k)
        """
        with np.errstate(over="ignore"):  # a value that overflows becomes infinite
            return np.asarray(outputs, np.float64) * self.scale + self.mean

    def answers(self, outputs: Array, threshold: float) -> Floats:
        return self.to_units(outputs)

    def decode(self, answers: Floats) -> Array:
        return answers[:, 0] if self.n_values == 1 else answers

    def as_record(self, answer: Floats) -> float | dict[str, float]:
        return float(answer[0]) if self.n_values == 1 else dict(zip(self.names, answer.tolist(), strict=True))

    def in_words(self, answer: Floats) -> str:
        return ", ".join(f"{value:,.6g}" for value in answer)

    def fitted(self, train: Floats) -> Self:
        return self.fit(train, self.names, part="training set")

    @property
    def spread(self) -> Floats:
        """The standard deviations of the training set, in the units of the values."""
        return self.scale if self.deviation is None else self.deviation

    def remarks(self, raw: Array, train: Floats) -> list[str]:
        mean, deviation = mean_and_spread(train)
        with np.errstate(invalid="ignore"):  # a constant target, which is refused
            distances = _LARGEST * (_least_scale(train, mean) / deviation)
        rows = np.abs(train / 2 - mean / 2).argmax(axis=0)  # halved, so that no difference overflows
        farthest = np.take_along_axis(train, rows[None], axis=0)[0]
        columns = zip(self.names, distances, farthest, train.min(axis=0), strict=True)
        return [_long_tail(name, distance, *others) for name, distance, *others in columns if distance > FAR]

    def plain(self) -> Self:
        """Return a copy without standardisation: mean 0, scale 1."""
        return replace(self, mean=np.zeros(self.n_values), scale=np.ones(self.n_values))

    @property
    def how_scaled(self) -> str | None:
        """How the values are scaled, in words; None if they are unchanged."""
        if np.any(self.mean):
            return "standardised"
        return "divided by its standard deviation" if np.any(self.scale != 1) else None

    def unshifted(self) -> Self:
        """Return a copy that only scales: mean 0, so that no sign changes."""
        return replace(self, mean=np.zeros(self.n_values))

    def check(self, where: str) -> None:
        check_standardisation(where, self.names, self.mean, self.scale)
        if self.deviation is not None and len(self.deviation) != len(self.names):
            raise ValueError(f"{where} has {len(self.names)} names and {len(self.deviation)} deviations")


def _least_scale(values: Floats, mean: Floats) -> Floats:
    """Return the scale by which no value becomes larger than 50."""
    mean = mean / _LARGEST  # divided first, so that no difference overflows
    scale: Floats = np.maximum(values.max(axis=0) / _LARGEST - mean, mean - values.min(axis=0) / _LARGEST)
    return scale


def _long_tail(name: str, distance: float, value: float, least: float) -> str:
    scaled = f", so all are scaled down to {_LARGEST:g} at most" * bool(distance > _LARGEST)
    logarithm = "on the logarithm (np.log1p(y) in Python), or " * bool(least >= 0)
    return (
        f"the target {name!r} has a long tail: a value, {value:,.6g}, is {distance:,.0f} standard "
        f"deviations from the mean{scaled}. Squared errors depend mostly on such values: check them, or "
        f"train {logarithm}with the cost huber (--cost huber)"
    )
