import numpy as np
import polars as pl
import pytest
from tests.cli.conftest import write_table

from pellucid.data import load_data

RANDOM = np.random.default_rng(2)


def columns_of(out):
    """The first words of the rows of the table of columns."""
    table = out.split("\n\n")[1].splitlines()
    return [line.split()[0] for line in table[1:] if line[:1].strip()]


@pytest.fixture
def odd(tmp_path):
    """A table with something of everything."""
    n = 60
    frame = pl.DataFrame(
        {
            "Id": range(n),
            "x" * 100: RANDOM.standard_normal(n),
            "RED\x1b[31m": ["a", "b"] * 30,
            "EMPTY": [None] * n,
            "far": [*RANDOM.standard_normal(n - 1).round(3), 9e6],
            "leak": RANDOM.integers(0, 99, n),
            "cost": RANDOM.integers(0, 99, n),
        }
    ).with_columns(total=pl.col("leak") + pl.col("cost"))
    pl.concat([frame, frame.head(3)]).write_csv(tmp_path / "odd.csv")
    return tmp_path / "odd.csv"


def test_everything_is_told(run, odd):
    result = run("look", odd)
    assert (result.status, result.err) == (0, "")
    words = " ".join(result.out.split())
    for said in (
        "odd.csv: 63 rows, 8 columns",
        r"RED\x1b[31m words 2 a, b 2 categories, one-hot",
        "column 'EMPTY': left out, because the cell is empty in every row",
        "column 'leak' (the target is its sum with 'cost'): may give the target away",
        "9e+06 at line 61 of odd.csv (counted from 1)",
        "Target: values of total (regression)",
        "the task is regression, because the targets are numbers",
        "50 to train on, 13 to test with",
        "Repeated rows: 3 are the same as an earlier row, inputs and target",
        "the target is the last column, 'total'",
    ):
        assert said in words
    assert max(map(len, result.out.splitlines())) <= 80
    assert "".join(line.split()[0] for line in result.out.splitlines() if line.startswith("xx")) == "x" * 100


def test_as_json_it_is_the_report_of_python(run, odd):
    (record,) = run("look", odd, "--json", "--test-size", "0.5", "--seed", "3").records
    report = load_data(odd, test_size=0.5, seed=3).report
    assert record.pop("event") == "data"
    assert record.keys() == report.to_dict().keys()
    assert (record["sets"], record["notes"]) == ({"train": 31, "test": 32}, list(report.notes))
    assert [column["name"] for column in record["columns"]] == [column.name for column in report.columns]


def test_classes_with_their_shares(run, tmp_path):
    (tmp_path / "t.csv").write_text(
        "x,y\n" + "".join(f"{k},{['Cat', 'cat', 'dog', 'dog'][k % 4]}\n" for k in range(40))
    )
    out = " ".join(run("look", tmp_path / "t.csv").out.split())
    assert "class rows share dog 20 50.0 % Cat 10 25.0 % cat 10 25.0 %" in out
    assert "classes differ only in capitals or blanks, so perhaps they are the same: 'Cat' and 'cat'" in out


def test_many_columns_that_are_alike_share_a_row(run, tmp_path):
    frame = pl.DataFrame({f"f{k}": RANDOM.standard_normal(30) for k in range(1000)})
    frame.insert_column(500, pl.Series("sea", ["north", "south"] * 15))
    frame.with_columns(y=pl.Series(["a", "b"] * 15)).write_csv(tmp_path / "wide.csv")
    out = run("look", tmp_path / "wide.csv").out
    assert columns_of(out) == ["f0", "columns)", "sea", "y"]
    assert "f0 ... f999 (1,000" in out
    assert len(columns_of(run("look", tmp_path / "wide.csv", "--verbose").out)) == 1002


@pytest.mark.parametrize("source", ["digits", "arrays.npz", "lines.jsonl", "-t kind table.csv"])
def test_every_source_of_train(run, tmp_path, source, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("arrays.npz", x=RANDOM.standard_normal((20, 2)), y=[0, 1] * 10)
    pl.DataFrame({"a": [1.5, 2.5] * 10, "y": ["u", "v"] * 10}).write_ndjson("lines.jsonl")
    write_table(tmp_path / "table.csv")
    result = run("look", *source.split())
    assert (result.status, result.err) == (0, "")
    assert "Target: " in result.out


def test_a_second_file_and_the_rows_in_both(run, tmp_path):
    table = write_table(tmp_path / "table.csv")
    frame = pl.read_csv(table)
    frame.head(10).write_csv(tmp_path / "test.csv")
    out = " ".join(run("look", table, "-t", "kind", "--test", tmp_path / "test.csv").out.split())
    assert "60 to train on, 10 to test with" in out
    assert "10 of 10 test rows are also among the training rows, inputs and target" in out


def test_errors_are_those_of_training(run, tmp_path):
    result = run("look", tmp_path / "nowhere.csv")
    assert (result.status, result.out) == (2, "")
    assert "no such file" in result.err
