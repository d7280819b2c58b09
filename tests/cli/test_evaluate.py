import pytest

from pellucid.storage import load_model

from .conftest import write_table


def test_the_unseen_part_unless_said(run, binary):
    result = run("evaluate", binary.path, binary.data, "--json")
    (report,) = result.records
    assert (result.status, report["event"], report["part"], report["n"]) == (0, "evaluation", "test", 12)
    history = load_model(binary.path).history[-1]
    assert report["accuracy"] == pytest.approx(history["test_accuracy"])
    assert report["cost"] == pytest.approx(history["test_cost"])
    assert [row["name"] for row in report["classes"]] == ["no[/]", "yes[1]"]
    assert sum(row["n"] for row in report["classes"]) == 12
    assert sum(map(sum, report["confusion"])) == 12
    assert len(report["mistakes"]) == 12 - round(12 * report["accuracy"])


@pytest.mark.parametrize(("part", "n"), [("all", 60), ("train", 48), ("test", 12)])
def test_another_part(run, binary, part, n):
    assert run("evaluate", binary.path, binary.data, "--part", part, "--json").records[0]["n"] == n


def test_the_part_that_validated(run, tmp_path):
    table, path = write_table(tmp_path / "table.csv"), tmp_path / "m.pellucid"
    # At such a rate the costs go up and down, and the best epoch is not the last.
    how = ["-t", "kind", "-e", "12", "-r", "0.5", "--schedule", "constant", "--early-stopping", "12"]
    assert run("train", table, *how, "--validation-size", "0.25", "--save", path).status == 0
    model = load_model(path)
    assert model.kept_epoch < model.history.n_epochs
    for part, n in (("train", 36), ("validation", 12), ("test", 12)):
        (report,) = run("evaluate", path, table, "--part", part, "--json").records
        assert (report["part"], report["n"]) == (part, n)
        assert report["cost"] == pytest.approx(model.figures[f"{part}_cost"])
        assert report["accuracy"] == pytest.approx(model.figures[f"{part}_accuracy"])
        rows = [record["row"] for record in run("predict", path, table, "--part", part, "--json").records]
        assert len(rows) == n
        (explained,) = run("explain", path, table, "--part", part, "--row", "1", "--json").records
        assert explained["row"] == rows[1]
    assert "note" not in run("evaluate", path, table, "--part", "validation").err
    assert "the validation set of table.csv" in run("evaluate", path, table, "--part", "validation").err


def test_no_part_that_validated(run, binary):
    result = run("evaluate", binary.path, binary.data, "--part", "validation")
    assert (result.status, result.out) == (2, "")
    assert "the data have no validation set" in result.err


def test_a_file_of_its_own_validated(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table, own = write_table(tmp_path / "table.csv"), write_table(tmp_path / "own.csv", n=25, seed=7)
    path = tmp_path / "m.pellucid"
    how = ["-t", "kind", "-e", "2", "--validation", own, "--save", path]
    assert run("train", table, *how).status == 0
    result = run("evaluate", path, table, "--part", "validation")
    assert (result.status, result.out) == (2, "")
    assert f"the validation set was a separate file, {own.name}: use all rows of it" in result.err
    for read in ([own], [own, "--part", "validation"], ["--part", "validation"]):
        (report,) = run("evaluate", path, *read, "--json").records
        assert report["cost"] == pytest.approx(load_model(path).figures["validation_cost"])


def test_a_file_of_its_own_tested(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table, own = write_table(tmp_path / "table.csv"), write_table(tmp_path / "own.csv", n=25, seed=7)
    path = tmp_path / "m.pellucid"
    assert run("train", table, "-t", "kind", "-e", "2", "--test", own, "--save", path).status == 0
    figures = load_model(path).figures
    for read in ([own], [own, "--part", "test"], ["--part", "test"], []):
        (report,) = run("evaluate", path, *read, "--json").records
        assert (report["n"], report["cost"]) == (25, pytest.approx(figures["test_cost"]))
    (report,) = run("evaluate", path, "--part", "train", "--json").records
    assert (report["n"], report["cost"]) == (60, pytest.approx(figures["train_cost"]))
    (report,) = run("evaluate", path, table, "--json").records
    assert (report["n"], report["part"]) == (60, "all")
    result = run("evaluate", path, table, "--part", "test")
    assert (result.status, result.out) == (2, "")
    assert f"the test set was a separate file, {own.name}: use all rows of it" in result.err
    write_table(own, n=25, seed=8)
    result = run("evaluate", path)
    assert (result.status, result.out) == (2, "")
    assert "own.csv, whose rows are not those that the model was tested with" in result.err


def test_other_data_are_judged_whole(run, binary, tmp_path):
    other = write_table(tmp_path / "other.csv", n=30, seed=1)
    (report,) = run("evaluate", binary.path, other, "--json").records
    assert (report["part"], report["n"]) == ("all", 30)
    result = run("evaluate", binary.path, other, "--part", "test")
    assert (result.status, result.out) == (2, "")
    assert "the data have no test set" in result.err


def test_for_people(run, binary):
    result = run("evaluate", binary.path, binary.data, "--part", "all")
    (report,) = run("evaluate", binary.path, binary.data, "--part", "all", "--json").records
    assert f"60 examples: accuracy {100 * report['accuracy']:.2f} %" in result.out
    assert "precision" in result.out
    assert "no[/]" in result.out
    assert "yes[1]" in result.out
    assert max(map(len, result.out.splitlines())) <= 80
    first = report["mistakes"][0]
    line = f"{first['row']} {first['said']} {first['truth']} {first['confidence']:.4f}"
    assert line in " ".join(result.out.split())


def test_mistakes_name_the_rows_that_explain_takes(run, digits):
    (report,) = run("evaluate", digits.path, "--json").records
    first = report["mistakes"][0]
    (explained,) = run("explain", digits.path, "--row", first["row"], "--json").records
    assert (explained["prediction"], explained["truth"]) == (first["said"], first["truth"])
    assert explained["outputs"][first["said"]] == pytest.approx(first["confidence"], rel=1e-5)


def test_a_regression(run, regression):
    (report,) = run("evaluate", regression.path, regression.data, "--json").records
    assert {"rmse", "mae", "r2", "cost", "n"} <= set(report)
    assert "accuracy" not in report
    out = run("evaluate", regression.path, regression.data).out
    assert f"RMSE {report['rmse']:,.6g}, MAE {report['mae']:,.6g}, R2 {report['r2']:.4f}" in out


def test_data_without_the_target(run, binary, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("size[m],col[/bold]our,weight\n0.5,red,70\n")
    result = run("evaluate", binary.path, path)
    assert (result.status, result.out) == (2, "")
    assert "kind" in result.err


def test_a_label_outside_the_classes(run, binary, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("size[m],col[/bold]our,weight,kind\n0.5,red,70,maybe\n")
    result = run("evaluate", binary.path, path)
    assert (result.status, result.out) == (2, "")
    assert "unknown class label" in result.err
    assert "'maybe'" in result.err


def test_many_classes_do_not_burst_the_terminal(run, tmp_path):
    path = tmp_path / "many.csv"
    rows = [f"{k % 30},{k % 7},class {k % 30:02}" for k in range(300)]
    path.write_text("\n".join(["x,y,name", *rows]))
    model = tmp_path / "m.pellucid"
    assert run("train", path, "-t", "name", "-e", "1", "--save", model).status == 0
    out = run("evaluate", model, path).out
    assert "use --json for the confusion matrix of 30 classes" in out
    assert max(map(len, out.splitlines())) <= 80
