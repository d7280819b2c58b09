"""What each epoch came to: the two curves of cost and of accuracy or error."""

import html
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.described import fields, list_of, number_from, whole
from pellucid.errors import DataError
from pellucid.whole_file import write_whole

if TYPE_CHECKING:
    import polars

__all__ = ["History"]

# A figure may be infinite, or undefined.
_DESCRIBED = list_of(fields({"epoch": whole()}, others=number_from(finite=False)), least=1)


class History:
    """A table with a row for each epoch; row 0 is the network before it learned anything.

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
        """Add an epoch.

        Raises
        ------
        DataError
            If its columns are not those of the epochs before.
        """
        if self.rows and list(row) != self.columns:
            raise DataError(
                "an epoch's figures must be those of the epochs before",
                expected=", ".join(self.columns),
                received=", ".join(row),
            )
        self.rows.append(dict(row))

    @property
    def columns(self) -> list[str]:
        """The names of the figures that are kept."""
        return list(self.rows[0]) if self.rows else []

    def cost_column(self, part: str) -> str:
        """Return the column of the cost that training lowers, on a part: the weighted one where rows count.

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
        """How many epochs were trained, row 0 not counted."""
        return max(len(self.rows) - 1, 0)

    @property
    def measured(self) -> "History":
        """The epochs that were measured; the learning rate of each stands for those before it that were not.

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
            # Before any learning the cost may be nan; an epoch after which it is nan is undone.
            if "train_cost" in row and (row["epoch"] == 0 or not math.isnan(row["train_cost"])):
                rows.append(row | ({"learning_rate": passed} if "learning_rate" in row else {}))
                passed = 0.0
        return History(rows)

    def __getitem__(self, key: str | int) -> Any:
        """Give a column by name or an epoch by number."""
        if isinstance(key, str):
            if key not in self.columns:
                raise KeyError(f"{key!r} is not kept; there is {', '.join(self.columns)}")
            return [row[key] for row in self.rows]
        return self.rows[key]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        return _without_nan(self.rows) == _without_nan(other.rows)

    __hash__ = None  # type: ignore[assignment]  # it grows

    def to_json(self, path: str | Path | None = None) -> str:
        """Give the table as JSON text, a list of objects; also write it, in one piece, if a path is given.

        A figure that is undefined, nan in Python, is null there.
        """
        text = json.dumps(_without_nan(self.rows))
        if path is not None:
            write_whole(Path(path), text.encode())
        return text

    @classmethod
    def from_json(cls, text: str) -> "History":
        """Read what `to_json` gave."""
        rows = json.loads(text)
        return cls([{name: math.nan if cell is None else cell for name, cell in row.items()} for row in rows])

    @classmethod
    def from_list(cls, rows: Any) -> "History":
        """Make a history of the `rows` of one, as a file holds them.

        Raises
        ------
        ValueError
            If they are not figures of epochs, counted from 0, naming what does not fit and where it stands.
        """
        _DESCRIBED(rows, "history")
        for epoch, row in enumerate(rows):
            if row["epoch"] != epoch:
                raise ValueError(f"history[{epoch}].epoch must be {epoch}, not {row['epoch']}")
        return cls(rows)

    def to_polars(self) -> "polars.DataFrame":
        """Give the table as a polars data frame."""
        import polars  # as heavy as all else together, and only wanted here

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


def _without_nan(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with None for each nan, which equals nothing and does not exist in JSON."""
    return [
        {name: None if isinstance(cell, float) and math.isnan(cell) else cell for name, cell in row.items()}
        for row in rows
    ]
