"""The requirements on data."""

from dataclasses import dataclass

__all__ = ["Needs"]


@dataclass(frozen=True)
class Needs:
    """The requirements on data.

    Parameters
    ----------
    target : bool
        Whether there must be targets. If not, no column is the target unless it is named, and rows without a
        target stay.
    columns : bool
        Whether the other named columns must be there. Data for a model may lack them.
    patterns : bool
        Whether columns to drop may be lists and patterns. Those of a model are the names of columns.
    download : bool
        Whether built-in data may be downloaded.
    sheets : bool
        Whether a sheet that is named must be there. Data for a model that was trained on one may have none.
    """

    target: bool = True
    columns: bool = True
    patterns: bool = True
    download: bool = True
    sheets: bool = True
