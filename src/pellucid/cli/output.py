"""Output: formatted text for people, one JSON object per line for programs."""

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
    "print_error",
    "print_line",
    "print_note",
    "print_note_table",
    "print_notes",
    "show_warnings",
]


# Plausible widths of a terminal; some continuous-integration systems report 0.
_WIDTHS = range(20, 1001)
_USUAL = ConsoleDimensions(80, 25)


class _Legible(Console):
    """A console that handles implausible terminal sizes and control characters in the data."""

    @property  # type: ignore[misc]  # the property is read-only here
    def size(self) -> ConsoleDimensions:
        """The width and the height; the default ones if implausible."""
        width, height = super().size
        return ConsoleDimensions(width if width in _WIDTHS else _USUAL.width, height or _USUAL.height)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Escape control characters in names from files and models, but not those of rich."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class _Console(_Legible):
    def on_broken_pipe(self) -> None:
        """Raise the error: rich would exit, and the trained model would be lost."""
        if threading.current_thread() is threading.main_thread():
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        raise SystemExit(1)  # ends a thread, such as that of a progress bar, silently


# No markup: names of files, columns and classes may contain brackets and colons.
console = _Console(highlight=False, markup=False, emoji=False)
_errors = _Legible(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def emit(record: dict[str, Any] | list[Any]) -> None:
    """Print a JSON object on one line."""
    sys.stdout.write(as_json_text(record) + "\n")
    sys.stdout.flush()


def as_json_text(record: Any) -> str:
    """Return JSON on one line, in ASCII; non-finite numbers become null."""
    # DEL is a control character although it is ASCII.
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
    """Print text whose parts may have styles; wrapped lines are indented, too."""
    text = Text.assemble(*parts, style=style)
    if text:
        console.print(Padding(text, (0, 0, 0, indent), expand=False) if indent else text)


def bullet(text: str) -> Table:
    """Return a list item; wrapped lines are aligned with its first word."""
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row("•", Text(text))
    return line


def print_error(error: PellucidError) -> None:
    """Print an error and its details, one per line, on standard error."""
    _errors.print(Text.assemble(("Error: ", "bold red"), error.problem))
    for label, text in error.details.items():
        _errors.print(Text.assemble((f"  {label}: ", "bold"), text))


def print_note(text: str) -> None:
    """Print a note on standard error, separate from tables and JSON."""
    _errors.print(Text(text, style="dim"))


def print_note_table(table: Table) -> None:
    """Print a table of notes on standard error."""
    _errors.print(table, style="dim", soft_wrap=False)


def print_notes(notes: Iterable[str]) -> None:
    """Print notes, without duplicates."""
    for note in dict.fromkeys(notes):
        print_note(f"note: {note}")


def show_warnings() -> None:
    """Print Pellucid's warnings without the path and the source line that Python adds."""

    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if issubclass(category, PellucidWarning):
            _errors.print(Text.assemble(("Warning: ", "bold yellow"), str(message)))
        else:
            plain(message, category, *rest, **more)

    plain = warnings.showwarning
    warnings.showwarning = show
    warnings.simplefilter("always", PellucidWarning)  # even if Python's warnings are errors
