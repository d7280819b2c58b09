"""Text from files: its bytes, and how they are encoded."""

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path

from pellucid.data.readers.opening import open_file
from pellucid.errors import FormatError

__all__ = ["CONTROLS", "DELIMITERS", "TextFile", "utf16_of"]

# The file endings of text tables, and the usual delimiter of each.
DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t", ".data": ","}

# The part examined first: enough to recognise how the file is written, and quick.
_FIRST_LINES = 1000
_FIRST_BYTES = 1 << 20
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# What many programs write on Windows in Western Europe and America, instead of UTF-8.
_WESTERN = "cp1252"
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class TextFile:
    """The text of a file.

    Parameters
    ----------
    path : Path
        A regular file.
    encoding : str, optional
        The text encoding, such as ``"utf-8"`` or ``"cp1252"``, by default detected: UTF-16 by its byte order
        mark or by its zero bytes, UTF-8, or else cp1252.

    Raises
    ------
    FormatError
        When it is not text, or not in this encoding.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path, given = path, encoding
        self._content = _content(path, given)
        self.encoding = given or utf16_of(self._content) or "utf-8-sig"
        # Whether the encoding is a guess, which the user should know.
        self.guessed = False
        if self.encoding == "utf-8-sig" and self._content.isascii() and b"\0" not in self._content:
            return  # nothing can be wrong, and to decode a large file takes a second
        try:
            text = self._content.decode(self.encoding)
        except UnicodeDecodeError as error:
            if given is not None or not self._may_be_western(error):
                raise self._mixed(error) from None
            self.encoding, self.guessed = _WESTERN, True
            text = self._content.decode(self.encoding)
        if "\0" in text:
            raise _not_text(path)

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self._content)

    def lines(self) -> Iterator[str]:
        """Return an iterator over the lines, including their line endings."""
        # Decoded again while it is read: a StringIO would take four bytes per character.
        return io.TextIOWrapper(io.BytesIO(self._content), encoding=self.encoding, newline="")

    def first_lines(self) -> list[str]:
        """Return the first lines without their ends: enough to recognise how the file is written."""
        part = self._content[:_FIRST_BYTES].decode(self.encoding, errors="ignore")
        lines = io.StringIO(part, newline=None).read().split("\n")
        # The last one may be cut, or is what follows the last line end.
        whole = lines[:-1] if self.size > _FIRST_BYTES or not lines[-1] else lines
        return whole[:_FIRST_LINES]

    def as_utf8(self) -> bytes:
        """Return the whole text in UTF-8, without a byte order mark."""
        if self.encoding in ("utf-8", "utf-8-sig"):
            return self._content.removeprefix(codecs.BOM_UTF8)
        return self._content.decode(self.encoding).encode()

    def _may_be_western(self, error: UnicodeDecodeError) -> bool:
        """Return whether bytes that are not UTF-8 may be cp1252: no byte of it is, and none is a control."""
        content = self._content
        if error.encoding != "utf-8" or CONTROLS.search(content):
            return False
        # Where letters in UTF-8 precede the wrong byte, or outnumber wrong bytes, the encodings are mixed.
        if not content[: error.start].isascii() or content.startswith(codecs.BOM_UTF8):
            return False
        letters = sum(not letter.isascii() for letter in content.decode("utf-8", errors="ignore"))
        wrong = content.decode("utf-8", errors="replace").count("\ufffd")
        if letters > wrong:
            return False
        try:
            content.decode(_WESTERN)
        except UnicodeDecodeError:
            return False
        return True

    def _mixed(self, error: UnicodeDecodeError) -> FormatError:
        content = self._content
        bom = 3 if error.encoding == "utf-8" and content[:3] == codecs.BOM_UTF8 else 0
        position = error.start + bom
        line = content.count(b"\n", 0, position) + 1
        return FormatError(
            "the file is not text in a single encoding",
            expected="UTF-8, cp1252, or UTF-16 with a byte order mark"
            if self.encoding == "utf-8-sig"
            else self.encoding.upper(),
            received=f"the byte {content[position : position + 1].hex()} (hexadecimal)",
            where=f"line {line} of {self.path} (counted from 1), byte {position} (counted from 0)",
            remedy="save the file as UTF-8, part of it may come from another program; or give its encoding: "
            '--encoding latin-1 on the command line, text_encoding="latin-1" in Python',
        )


def _content(path: Path, encoding: str | None) -> bytes:
    """Read a whole file, unless its beginning shows that it is not text."""
    with open_file(path) as file:
        start = file.read(_FIRST_BYTES)
        if encoding is None and b"\0" in start and utf16_of(start) is None:
            raise _not_text(path)
        # From its beginning again, where that is possible: to join two parts would copy the whole.
        if file.seekable():
            file.seek(0)
            return file.read()
        return start + file.read()


def utf16_of(start: bytes) -> str | None:
    """Return the kind of UTF-16 that a beginning is written in: by its mark, or by the zeros of its letters.

    Examples
    --------
    >>> utf16_of("a,b".encode("utf-16-le")), utf16_of(b"a,b"), utf16_of(b"0000")
    ('utf-16-le', None, None)
    """
    if start[:2] in _UTF16_MARKS:
        return "utf-16"
    even, odd = start[:1000:2], start[1:1000:2]
    for first, second, name in ((even, odd, "utf-16-le"), (odd, even, "utf-16-be")):
        # Most letters of a table are ASCII, whatever its language.
        if len(start) >= 4 and b"\0" not in first and second.count(0) > 0.6 * len(second):
            return name
    return None


def _not_text(path: Path) -> FormatError:
    return FormatError(
        "the file is not text",
        expected="a table as text",
        received="zero bytes",
        where=str(path),
        remedy="save it as text: CSV in UTF-8",
    )
