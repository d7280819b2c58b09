"""What a file format declares."""

import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pellucid.data.needs import Needs
from pellucid.data.options import READ_OPTIONS, ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.recognition import Start
from pellucid.data.readers.unpacking import ending_of

if TYPE_CHECKING:
    from pellucid.data.readers.table import Table

__all__ = ["OF_TABLES", "Format"]

# The reading options that only tables take.
OF_TABLES = tuple(name for name, option in READ_OPTIONS.items() if option.names_columns or option.of_cells)


class Format(ABC):
    """A file format.

    A subclass declares what is known about it, and reads it. The modules that take time to import, such as
    polars, are imported in `read`.
    """

    # Its name, as in "Parquet" or "a folder of idx files".
    name: ClassVar[str]
    # The file endings, in lower case; none for a folder.
    endings: ClassVar[tuple[str, ...]] = ()
    # The reading options that make a difference, besides the task. Those of tables need named columns.
    takes: ClassVar[tuple[str, ...]] = ()
    # The first bytes of its files as a pattern, if they tell it from all other formats.
    signature: ClassVar[bytes | None] = None
    # Whether a compressed file of this format is read.
    compressed: ClassVar[bool] = True

    def recognises(self, path: Path) -> bool:
        """Return whether the name of a path says that it has this format."""
        ending = ending_of(path) if self.compressed else path.suffix.lower()
        return ending in self.endings and not path.is_dir()

    def begins(self, start: Start) -> bool:
        """Return whether the first bytes of a file say that it has this format."""
        first = start.unpacked if self.compressed else start.stored
        return self.signature is not None and re.match(self.signature, first, re.DOTALL) is not None

    def is_meant(self, options: ReadOptions) -> bool:
        """Return whether the options say that a file with an unknown ending has this format."""
        return False

    def looks_like(self, start: Start) -> bool:
        """Return whether the first part of a file with an unknown ending looks like this format."""
        return False

    @abstractmethod
    def read(self, path: Path, options: ReadOptions, needs: Needs) -> "Table | RawData":
        """Read a file: a table, which is then separated, or raw data with targets."""
