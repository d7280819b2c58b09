"""Files of text, and pipes that text comes through."""

import io
from collections.abc import Iterator
from pathlib import Path

from pellucid.data.sources.opening import open_file, size_of
from pellucid.errors import FormatError

__all__ = ["TextFile"]

# What is looked at first: enough to tell what a file is, and soon done.
_FIRST_LINES = 1000
_FIRST_BYTES = 1 << 20
_PIPE_BYTES = 1 << 30
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class TextFile:
    """The text of a file, in one encoding.

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
            raise _no_text(path)

    @property
    def size(self) -> int:
        """The number of bytes there are."""
        return len(self._content)

    def lines(self) -> Iterator[str]:
        """Each line with its end, which may be any of the three that are in use."""
        # Decoded once more while it is read: as a StringIO it would take four bytes for each letter.
        return io.TextIOWrapper(io.BytesIO(self._content), encoding=self._encoding, newline="")

    def first_lines(self) -> list[str]:
        """Return lines from the beginning, enough to tell how they are written, and however long they are."""
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
            "the file is not text of one encoding",
            expected="UTF-16 after its mark"
            if self._encoding == "utf-16"
            else "UTF-8, or UTF-16 with its mark",
            received=f"the byte {content[position : position + 1].hex()} (hexadecimal)",
            where=f"line {line} of {self.path} (counted from 1), byte {position} (counted from 0)",
            remedy="save the file as UTF-8; a part of it may come from another program",
        )


def _content(path: Path) -> bytes:
    """Read a whole file, unless its beginning already shows that it is not text, or a pipe that ends."""
    with open_file(path, pipe=True) as file:
        start = file.read(_FIRST_BYTES)
        if b"\0" in start and start[:2] not in _UTF16_MARKS:
            raise _no_text(path)
        if size_of(file):
            return start + file.read()
        blocks, size = [start], len(start)
        while block := file.read(_FIRST_BYTES):
            blocks.append(block)
            size += len(block)
            if size > _PIPE_BYTES:
                raise FormatError(
                    "more comes through the pipe than can be read",
                    expected=f"at most {_PIPE_BYTES:,} bytes",
                    received="more",
                    where=str(path),
                    remedy="save the data to a file first",
                )
        return b"".join(blocks)


def _no_text(path: Path) -> FormatError:
    return FormatError(
        "the file is not text",
        expected="a table as text",
        received="bytes of value 0",
        where=str(path),
        remedy="give a file its own ending: .parquet or .npz",
    )
