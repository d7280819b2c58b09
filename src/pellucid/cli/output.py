"""How things are printed: rich text for people, one JSON object a line for machines."""

import errno
import json
import math
import os
import sys
import threading
import warnings
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleDimensions, ConsoleOptions, RenderableType
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from pellucid.errors import PellucidError, PellucidWarning, visible

__all__ = [
    "as_json_text",
    "bullet",
    "console",
    "emit",
    "print_bullet",
    "print_error",
    "print_line",
    "print_note",
    "print_notes",
    "show_warnings",
]


# Widths that a terminal can have; some systems of continuous integration say 0.
_WIDTHS = range(20, 1001)
_USUAL = ConsoleDimensions(80, 25)


class _Legible(Console):
    """A console that can be read, whatever COLUMNS, LINES, the terminal or a word from a file say."""

    @property  # type: ignore[misc]  # nobody sets it
    def size(self) -> ConsoleDimensions:
        """The width and the height: the usual ones instead of those that cannot be meant."""
        width, height = super().size
        return ConsoleDimensions(width if width in _WIDTHS else _USUAL.width, height or _USUAL.height)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Show controls in the words of files and models as escapes; rich's own pass as they are."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class _Console(_Legible):
    def on_broken_pipe(self) -> None:
        """Let the error through: rich would ask to exit, and what was learned would be lost on the way."""
        if threading.current_thread() is threading.main_thread():
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        raise SystemExit(1)  # which ends a thread, such as a progress bar's, without a word


# Names of files, columns and classes may hold brackets and colons, so nothing that is printed is markup.
console = _Console(highlight=False, markup=False, emoji=False)
_errors = _Legible(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def emit(record: dict[str, Any] | list[Any]) -> None:
    """Print one JSON object on a line of its own."""
    sys.stdout.write(as_json_text(record) + "\n")
    sys.stdout.flush()


def as_json_text(record: Any) -> str:
    """Write JSON on one line, in ASCII; a number that JSON lacks becomes null."""
    # DEL is ASCII, and a control all the same.
    return json.dumps(_without_nan(record), allow_nan=False).replace("\x7f", "\\u007f")


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value


def print_line(*parts: str | tuple[str, str], style: str = "", indent: int = 0) -> None:
    """Print text, parts of it in a style of their own; where it is folded, the indent stays."""
    text = Text.assemble(*parts, style=style)
    if text:
        console.print(Padding(text, (0, 0, 0, indent), expand=False) if indent else text)


def bullet(text: str) -> Table:
    """Set a sentence of a list; where it is folded, it goes on below its first word."""
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row("•", Text(text))
    return line


def print_bullet(text: str) -> None:
    """Print a sentence of a list."""
    console.print(bullet(text))


def print_error(error: PellucidError) -> None:
    """Print an error with its parts, one a line, on standard error."""
    _errors.print(Text.assemble(("Error: ", "bold red"), error.problem))
    for label, text in error.details.items():
        _errors.print(Text.assemble((f"  {label}: ", "bold"), text))


def print_note(text: str) -> None:
    """Print a remark on standard error, where it disturbs neither tables nor JSON."""
    _errors.print(Text(text, style="dim"))


def print_notes(notes: Iterable[str]) -> None:
    """Print remarks, each once."""
    for note in dict.fromkeys(notes):
        print_note(f"note: {note}")


def show_warnings() -> None:
    """Print Pellucid's warnings as notes instead of Python's two lines with a path."""

    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if issubclass(category, PellucidWarning):
            _errors.print(Text.assemble(("Warning: ", "bold yellow"), str(message)))
        else:
            plain(message, category, *rest, **more)

    plain = warnings.showwarning
    warnings.showwarning = show
    warnings.simplefilter("always", PellucidWarning)  # whoever turns warnings into errors means Python's
