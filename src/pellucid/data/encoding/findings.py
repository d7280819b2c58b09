"""What was found out about the columns of a table, as notes that gather all columns of a kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from pellucid.data.cells.raw_targets import short_list
from pellucid.data.column_notes import ColumnNote

__all__ = ["Finding", "gathered"]


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

    @property
    def remark(self) -> str:
        """What was found, with the detail, where the column is named beside it."""
        return f"{self.what} ({self.detail})" if self.detail else self.what


def gathered(findings: Iterable[Finding]) -> list[str]:
    """Return one note for each kind of finding, with the columns that it concerns.

    Examples
    --------
    >>> gathered([Finding("a", "constant"), Finding("b", "an index"), Finding("c", "constant")])
    ["columns 'a', 'c': constant", "column 'b': an index"]
    """
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(finding.what, []).append(finding)
    return [
        ColumnNote(
            f"column{'s' * (len(same) > 1)} {short_list([finding.named for finding in same])}: {what}",
            {finding.column: finding.remark for finding in same},
        )
        for what, same in kinds.items()
    ]
