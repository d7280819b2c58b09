"""Tables and JSON."""

import io
import json

from benchmarks.figures import SECONDS, Figure
from benchmarks.report import groups, print_tables, write_json
from rich.console import Console

FIGURES = [
    Figure("online", "a", "ours", SECONDS, [1.0, 2.0], flops=4e9, disagreement=1e-6),
    Figure("online", "a", "theirs", SECONDS, [3.0, 4.0]),
    Figure("online", "a", "absent", SECONDS, out="not there: [nothing] is not installed\nand more"),
    Figure("online", "b", "ours", SECONDS, [float("inf")]),
]


def test_a_table_for_each_work():
    written = io.StringIO()
    print_tables(FIGURES, peak=10.0, console=Console(file=written, width=120))
    lines = [" ".join(line.split()) for line in written.getvalue().splitlines()]
    assert "a (s)" in lines
    assert "b (s)" in lines
    # 4e9 operations in 1.5 s are 2.7 a nanosecond, a fourth of the peak of 10.
    assert "ours 1.50 1.00 2.00 1.00 2.7 27 % 1e-06" in lines
    assert "theirs 3.50 3.00 4.00 2.50 -" in lines
    assert "not there: [nothing] is not installed" in lines
    assert "ours never never never -" in lines


def test_every_run_is_in_the_json(tmp_path):
    path = tmp_path / "figures.json"
    write_json(path, {"cores": 2}, FIGURES)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert read["machine"] == {"cores": 2}
    assert [figure["runs"] for figure in read["figures"]] == [[1.0, 2.0], [3.0, 4.0], [], [None]]
    assert [figure["times the first"] for figure in read["figures"]] == [1.0, 2.5, None, None]


def test_works_keep_their_order():
    assert [(work, len(group)) for work, group in groups(FIGURES)] == [("a", 3), ("b", 1)]
