"""The notes of train: one by one, or as a table if there are many about columns."""

import polars as pl
import pytest

from pellucid.cli.column_table import gathered_columns
from pellucid.data import ColumnReport

HOW = ("-e", "1", "--measure-every", "0")


def table(tmp_path, **more):
    columns = {"size": [0.5, 1.5, 4.0] * 20, **more, "y": ["a", "b"] * 30}
    pl.DataFrame(columns).write_csv(tmp_path / "t.csv")
    return tmp_path / "t.csv"


def odd_columns():
    """Columns with five different notes."""
    return {
        "Id": range(60),
        "n1": [f"person {k}" for k in range(60)],
        "n2": [f"house {k}" for k in range(60)],
        "same": [3] * 60,
        "empty": [None] * 60,
        "double": [1.0, 3.0, 8.0] * 20,
    }


def test_few_notes_stay_notes(run, tmp_path):
    result = run("train", table(tmp_path, same=[1] * 60, empty=[None] * 60), *HOW)
    notes = result.err.splitlines()
    assert notes[:2] == [
        "note: column 'same': left out, because there is the same value in every row",
        "note: column 'empty': left out, because the cell is empty in every row",
    ]
    assert "becomes" not in result.err


def test_many_become_a_table_of_the_columns_that_they_concern(run, tmp_path):
    result = run("train", table(tmp_path, **odd_columns()), *HOW)
    assert result.status == 0
    assert "note: column" not in result.err
    assert "note: the target is the last column, 'y'" in result.err
    rows = [line.split()[0] for line in result.err.splitlines() if line[:1].strip() and "note:" not in line]
    assert rows == ["column", "Id", "n1", "same", "empty", "double"]
    words = " ".join(result.err.split())
    assert "n1 ... n2 (2 columns) words left out because the values are names" in words
    assert "the same as another" in words
    assert max(len(line) for line in result.err.splitlines() if "note:" not in line) <= 80


def test_verbose_shows_all_columns(run, tmp_path):
    result = run("train", table(tmp_path, **odd_columns()), *HOW, "--verbose")
    rows = [line.split()[0] for line in result.out.split("\n\n")[0].splitlines() if line[:1].strip()]
    assert rows == ["column", "size", *odd_columns(), "y"]


def test_json_has_the_notes_as_they_are_and_the_report_if_verbose(run, tmp_path):
    data = table(tmp_path, **odd_columns())
    plain, verbose = (run("train", data, *HOW, "--json", *more) for more in ([], ["--verbose"]))
    assert plain.err == verbose.err
    assert plain.err.count("note: column") == 5
    assert [record["event"] for record in verbose.records][:2] == ["data", "epoch"]
    assert [column["name"] for column in verbose.records[0]["columns"]] == ["size", *odd_columns(), "y"]


@pytest.mark.parametrize(("most", "names"), [(2, ["a", "b", "c"]), (1, ["a ... c", "b"])])
def test_columns_that_are_alike_are_gathered(most, names):
    columns = [
        ColumnReport("a", "feature", "numbers", "1 number", 1, 5, (0.0, 1.0, 2.0)),
        ColumnReport("b", "feature", "numbers", "1 number", remarks=("far out",)),
        ColumnReport("c", "feature", "numbers", "1 number", 2, 7, (-3.0, 0.0, 1.0)),
    ]
    gathered = gathered_columns(columns, most)
    assert [column.name for column in gathered] == names
    if most == 1:
        assert (gathered[0].count, gathered[0].missing, gathered[0].range) == (2, 3, (-3.0, 2.0))
