"""Tables with dates, and with a class called None: from training to a prediction for another file."""

import pytest

from pellucid.storage import load_model

KINDS = ["None", "mild", "None", "severe"]


@pytest.fixture
def trained(run, tmp_path):
    """A model of 80 visits, and the data."""
    path, model = tmp_path / "visits.csv", tmp_path / "visits.pellucid"
    rows = [f"{row % 28 + 1}.{row % 12 + 1}.2023,{row * 7 % 11},{KINDS[row % 4]}\n" for row in range(80)]
    path.write_text("day,size,kind\n" + "".join(rows))
    result = run("train", path, "--epochs", 2, "--save", model)
    assert result.status == 0
    return result, path, model


def test_what_is_said_when_training(trained):
    result, _, model = trained
    said = " ".join(result.err.split())
    assert "note: column 'day' ('13.1.2023' is 2023-01-13): read as dates: year, month, weekday" in said
    assert "'None' in 40 of 80 rows is a class of 'kind', because it is as frequent as other classes" in said
    assert load_model(model).target.labels == ("None", "mild", "severe")


def test_the_model_reads_other_files_the_same(run, trained, tmp_path):
    _, path, model = trained
    assert run("evaluate", model, path, "--part", "train", "--json").status == 0
    new = tmp_path / "new.csv"
    new.write_text("day,size,kind\n5.6.2023,3,None\n2023-06-05,3,mild\n")
    (record,) = run("evaluate", model, new, "--json").records
    assert record["n"] == 2
    first, second = run("predict", model, new, "--keep", "kind", "--json").records
    assert first["outputs"] == second["outputs"]
    assert first["kind"] == "None"


def test_a_cell_that_is_not_a_date(run, trained, tmp_path):
    _, _, model = trained
    new = tmp_path / "new.csv"
    new.write_text("day,size\n5.6.2023,3\nsoon,3\n")
    result = run("predict", model, new)
    assert result.status == 2
    assert "received: 'soon'" in result.err
    assert "line 3 of new.csv" in result.err
    assert run("predict", model, new, "--missing", "soon").status == 0


def test_none_may_be_a_missing_value(run, trained):
    _, path, _ = trained
    result = run("train", path, "--epochs", 1, "--no-none-as-class")
    assert "40 of 80 rows have no value in 'kind' and are dropped" in " ".join(result.err.split())
    assert "2 classes" in result.out
