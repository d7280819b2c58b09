"""The table of what was made of each column, and the notes on the data that it replaces."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.table import Table
from rich.text import Text

from pellucid.cli.output import console, emit, print_note_table, print_notes
from pellucid.cli.tables import plain_table
from pellucid.data import ColumnNote, ColumnReport, DataReport, Dataset

__all__ = ["columns_table", "gathered_columns", "print_data_notes"]

# With more notes about columns than this, a table replaces them; it has at most this many rows.
_MOST_NOTES = 4
_MOST_ROWS = 15
# More columns than this that are alike, apart from their values, share a row.
_MOST_ALIKE = 20
_LEFT_OUT = "left out"
_NAME_WIDTH = 24
_VALUES_WIDTH = 26


def columns_table(columns: Sequence[ColumnReport]) -> Table:
    """Return a table of columns: how they were read, their values, and what they become."""
    missing = any(column.missing for column in columns)
    heads = ["column", "read as", *["missing"] * missing, "distinct", "values", "becomes"]
    table = plain_table(heads, left=("column", "read as", "values", "becomes"))
    for column in columns:
        absent = f"{column.missing:,}" if column.missing else ""
        distinct = "" if column.distinct is None else f"{column.distinct:,}"
        values = Text(column.values)
        values.truncate(_VALUES_WIDTH, overflow="ellipsis")
        counts = [*[absent] * missing, distinct]
        table.add_row(_name(column), column.read_as, *counts, values, _becomes(column))
    return _fitted(table)


def _notes_table(columns: Iterable[ColumnReport]) -> Table:
    heads = ("column", "read as", "becomes", "note")
    table = plain_table(heads, left=heads)
    for column in columns:
        remarks = (column.becomes, *column.remarks) if column.use == _LEFT_OUT else column.remarks
        notes = "; ".join(remark.removeprefix(f"{_LEFT_OUT}, ") for remark in remarks)
        table.add_row(_name(column), column.read_as, _becomes(column), Text(notes))
    return _fitted(table)


def _becomes(column: ColumnReport) -> Text:
    """Return what a column becomes; the notes say why some are left out."""
    return Text(_LEFT_OUT if column.use == _LEFT_OUT else column.becomes)


def _name(column: ColumnReport) -> Text:
    return Text(f"{column.name} ({column.count:,} columns)" if column.count > 1 else column.name)


def _fitted(table: Table) -> Table:
    """Return the table with long names folded, so that there is room for the rest."""
    table.columns[0].max_width, table.columns[0].overflow = _NAME_WIDTH, "fold"
    for column in table.columns:
        column.no_wrap = column.header in ("read as", "missing", "distinct")
    return table


def gathered_columns(columns: Sequence[ColumnReport], most: int = _MOST_ALIKE) -> list[ColumnReport]:
    """Return the columns, those that are alike apart from their values in one row if there are more."""
    alike: dict[tuple[object, ...], list[ColumnReport]] = {}
    for column in columns:
        alike.setdefault(_likeness(column), []).append(column)
    rows = []
    for column in columns:
        group = alike[_likeness(column)]
        if len(group) <= most:
            rows.append(column)
        elif column is group[0]:
            rows.append(_together(group))
    return rows


def _likeness(column: ColumnReport) -> tuple[object, ...]:
    return column.use, column.read_as, column.becomes, column.remarks


def _together(group: Sequence[ColumnReport]) -> ColumnReport:
    """Return columns that are alike as one."""
    ranges = [column.range for column in group if column.range]
    return replace(
        group[0],
        name=f"{group[0].name} ... {group[-1].name}",
        range=(min(each[0] for each in ranges), max(each[-1] for each in ranges)) if ranges else None,
        examples=(),
        missing=sum(column.missing for column in group),
        distinct=None,
        count=len(group),
    )


def print_data_notes(dataset: Dataset, *, verbose: bool = False, as_json: bool = False) -> None:
    """Print the notes on a data set; many about columns become a table, and `verbose` shows all columns."""
    report = dataset.report
    table = [] if report is None or verbose or as_json else _noted_columns(report)
    replaced = [note for note in dataset.notes if table and isinstance(note, ColumnNote)]
    print_notes(note for note in dataset.notes if note not in replaced)
    if table:
        print_note_table(_notes_table(table[:_MOST_ROWS]))
    if len(table) > _MOST_ROWS:
        print_notes([f"{len(table) - _MOST_ROWS:,} more rows of this table; --verbose prints all columns"])
    if report is None or not verbose:
        return
    if as_json:
        emit({"event": "data", **report.to_dict()})
    else:
        console.print(columns_table(report.columns), "")


def _noted_columns(report: DataReport) -> list[ColumnReport]:
    """Return the columns with notes, if the notes about columns are too many to be printed one by one."""
    notes = [note for note in report.notes if isinstance(note, ColumnNote)]
    names = {column.name for column in report.columns}
    if len(notes) <= _MOST_NOTES or not all(names.issuperset(note.remarks) for note in notes):
        return []
    noted = [column for column in report.columns if column.remarks or column.use == _LEFT_OUT]
    return gathered_columns(noted, most=1)
