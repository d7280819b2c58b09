"""Search for the procedure that learns MNIST to the goal soonest: ``python -m benchmarks.search``.

How many epochs a procedure needs depends on its mathematics, not on who computes it, so the fastest
contestant finds out for all; what an epoch costs each in batches of one size is what the benchmarks time.
"""

import math
from collections.abc import Iterator
from itertools import product
from statistics import median

import click

from benchmarks.accuracy import entry
from benchmarks.contest import compete
from benchmarks.figures import SECONDS
from benchmarks.procedure import PROCEDURES, Procedure

__all__ = ["grid"]

_SCHEDULES = ("linear", "one_cycle")
_BATCHES = (
    ("momentum", 32, 0.02),
    ("momentum", 32, 0.05),
    ("momentum", 64, 0.05),
    ("momentum", 64, 0.1),
    ("momentum", 128, 0.1),
    ("momentum", 128, 0.2),
    ("adam", 32, 0.002),
    ("adam", 64, 0.002),
    ("adam", 128, 0.003),
    ("adam", 128, 0.006),
    ("adam", 256, 0.006),
)


def grid() -> Iterator[Procedure]:
    """Give every procedure that is tried: one example at a time, then batches."""
    for epochs, rate, schedule in product((3, 4, 5, 6), (0.02, 0.03, 0.05), _SCHEDULES):
        yield Procedure("sgd", 1, rate, schedule, epochs)
    for schedule, epochs, (optimizer, size, rate) in product(_SCHEDULES, (5, 8, 12), _BATCHES):
        yield Procedure(optimizer, size, rate, schedule, epochs)


@click.command()
@click.option("--contestant", default="JAX", type=click.Choice(list(PROCEDURES)), help="Who trains.")
@click.option("--seeds", default=2, type=click.IntRange(1), help="How many runs a procedure has.")
@click.option("--batch-size", type=int, help="Only the procedures with batches of this size.")
def main(contestant: str, seeds: int, batch_size: int | None) -> None:
    """Print for each procedure the epochs in which it reached the goal, and the median time of learning."""
    for procedure in grid():
        if batch_size not in (None, procedure.batch_size):
            continue
        entries = [entry(contestant, procedure)]
        [figure] = compete("search", "", entries, runs=seeds, unit=SECONDS)
        if figure.out:
            raise SystemExit(figure.out)
        seconds = median(figure.runs)
        shown = "not reached" if math.isinf(seconds) else f"{seconds:.2f} s"
        click.echo(f"{procedure}  epochs {figure.details['epochs']}  median {shown}")


if __name__ == "__main__":
    main()
