"""Notes about columns, which can be shown as text or in a table of the columns."""

from collections.abc import Mapping

__all__ = ["ColumnNote"]


class ColumnNote(str):
    """A note for the user that also says what concerns each column.

    Parameters
    ----------
    text : str
        The note.
    remarks : mapping of str to str
        The remark on each column, by its name.

    Examples
    --------
    >>> note = ColumnNote("column 'id': left out", {"id": "left out"})
    >>> note, note.remarks["id"]
    ("column 'id': left out", 'left out')
    """

    remarks: dict[str, str]

    def __new__(cls, text: str, remarks: Mapping[str, str] | None = None) -> "ColumnNote":
        """Make a note; without remarks only while a pickled one is read."""
        note = super().__new__(cls, text)
        note.remarks = dict(remarks or {})
        return note
