"""Text from files and pipes."""

import io
from collections.abc import Iterator
from pathlib import Path

from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import FormatError

__all__ = ["DELIMITERS", "TextFile"]

# The file endings of text tables, and the usual delimiter of each.
DELIMITERS = {".csv": ",", ".tsv": "\t"}

# The part examined first: enough to recognise the format, and quick.
_FIRST_LINES = 1000
_FIRST_BYTES = 1 << 20
_PIPE_BYTES = 1 << 30
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class TextFile:
    """The text of a file.

    Parameters
    ----------
    path : Path
        A regular file, or a pipe.

    Raises
    ------
    FormatError
        When it is not text.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._content = _content(path)
        self._encoding = "utf-16" if self._content[:2] in _UTF16_MARKS else "utf-8-sig"
        try:
            text = self._content.decode(self._encoding)
        except UnicodeDecodeError as error:
            raise self._mixed(error) from None
        if "\0" in text:
            raise _not_text(path)

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self._content)

    def lines(self) -> Iterator[str]:
        """Return an iterator over the lines, including their line endings."""
        # Decoded again while it is read: a StringIO would take four bytes per character.
        return io.TextIOWrapper(io.BytesIO(self._content), encoding=self._encoding, newline="")

    def first_lines(self) -> list[str]:
        """Return the first lines, enough to recognise the format, however long they are."""
        part = self._content[:_FIRST_BYTES].decode(self._encoding, errors="ignore")
        lines = io.StringIO(part, newline=None).readlines()
        whole = lines[:-1] if self.size > _FIRST_BYTES else lines
        return [line for line in whole[:_FIRST_LINES] if line.strip()]

    def _mixed(self, error: UnicodeDecodeError) -> FormatError:
        content = self._content
        bom = 3 if error.encoding == "utf-8" and content[:3] == b"\xef\xbb\xbf" else 0
        position = error.start + bom
        line = content.count(b"\n", 0, position) + 1
        return FormatError(
            "the file is not text in a single encoding",
            expected="UTF-16 after the byte order mark"
            if self._encoding == "utf-16"
            else "UTF-8, or UTF-16 with a byte order mark",
            received=f"the byte {content[position : position + 1].hex()} (hexadecimal)",
            where=f"line {line} of {self.path} (counted from 1), byte {position} (counted from 0)",
            remedy="save the file as UTF-8; part of it may come from another program",
        )


def _content(path: Path) -> bytes:
    """Read a whole file or pipe, unless its beginning shows that it is not text."""
    with open_file(path, pipe=True) as file:
        start = file.read(_FIRST_BYTES)
        if b"\0" in start and start[:2] not in _UTF16_MARKS:
            raise _not_text(path)
        if size_of(file):
            return start + file.read()
        blocks, size = [start], len(start)
        while block := file.read(_FIRST_BYTES):
            blocks.append(block)
            size += len(block)
            if size > _PIPE_BYTES:
                raise FormatError(
                    "the pipe delivers too much data",
                    expected=f"at most {_PIPE_BYTES:,} bytes",
                    received="more",
                    where=str(path),
                    remedy="save the data to a file first",
                )
        return b"".join(blocks)


def _not_text(path: Path) -> FormatError:
    return FormatError(
        "the file is not text",
        expected="a table as text",
        received="zero bytes",
        where=str(path),
        remedy="give other formats their own extensions: .parquet or .npz",
    )
