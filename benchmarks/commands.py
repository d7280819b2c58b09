"""The command line from outside: the memory of a process, and its time from start to exit."""

from pathlib import Path

from benchmarks.figures import SECONDS, Figure, Unit
from benchmarks.first_figures import run
from benchmarks.scale import Scale

__all__ = ["measure"]

_MEBIBYTES = Unit("MiB")


def measure(scale: Scale) -> list[Figure]:
    """Train on MNIST for the peak of memory, and on the digits for the time, caches warm."""
    mnist = ["mnist", "--epochs", "1"] if scale.share < 1 else ["mnist"]
    memory = Figure("commands", "peak memory of a process", f"pellucid train {' '.join(mnist)}", _MEBIBYTES)
    time = Figure("commands", "start to exit, warm", "pellucid train digits", SECONDS)
    here = Path()  # no folder: the data are found by their names
    run(here, ["digits"])  # makes the machine code where there is none yet, which takes memory of its own
    memory.runs = [float(run(here, mnist)["memory"])]
    time.runs = [float(run(here, ["digits"])["wall"]) for _ in range(scale.runs)]
    return [memory, time]
