"""The history of training: metrics of each epoch."""

import html
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.atomic_file import write_atomically
from pellucid.described import fields, list_of, number_from, whole
from pellucid.errors import DataError
from pellucid.evaluation.figures import ready_for_json

if TYPE_CHECKING:
    import polars

__all__ = ["History"]

# A metric may be infinite or undefined.
_DESCRIBED = list_of(fields({"epoch": whole()}, others=number_from(finite=False)), least=1)


class History:
    """A table of metrics with a row for each epoch; row 0 is the network before training.

    Examples
    --------
    >>> history = History()
    >>> history.append({"epoch": 0, "train_cost": 2.3, "test_cost": 2.4})
    >>> history.append({"epoch": 1, "train_cost": 0.5, "test_cost": 0.6})
    >>> history["train_cost"], history[-1]["test_cost"], len(history)
    ([2.3, 0.5], 0.6, 2)
    >>> History.from_json(history.to_json()) == history
    True
    """

    def __init__(self, rows: list[dict[str, Any]] | None = None) -> None:
        self.rows: list[dict[str, Any]] = []
        for row in rows or []:
            self.append(row)

    def append(self, row: dict[str, Any]) -> None:
        """Append the metrics of an epoch.

        Raises
        ------
        DataError
            If its columns differ from those of the previous epochs.
        """
        if self.rows and list(row) != self.columns:
            raise DataError(
                "the columns of an epoch must be those of the previous epochs",
                expected=", ".join(self.columns),
                received=", ".join(row),
            )
        self.rows.append(dict(row))

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.rows[0]) if self.rows else []

    def cost_column(self, part: str) -> str:
        """Return the column with the cost of a set: the weighted cost if there are sample weights.

        Examples
        --------
        >>> History([{"test_cost": 1.0}]).cost_column("test")
        'test_cost'
        >>> History([{"test_cost": 1.0, "test_weighted_cost": 0.5}]).cost_column("test")
        'test_weighted_cost'
        """
        weighted = f"{part}_weighted_cost"
        return weighted if weighted in self.columns else f"{part}_cost"

    @property
    def n_epochs(self) -> int:
        """The number of epochs, without row 0."""
        return max(len(self.rows) - 1, 0)

    @property
    def measured(self) -> "History":
        """The epochs that were measured; the learning rates of skipped epochs are added to the next one.

        Examples
        --------
        >>> rows = [(0, 0.9, 0.0), (1, math.nan, 0.1), (2, 0.5, 0.2)]
        >>> names = ("epoch", "train_cost", "learning_rate")
        >>> History([dict(zip(names, row)) for row in rows]).measured["learning_rate"]
        [0.0, 0.30000000000000004]
        """
        rows, passed = [], 0.0
        for row in self.rows:
            passed += row.get("learning_rate", 0.0)
            # The cost may be nan before training; an epoch after which it is nan is undone.
            if "train_cost" in row and (row["epoch"] == 0 or not math.isnan(row["train_cost"])):
                rows.append(row | ({"learning_rate": passed} if "learning_rate" in row else {}))
                passed = 0.0
        return History(rows)

    def __getitem__(self, key: str | int) -> Any:
        """Return a column by name, or an epoch by number."""
        if isinstance(key, str):
            if key not in self.columns:
                raise KeyError(f"no column {key!r}; the columns are {', '.join(self.columns)}")
            return [row[key] for row in self.rows]
        return self.rows[key]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        return list(map(ready_for_json, self.rows)) == list(map(ready_for_json, other.rows))

    __hash__ = None  # type: ignore[assignment]  # it is mutable

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the table as JSON text, a list of objects; also write it, atomically, if a path is given.

        Undefined metrics, nan in Python, are null in JSON.
        """
        text = json.dumps([ready_for_json(row) for row in self.rows])
        if path is not None:
            write_atomically(Path(path), text.encode())
        return text

    @classmethod
    def from_json(cls, text: str) -> "History":
        """Return the history that `to_json` wrote."""
        rows = json.loads(text)
        return cls([{name: math.nan if cell is None else cell for name, cell in row.items()} for row in rows])

    @classmethod
    def from_list(cls, rows: Any) -> "History":
        """Return a history with these rows, as read from a file.

        Raises
        ------
        ValueError
            If they are not metrics of epochs, counted from 0; the message names the first problem and where
            it is.
        """
        _DESCRIBED(rows, "history")
        for epoch, row in enumerate(rows):
            if row["epoch"] != epoch:
                raise ValueError(f"history[{epoch}].epoch must be {epoch}, not {row['epoch']}")
        return cls(rows)

    def to_polars(self) -> "polars.DataFrame":
        """Return the table as a polars data frame."""
        import polars  # the import takes as long as all others together, and is only needed here

        return polars.DataFrame(self.rows)

    def __str__(self) -> str:
        cells = [self.columns, *([_figure(row[column]) for column in self.columns] for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        return "\n".join(
            "   ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in cells
        )

    def __repr__(self) -> str:
        return f"History({self.n_epochs} epochs of {', '.join(self.columns)})"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(column)}</th>" for column in self.columns)
        body = "".join(
            "<tr>"
            + "".join(f"<td>{html.escape(_figure(row[column]))}</td>" for column in self.columns)
            + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
