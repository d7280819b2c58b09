"""Standard output and error: characters that the encoding lacks are replaced."""

import codecs
import errno
import io
import os
import sys
import unicodedata
from typing import Any

__all__ = ["prepare_streams"]

# Replacements for characters that the encoding of the terminal lacks.
_PLAIN = {
    "░": ".", "▒": "o", "▓": "O", "█": "#", "•": "*", "·": ".", "…": "~", "±": "+-", "−": "-", "×": "x",
    "√": "sqrt", "Σ": "sum", "∂": "d", "∞": "inf", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "²": "^2",
    "³": "^3", "ŷ": "y^", "─": "-",
}  # fmt: skip


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Replace characters that an encoding lacks by similar ones or escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain_sign, error.object[error.start : error.end])), error.end


def _plain_sign(sign: str) -> str:
    if sign in _PLAIN:
        return _PLAIN[sign]
    name = unicodedata.name(sign, "")
    if name.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        word = name.rpartition(" ")[2]
        return word.capitalize() if "CAPITAL" in name else word.lower()
    return sign.encode("ascii", "backslashreplace").decode("ascii")


class _Terminal(io.FileIO):
    """A terminal; after it is closed, output is discarded without an error."""

    def write(self, content: Any) -> int:
        """Write content, and return the number of bytes that are written or discarded."""
        try:
            return super().write(content)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return len(content)


def prepare_streams() -> None:
    """Make standard output and error writable, whatever their encoding, even if they are closed."""
    codecs.register_error("pellucid_plain", _plain_signs)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the parent process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # open until the process ends
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="pellucid_plain")
            if os.name != "nt" and stream.isatty():
                setattr(sys, name, _to_terminal(stream))


def _to_terminal(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    stream.flush()
    raw = _Terminal(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, stream.errors, line_buffering=True)
