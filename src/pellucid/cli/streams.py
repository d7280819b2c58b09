"""The streams that are printed to: any character can be written, and whoever reads may go away."""

import codecs
import io
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["prepared_streams"]

# What stands for the signs that are printed here where the terminal's encoding lacks them.
_PLAIN = {
    "░": ".", "▒": "o", "▓": "O", "█": "#", "•": "*", "·": ".", "…": "~", "±": "+-", "−": "-", "×": "x",
    "√": "sqrt", "Σ": "sum", "∂": "d", "∞": "inf", "≤": "<=", "≥": ">=", "≠": "!=", "∈": "in", "²": "^2",
    "³": "^3", "ŷ": "y^", "─": "-",
}  # fmt: skip


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Write what an encoding lacks in signs that it has; a name stays recognisable, nothing is lost."""
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


@contextmanager
def prepared_streams() -> Iterator[None]:
    """Make standard output and error fit to be written to, and write out what is left at the end.

    Raises
    ------
    OSError
        If what was printed cannot be written; BrokenPipeError if its reader has gone.
    """
    codecs.register_error("pellucid_plain", _plain_signs)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started the program
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # kept to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="pellucid_plain")
    yield
    sys.stdout.flush()
