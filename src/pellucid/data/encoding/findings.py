"""What was found out about the columns of a table, as notes that gather all columns of a kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from pellucid.data.cells.raw_targets import short_list

__all__ = ["ColumnReport", "Finding", "gathered"]


@dataclass(frozen=True)
class Finding:
    """Something about a column that the user should know.

    Parameters
    ----------
    column : str
        Its name.
    what : str
        What was found or done, in the same words for all columns.
    detail : str
        What differs between the columns.

    Examples
    --------
    >>> str(Finding("sea", "left out, because it is constant", "'north'"))
    "'sea' ('north'): left out, because it is constant"
    """

    column: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.named}: {self.what}"

    @property
    def named(self) -> str:
        """The column, with the detail."""
        return f"{self.column!r} ({self.detail})" if self.detail else repr(self.column)


@dataclass(frozen=True)
class ColumnReport:
    """What was made of a column.

    Parameters
    ----------
    name : str
        The name of the column.
    kind : str
        Number, words or another kind of column; "left out" if it is not used.
    missing, distinct : int
        The numbers of missing cells and of distinct values in all rows.
    inputs : int
        The number of inputs that it becomes.
    why : str
        The findings.
    """

    name: str
    kind: str
    missing: int
    distinct: int
    inputs: int
    why: str = ""


def gathered(findings: Iterable[Finding]) -> list[str]:
    """Return one note for each kind of finding, with the columns that it concerns.

    Examples
    --------
    >>> gathered([Finding("a", "constant"), Finding("b", "an index"), Finding("c", "constant")])
    ["columns 'a', 'c': constant", "column 'b': an index"]
    """
    kinds: dict[str, list[str]] = {}
    for finding in findings:
        kinds.setdefault(finding.what, []).append(finding.named)
    return [
        f"column{'s' * (len(columns) > 1)} {short_list(columns)}: {what}" for what, columns in kinds.items()
    ]
