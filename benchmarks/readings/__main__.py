"""Try the tables, and write what was found: ``python -m benchmarks.readings``."""

import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import click

from benchmarks.readings.reading import Attempt, attempt
from benchmarks.readings.summary import summary
from benchmarks.readings.tables import MOST_ROWS, all_sources, drawn

_FOLDER = Path(__file__).parents[1] / "results"
# How many tables wait for a process.
_AHEAD = 10


@click.command()
@click.option("--tables", default=600, show_default=True, help="How many tables are tried.")
@click.option("--only", multiple=True, help="A table, as package/name; may be repeated.")
@click.option("--most-rows", default=MOST_ROWS, show_default=True, help="Larger tables are not tried.")
@click.option("--minutes", default=60.0, show_default=True, help="When no further table is begun.")
@click.option("--processes", default=2, show_default=True, help="How many tables are tried at a time.")
@click.option("--seed", default=0, show_default=True, help="The seed of the draw.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=_FOLDER / "readings.json")
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the summary to this page."
)
def main(
    tables: int,
    only: tuple[str, ...],
    most_rows: int,
    minutes: float,
    processes: int,
    seed: int,
    out: Path,
    page: Path | None,
) -> None:
    """Read and train on real tables that packages ship, as they come."""
    sources = [source for source in drawn(all_sources(), seed) if not only or source.name in only]
    out.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + 60 * minutes
    found: list[Attempt] = []
    seen: set[str] = set()
    queue = iter(sources)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        # In the order of the draw, whichever ends first; a large table does not hold up the others.
        running = [pool.submit(attempt, source, most_rows) for source in islice(queue, _AHEAD * processes)]
        while running and len(found) < tables:
            result = running.pop(0).result()
            if result is not None and result.content not in seen:
                seen.add(result.content)
                found.append(result)
                click.echo(_line(result))
            if time.monotonic() < until:
                running += [pool.submit(attempt, source, most_rows) for source in islice(queue, 1)]
        pool.shutdown(cancel_futures=True)
    out.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n", encoding="utf-8")
    text = summary(found, seed, most_rows)
    click.echo(text)
    if page is not None:
        page.write_text(text, encoding="utf-8")


def _line(found: Attempt) -> str:
    """Return a line on what became of a table."""
    scores = "" if found.score is None else f" {found.score:.3f}, trees {found.trees or float('nan'):.3f}"
    problem = found.problem.strip().splitlines()
    where = -1 if found.outcome == "crashed" else 0
    parts = [f"{found.table}:", found.outcome + scores, *problem[where:][:1], *found.differences]
    return "  ".join(parts)


if __name__ == "__main__":
    main()
