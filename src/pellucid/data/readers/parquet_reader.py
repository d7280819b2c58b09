"""The program that reads a Parquet file in a separate process; see parquet.py.

It is run as a file, not imported: it needs only polars, and starts in half the time. The Parquet file is its
standard input. The table is written to a file as Arrow IPC, and the answer to standard output as JSON: {} on
success, or one of these.

columns, cells  their number, if it exceeds the limit
refused         why it is not a Parquet file
not written     why the table could not be written
"""

import json
import os
import sys
from typing import Any

import polars as pl
import polars.selectors as cs

# In addition to 64 bytes per cell and 32 per byte of the file: far more than real files take. Reading 29
# million random numbers from 223 MB took 0.4 GB.
_MEMORY = 1 << 30
_MEMORY_PER_THREAD = 64 << 20


def main(frame_file: str, most_cells: int, most_columns: int) -> dict[str, Any]:
    """Read the table unless it exceeds the limits, and return the answer."""
    limit_memory(0)
    try:
        parquet = pl.scan_parquet(sys.stdin.buffer)
        schema = parquet.collect_schema()
        if len(schema) > most_columns:
            return {"columns": len(schema)}
        cells = len(schema) * parquet.select(pl.len()).collect().item()
        if cells > most_cells:
            return {"cells": cells}
        limit_memory(cells)
        # Cells that are lists or the like may contain any number of values, and are not read.
        columns = [
            pl.lit(None, kind).alias(name) if kind.is_nested() or kind == pl.Binary else pl.col(name)
            for name, kind in schema.items()
        ]
        frame = parquet.select(columns).collect()
        frame = frame.with_columns(cs.by_dtype(pl.Categorical, pl.Enum).cast(pl.String))
        cells = max(frame.width * frame.height, text_size(frame) // 8)
        if cells > most_cells:
            return {"cells": cells}
    except (Exception, pl.exceptions.PanicException) as error:
        return {"refused": (str(error).splitlines() or [type(error).__name__])[0][:1000]}
    try:
        frame.write_ipc(frame_file, compression="uncompressed")
    except Exception as error:
        return {"not written": str(error)[:1000]}
    return {}


def limit_memory(cells: int) -> None:
    """Limit the memory of this process by the size of the table, and disable core dumps."""
    try:
        import resource

        with open("/proc/self/statm") as statm:
            now = int(statm.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):  # not Linux: elsewhere such a limit is missing or has no effect
        return
    file_size = os.fstat(sys.stdin.fileno()).st_size
    most = now + _MEMORY + _MEMORY_PER_THREAD * pl.thread_pool_size() + 64 * cells + 32 * file_size
    for limit, size in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def text_size(frame: pl.DataFrame) -> int:
    """Count the bytes of all text, which is larger in memory than dictionary-encoded in the file."""
    sizes = frame.select(cs.string().str.len_bytes().cast(pl.Int64).sum())
    return sum(sizes.row(0)) if sizes.width else 0


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
