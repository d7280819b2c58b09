"""From a file or folder to raw data, in the format that it has."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pellucid.data.needs import Needs
from pellucid.data.options import READ_OPTIONS, ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.format import OF_TABLES, Format
from pellucid.data.readers.formats import FORMATS, supported
from pellucid.data.readers.idx_names import is_set
from pellucid.data.readers.piped import STANDARD_INPUT
from pellucid.data.readers.recognition import Start, refuse_unread, start_of
from pellucid.data.readers.unpacking import COMPRESSED, compression_of, ending_of
from pellucid.errors import ConfigurationError, DataError, FormatError, PellucidError

__all__ = ["choose_format", "read_file", "refuse_options"]


def read_file(path: Path, options: ReadOptions, needs: Needs) -> RawData:
    """Read a file or folder in the format that its first bytes show, or else its name.

    Raises
    ------
    FormatError
        If it has none of the formats.
    """
    start = Start(path) if path.is_dir() or is_set(path) else start_of(path)
    declared = choose_format(path, start, options)
    refuse_options(options, needs, str(path), declared.takes)
    found = declared.read(path, options, needs)
    if not isinstance(found, RawData):
        from pellucid.data.readers.separation import separate  # polars takes 0.1 s to import

        table = replace(found, words=(*found.words, *needs.known.words))
        found = separate(table, path.name, options, needs)
    found.notes[:0] = _misnamed(declared, path, start)
    return found


def choose_format(path: Path, start: Start, options: ReadOptions) -> Format:
    """Choose the format: by the first bytes, the name, the options, or the first lines.

    The name of a format with a signature, which the file lacks, says less than its lines: text is often named
    like a workbook.
    """
    by_start = [declared for declared in FORMATS if declared.begins(start)]
    if not by_start:
        refuse_unread(start, path, supported())
    by_name = [declared for declared in FORMATS if declared.recognises(start.named)]
    certain = [declared for declared in by_name if declared.signature is None]
    meant = [declared for declared in FORMATS if declared.is_meant(options)]
    for declared in by_start or certain or meant:
        return declared
    if start.error and not by_name:
        raise start.error
    alike = [declared for declared in FORMATS if start.stored and declared.looks_like(start)]
    for declared in alike or by_name:
        return declared
    raise _unknown(path, start)


def _unknown(path: Path, start: Start) -> PellucidError:
    if not start.stored:
        return DataError("the file is empty", expected="data", received="no bytes", where=str(path))
    remedy = "for a text table, give its delimiter: --delimiter ',' (delimiter=',' in Python)"
    ending = ending_of(path) or "no file extension"
    if not start.lines:
        problem, received = "the file format is not supported", ending
    else:
        first = next(filter(str.strip, start.lines), "")
        problem, received = "the file is text, but not a table", f"{ending}; it begins {excerpt(first, 60)!r}"
    return FormatError(problem, expected=supported(), received=received, where=str(path), remedy=remedy)


def _misnamed(declared: Format, path: Path, start: Start) -> list[str]:
    """Return notes on a file that is not what its name says."""
    if not path.is_file() or path.name == STANDARD_INPUT:
        return []
    notes = []
    compression = compression_of(start.stored) if declared.compressed else None
    if compression is not None and path.suffix.lower() not in COMPRESSED:
        notes.append(f"{path.name} is a {compression} file, which its name does not say; it is unpacked")
    if declared.recognises(start.named):
        return notes
    if declared.begins(start):
        notes.append(f"{path.name} is read as {declared.name}, because its first bytes say so")
    elif declared.looks_like(start):
        notes.append(f"{path.name} is read as {declared.name}, because it looks like a table")
    return notes


def refuse_options(options: ReadOptions, needs: Needs, where: str, takes: Sequence[str] = ()) -> None:
    """Refuse options of tables and workbooks for other data, unless these may lack what is named."""
    if options.sheet is not None and "sheet" not in takes and needs.sheets:
        raise ConfigurationError(
            "sheet chooses a sheet of a workbook, but the data have no sheets",
            expected="a workbook for this setting",
            received=f"sheet={options.sheet!r}",
            where=where,
        )
    named = [name for name in OF_TABLES if getattr(options, name) and name not in takes]
    if named and needs.columns:
        value = getattr(options, named[0])
        value = value[0] if named[0] == "target" and len(value) == 1 else value
        use = "names a column" if READ_OPTIONS[named[0]].names_columns else "is about the cells of a table"
        raise ConfigurationError(
            f"{named[0]} {use}, but the data have no named columns",
            expected="a table for this setting",
            received=f"{named[0]}={value!r}",
            where=where,
        )
