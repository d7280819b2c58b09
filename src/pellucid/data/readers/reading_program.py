"""The program that reads a file in a separate process; see separate_process.py.

It is run as a file, not imported: it needs only polars, and starts in half the time. The data file is its
standard input. The table is written to a file, as Arrow IPC or, for a spreadsheet, as CSV; the answer is
written to standard output as JSON: {} on success (for a spreadsheet, sheet and sheets), or one of these.

chosen          the sheets that could be read, besides the names of all sheets, if none contains a table
columns, cells  their number, if it exceeds the limit
refused         why it cannot be read
not written     why the table could not be written
"""

import csv
import json
import sys
from typing import Any

import polars as pl
import polars.selectors as cs

# In addition to 64 bytes per cell and 32 per byte of the file: far more than real files take. Reading 29
# million random numbers from 223 MB took 0.4 GB.
_MEMORY = 1 << 30
_MEMORY_PER_THREAD = 64 << 20


def main(
    kind: str, sheet: str | int | None, table: str, most_cells: int, most_columns: int, size: int
) -> dict[str, Any]:
    """Read the table unless it exceeds the limits, write it, and return the answer."""
    limit_memory(0, size)
    try:
        if kind == "spreadsheet":
            frame, answer = table_of_sheet(sheet, most_cells, most_columns)
        else:
            frame, answer = columns_of(kind, most_cells, most_columns, size)
    except (Exception, pl.exceptions.PanicException) as error:
        return {"refused": (str(error).splitlines() or [type(error).__name__])[0][:1000]}
    except BaseException as error:  # a panic in a library of its own
        return {"refused": type(error).__name__}
    try:
        if frame is not None:
            write(frame, table, as_text=kind == "spreadsheet")
    except Exception as error:
        return {"not written": str(error)[:1000]}
    return answer


def columns_of(
    kind: str, most_cells: int, most_columns: int, size: int
) -> tuple[pl.DataFrame | None, dict[str, Any]]:
    """Read a Parquet or Arrow file."""
    scan = pl.scan_parquet if kind == "Parquet" else pl.scan_ipc
    lazy = scan(sys.stdin.buffer)
    schema = lazy.collect_schema()
    if len(schema) > most_columns:
        return None, {"columns": len(schema)}
    cells = len(schema) * lazy.select(pl.len()).collect().item()
    if cells > most_cells:
        return None, {"cells": cells}
    limit_memory(cells, size)
    # Cells that are lists or the like may contain any number of values, and are not read.
    columns = [
        pl.lit(None, dtype).alias(name) if dtype.is_nested() or dtype == pl.Binary else pl.col(name)
        for name, dtype in schema.items()
    ]
    frame = lazy.select(columns).collect().with_columns(cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))
    cells = max(frame.width * frame.height, text_size(frame) // 8)
    return (None, {"cells": cells}) if cells > most_cells else (frame, {})


def table_of_sheet(
    wanted: str | int | None, most_cells: int, most_columns: int
) -> tuple[pl.DataFrame | None, dict[str, Any]]:
    """Read a sheet as text: the one wanted, or the first visible one with at least two rows and columns."""
    import fastexcel  # an extra

    workbook = fastexcel.read_excel(sys.stdin.buffer.read())
    names = workbook.sheet_names
    chosen = names if wanted is None else named(wanted, names)
    for name in chosen:
        sheet = workbook.load_sheet(name, header_row=None, dtypes="string")
        if wanted is None and sheet.visible != "visible":
            continue
        if sheet.width > most_columns:
            return None, {"columns": sheet.width}
        if sheet.width * sheet.total_height > most_cells:
            return None, {"cells": sheet.width * sheet.total_height}
        if sheet.width < 2 or sheet.total_height < 2:
            continue
        frame = with_exact_numbers(
            sheet.to_polars(), workbook.load_sheet(name, header_row=None, dtypes="float")
        )
        if text_size(frame) // 8 > most_cells:
            return None, {"cells": text_size(frame) // 8}
        return frame, {"sheet": name, "sheets": names}
    return None, {"sheets": names, "chosen": chosen}


def named(wanted: str | int, names: list[str]) -> list[str]:
    """Return the sheet with a name, or else with a number, counted from 1; empty if there is none."""
    if wanted in names:
        return [str(wanted)]
    number = int(wanted) if isinstance(wanted, int) or (wanted.isdecimal() and len(wanted) < 10) else 0
    return [names[number - 1]] if 0 < number <= len(names) else []


def with_exact_numbers(text: pl.DataFrame, sheet: Any) -> pl.DataFrame:
    """Return cells as text, with all digits of the numbers, which are rounded to nine decimals as text."""
    return pl.DataFrame(
        [
            pl.select(
                pl.when(words.cast(pl.Float64, strict=False) != numbers)
                .then(numbers.cast(pl.String))
                .otherwise(words)
                .alias(words.name)
            ).to_series()
            for words, numbers in zip(text.iter_columns(), sheet.to_polars().iter_columns(), strict=True)
        ]
    )


def write(frame: pl.DataFrame, table: str, *, as_text: bool) -> None:
    """Write a table as Arrow IPC, or as CSV with an empty line for an empty row."""
    if not as_text:
        frame.write_ipc(table, compression="uncompressed")
        return
    with open(table, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        for row in frame.iter_rows():
            rows.writerow(row if any(row) else [])


def limit_memory(cells: int, size: int) -> None:
    """Limit the memory of this process by the size of the table, and disable core dumps."""
    try:
        import resource

        with open("/proc/self/statm") as statm:
            now = int(statm.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # not Linux: elsewhere such a limit is missing or has no effect
        return
    most = now + _MEMORY + _MEMORY_PER_THREAD * pl.thread_pool_size() + 64 * cells + 32 * size
    for limit, bound in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))


def text_size(frame: pl.DataFrame) -> int:
    """Count the bytes of all text, which is larger in memory than dictionary-encoded in the file."""
    sizes = frame.select(cs.string().str.len_bytes().cast(pl.Int64).sum())
    return sum(sizes.row(0)) if sizes.width else 0


if __name__ == "__main__":
    kind, sheet, table, *sizes = sys.argv[1:]
    print(json.dumps(main(kind, json.loads(sheet), table, *map(int, sizes))))
