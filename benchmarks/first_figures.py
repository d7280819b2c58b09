"""The README's figures: real data through the command line, with the time, memory and outcome of each.

Run it with ``python benchmarks/first_figures.py DATA_FOLDER [RUNS]`` in the environment that make sets up;
the folder holds mnist/, adult/ and california/. Each command runs in a process of its own, on one core where
the system lets us choose; the median of the runs is printed.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

WORK = {
    "digits": ["digits"],
    "MNIST, `--layers 128 --learning-rate 0.02 --epochs 5`": [
        "mnist", "--layers", "128", "--learning-rate", "0.02", "--epochs", "5",
    ],
    "census income (adult), `--target income --split-column split`": [
        "adult/adult.csv", "--target", "income", "--split-column", "split",
    ],
    "California houses, `--target median_house_value`": [
        "california/housing.csv", "--target", "median_house_value",
    ],
}  # fmt: skip


def run(folder: Path, arguments: list[str]) -> dict[str, float | str]:
    """Run one training and read what it printed and used."""
    source = arguments[0] if arguments[0] == "digits" else str(folder / arguments[0])
    command = [sys.executable, "-m", "pellucid", "train", source, *arguments[1:], "--json"]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    events = [json.loads(line) for line in printed.splitlines()]
    end = events[-1]
    result = (
        f"{100 * end['test_accuracy']:.1f} %" if "test_accuracy" in end else f"RMSE {end['test_rmse']:,.0f}"
    )
    return {
        "wall": wall,
        "epoch": median(event["seconds"] for event in events[:-1]),
        "memory": used.ru_maxrss / 1024,
        "result": result,
        "verdict": end["diagnosis"]["verdict"],
    }


def main() -> None:
    """Run all and print a table."""
    folder, runs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    figures: dict[str, list[dict[str, float | str]]] = {name: [] for name in WORK}
    for _ in range(runs):
        for name, arguments in WORK.items():
            figures[name].append(run(folder, arguments))
    print("| data | test set | diagnosis | per epoch | in total | memory |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, seen in figures.items():
        epoch, wall, memory = (median(float(one[key]) for one in seen) for key in ("epoch", "wall", "memory"))
        print(
            f"| {name} | {seen[0]['result']} | {seen[0]['verdict']} | {epoch:.3f} s | {wall:.1f} s"
            f" | {memory:.0f} MiB |"
        )


if __name__ == "__main__":
    main()
