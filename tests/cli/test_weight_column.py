"""A column of weights from the command line: a whole number is a row given so many times."""

import random

import numpy as np
import pytest

from pellucid.storage import load_model

HEAD = "size,sea,count,part,kind"


def write(path, rows):
    path.write_text("\n".join([HEAD, *rows]) + "\n")
    return path


@pytest.fixture
def rows():
    draw = random.Random(1)
    found = []
    for k in range(40):
        size, sea = draw.gauss(0, 1), draw.choice(["north", "south"])
        part = "test" if k % 5 == 0 else "train"
        found.append(f"{size:.4f},{sea},{draw.randrange(4)},{part},{'yes' if size > 0 else 'no'}")
    return found


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lbfgs"])
def test_a_whole_number_is_a_row_given_so_many_times(run, rows, tmp_path, optimizer):
    weighted = write(tmp_path / "weighted.csv", rows)
    repeated = []
    for row in rows:
        cells = row.split(",")
        repeated += [row] * (int(cells[2]) if cells[3] == "train" else 1)
    again = write(tmp_path / "repeated.csv", repeated)
    assert len(repeated) != len(rows)
    # Both go on from one model, which keeps the inputs standardised alike.
    start = tmp_path / "start"
    how = ["-t", "kind", "--split-column", "part"]
    first = run("train", weighted, *how, "--drop", "count", "-l", "4", "-a", "tanh", "--dtype", "float64",
                "-e", "1", "--save", start)  # fmt: skip
    assert first.status == 0
    how = ["--start", start, "--optimizer", optimizer, "-e", "5", "-b", "1000"]
    found = []
    for source, more in ((weighted, ["--weight-column", "count"]), (again, [])):
        path = tmp_path / f"{source.stem}.pellucid"
        assert run("train", source, *how, *more, "--save", path).status == 0
        found.append(load_model(path).network)
    assert found[0] != load_model(start).network
    for name, array in found[0].parameters.items():
        np.testing.assert_allclose(array, found[1].parameters[name], rtol=1e-6, atol=1e-9)
    # Without the weights the same rows lead elsewhere.
    path = tmp_path / "plain.pellucid"
    assert run("train", weighted, *how, "--save", path).status == 0
    assert not np.allclose(load_model(path).network.layers[0].weights, found[0].layers[0].weights)


def test_the_other_commands_do_without_it(run, rows, tmp_path):
    table = write(tmp_path / "rows.csv", rows)
    path = tmp_path / "m.pellucid"
    how = ["-t", "kind", "--split-column", "part", "--weight-column", "count", "-e", "2"]
    assert run("train", table, *how, "--save", path).status == 0
    without = tmp_path / "without.csv"
    lines = [",".join(row.split(",")[:2] + row.split(",")[3:]) for row in [HEAD, *rows]]
    without.write_text("\n".join(lines) + "\n")
    for name in ("evaluate", "predict", "explain"):
        with_it, without_it = (run(name, path, source, "--json").records for source in (table, without))
        for records in (with_it, without_it):
            for record in records:
                record.pop("data", None)
        assert with_it == without_it


def test_bad_weights(run, rows, tmp_path):
    rows[3] = rows[3].replace(rows[3].split(",")[2] + ",train", "-2,train")
    table = write(tmp_path / "rows.csv", rows)
    how = ["-t", "kind", "--split-column", "part", "--weight-column"]
    result = run("train", table, *how, "count")
    assert (result.status, result.out) == (2, "")
    assert "invalid sample weight" in result.err
    assert "received: -2" in result.err
    assert "line 5 of rows.csv" in result.err
    result = run("train", table, *how, "cuont")
    assert (result.status, result.out) == (2, "")
    assert "did you mean 'count'?" in result.err
