"""The common part of the kinds of targets."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

from numpy.typing import DTypeLike

from pellucid.data.cells.raw_targets import short_list
from pellucid.data.encoding.stored import Stored
from pellucid.data.examples import Array
from pellucid.data.raw import Place, row_place
from pellucid.errors import DataError

__all__ = ["ColumnsTarget", "TargetKind", "numbered"]


class TargetKind(Stored):
    """The meaning of targets, and of the outputs of a network that predicts them."""

    place = "target"
    tag = "task"
    task: ClassVar[str]
    # Whether the outputs may sum to 1.
    shares: ClassVar[bool]

    @property
    def n_classes(self) -> int | None:
        """The number of classes; None for labels and values."""
        return None

    @property
    def n_choices(self) -> int | None:
        """The number of choices over which a target can be smoothed; None for values."""
        return None

    @property
    @abstractmethod
    def aim(self) -> str:
        """The prediction target, in words."""

    @property
    @abstractmethod
    def fitting_outputs(self) -> tuple[int, ...]:
        """The possible numbers of output neurons, smallest first."""

    @abstractmethod
    def output_names(self, n_outputs: int) -> tuple[str, ...]:
        """Return the name of each output neuron: its class, label or value."""

    @abstractmethod
    def encode(self, raw: Array, place: Place = row_place) -> Array:
        """Turn raw targets into class indices, booleans, or numbers in their own units.

        Parameters
        ----------
        raw : array, shape (n,) or (n, k)
            The targets as in the data: class labels; two values for each label, or cells of text that
            contain all labels of an example; or numbers, also as text.
        place : callable
            Describes where a row is, for error messages.

        Returns
        -------
        array of intp, shape (n,); of bool, shape (n, k); or of float64, shape (n, k)

        Raises
        ------
        DataError
            When a class or label is unknown, a value is missing or not a finite number, or their number per
            example differs.
        """

    @abstractmethod
    def matrix(self, targets: Array, n_outputs: int, dtype: DTypeLike) -> Array:
        """Return the target outputs of the network: one-hot, 1 for yes and 0 for no, or standardised values.

        Parameters
        ----------
        targets : array
            Encoded targets.
        n_outputs : int
            The number of outputs: k, or 1 or 2 for two classes.
        dtype : numpy dtype
            float32 or float64.

        Returns
        -------
        array of `dtype`, shape (n, n_outputs)

        Raises
        ------
        DataError
            When the number of outputs does not match the targets.
        """

    @abstractmethod
    def answers(self, outputs: Array, threshold: float) -> Array:
        """Return encoded targets for outputs: the largest, those above the threshold, or the values."""

    @abstractmethod
    def decode(self, answers: Array) -> Array:
        """Return encoded targets as in the data: class labels, booleans for each label, or values."""

    @abstractmethod
    def as_record(self, answer: Any) -> Any:
        """Return one example's class, its labels by name, or its value or values by name, ready for JSON."""

    @abstractmethod
    def in_words(self, answer: Any) -> str:
        """Name one example's class or labels, or write its values."""

    def fitted(self, train: Array) -> Self:
        """Return the target fitted to the encoded targets of the training set, for what depends on those."""
        return self

    def remarks(self, raw: Array, train: Array) -> list[str]:
        """Return notes on raw targets and the encoded ones of the training set."""
        return []


class ColumnsTarget(TargetKind):
    """Targets of which each example has several, each with its own name and its own output."""

    names: tuple[str, ...]
    # The error for another number of columns.
    mismatch: ClassVar[str]

    @classmethod
    @abstractmethod
    def fit(cls, raw: Array, names: Sequence[str] | None = None, place: Place = row_place) -> Self:
        """Find the labels, or fit mean and scale of the values.

        Parameters
        ----------
        raw : array, shape (n, k) or (n,)
            Numbers, or text that contains numbers, as values. For labels two values per column: 0 and 1,
            booleans, or two words; or a single column of text that contains all labels of an example,
            separated by ; or |.
        names : sequence of str, optional
            The names of the columns.
        place : callable
            Describes where a row is, for error messages.

        Raises
        ------
        DataError
            When there is no column, a column is constant, a value is not a finite number, a label has more
            than two values, or two columns would have the same name.
        """

    @property
    def fitting_outputs(self) -> tuple[int, ...]:
        """The possible numbers of output neurons: one for each name."""
        return (len(self.names),)

    def output_names(self, n_outputs: int) -> tuple[str, ...]:
        """Return the name of each output neuron."""
        return self.names

    def _check_width(self, received: int, what: str) -> None:
        if received != len(self.names):
            raise DataError(
                self.mismatch,
                expected=f"{len(self.names)} {what}, for {short_list(self.names)}",
                received=str(received),
            )


def numbered(names: Sequence[str] | None, stem: str, count: int) -> Sequence[str]:
    """Return names, or numbered ones where there are none."""
    if names is not None:
        return names
    return (stem,) if count == 1 else tuple(f"{stem} {index}" for index in range(count))
