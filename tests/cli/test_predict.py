import csv
import json

import numpy as np
import polars as pl
import pytest

from pellucid.storage import load_model

HEAD = "size[m],col[/bold]our,weight"


@pytest.fixture
def rows(tmp_path):
    """Rows without a target."""
    path = tmp_path / "rows.csv"
    path.write_text(f"{HEAD}\n0.9,red,70\n0.1,[blue],60\n")
    return path


def test_as_json(run, binary, rows):
    result = run("predict", binary.path, rows, "--json")
    assert result.status == 0
    expected = load_model(binary.path).outputs(rows)[:, 0]
    for k, record in enumerate(result.records):
        assert list(record) == ["row", "prediction", "outputs"]
        assert record["row"] == k
        assert record["outputs"] == {"yes[1]": pytest.approx(float(expected[k]))}
        assert record["prediction"] == ("yes[1]" if expected[k] > 0.5 else "no[/]")
    assert len(result.records) == 2


def test_for_people(run, binary, digits, regression):
    result = run("predict", binary.path, binary.data)
    assert "yes[1]" in result.out
    assert "and 40 more; use -o FILE to write all to a file" in result.out
    assert len(result.out.splitlines()) == 22
    (first, *_) = run("predict", digits.path, "--json").records
    said, *others = sorted(first["outputs"], key=first["outputs"].get, reverse=True)
    line = f"0 {said} {said} {first['outputs'][said]:.3f} {others[0]} {first['outputs'][others[0]]:.3f}"
    assert line in " ".join(run("predict", digits.path).out.split())
    (first, *_) = run("predict", regression.path, regression.data, "--json").records
    assert f"0 {first['prediction']:,.6g} 1 " in " ".join(
        run("predict", regression.path, regression.data).out.split()
    )


def test_the_test_part_of_a_file_with_empty_cells_in_its_target(run, tmp_path):
    table = tmp_path / "table.csv"
    kinds = ["a", "b", "", "b", "a"]
    table.write_text("size,kind\n" + "".join(f"{k},{kinds[k % 5]}\n" for k in range(50)))
    model = tmp_path / "m.pellucid"
    assert run("train", table, "-e", "1", "--save", model).status == 0
    rows = [record["row"] for record in run("predict", model, table, "--part", "test", "--json").records]
    assert len(rows) == 8  # a fifth of the 40 with a target
    assert not any(row % 5 == 2 for row in rows)
    assert run("predict", model, table, "--part", "auto", "--json").records[-1]["row"] == rows[-1]
    for part in ("test", "auto"):
        (record,) = run("explain", model, table, "--part", part, "--row", "1", "--json").records
        assert record["row"] == rows[1]


def test_without_a_header_as_was_said(run, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("2019,a\n" + "".join(f"{k},{'ab'[k % 2]}\n" for k in range(30)))
    model = tmp_path / "m.pellucid"
    result = run("train", table, "-e", "1", "--no-header", "--save", model)
    assert (result.status, "--no-header" in result.err) == (0, False)
    assert len(run("predict", model, table, "--json").records) == 31
    table.write_text(table.read_text().replace("2019,a", "2019,kind"))
    assert "--no-header" in run("train", table, "-e", "1").err


def test_a_test_size_that_is_not_used_is_noted(run, images):
    assert "test size is not used" in run("train", images.data, "-e", "1", "--test-size", "0.2").err
    assert "test size" not in run("train", images.data, "-e", "1").err
    assert "[default: 0.2]" in " ".join(run("train", "--help").out.split())


class TestToAFile:
    def test_csv(self, run, digits, tmp_path):
        path = tmp_path / "said.csv"
        result = run("predict", digits.path, "-o", path)
        assert result.status == 0
        assert "1,797 predictions written to" in result.out
        lines = list(csv.DictReader(path.read_text().splitlines()))
        records = run("predict", digits.path, "--json").records
        assert len(lines) == len(records) == 1797
        for line, record in zip(lines, records, strict=True):
            assert int(line["row"]) == record["row"]
            assert line["prediction"] == record["prediction"]
            assert {f"output_{key}": str(value) for key, value in record["outputs"].items()} == {
                key: value for key, value in line.items() if key.startswith("output")
            }

    def test_json_is_one_list(self, run, regression, tmp_path):
        path = tmp_path / "said.json"
        run("predict", regression.path, regression.data, "-o", path)
        assert (
            json.loads(path.read_text()) == run("predict", regression.path, regression.data, "--json").records
        )

    def test_jsonl_is_an_object_a_line(self, run, regression, tmp_path):
        path = tmp_path / "said.jsonl"
        run("predict", regression.path, regression.data, "-o", path)
        records = run("predict", regression.path, regression.data, "--json").records
        assert [json.loads(line) for line in path.read_text().splitlines()] == records

    def test_several_values_get_a_column_each(self, run, tmp_path):
        x = np.random.default_rng(0).normal(size=(40, 3))
        np.savez(tmp_path / "data.npz", x=x, y=x[:, :2] * [2, 300])
        assert run("train", tmp_path / "data.npz", "-e", "1", "--save", tmp_path / "m.pellucid").status == 0
        path = tmp_path / "said.csv"
        assert run("predict", tmp_path / "m.pellucid", tmp_path / "data.npz", "-o", path).status == 0
        lines = list(csv.reader(path.read_text().splitlines()))
        assert lines[0] == ["row", "prediction_y 0", "prediction_y 1"]
        expected = load_model(tmp_path / "m.pellucid").predict(tmp_path / "data.npz")
        np.testing.assert_allclose(
            [[float(cell) for cell in line[1:]] for line in lines[1:]], expected, rtol=1e-6
        )
        shown = run("predict", tmp_path / "m.pellucid", tmp_path / "data.npz").out
        assert f"y 0 {expected[0, 0]:,.6g}, y 1 {expected[0, 1]:,.6g}" in shown

    def test_an_existing_file_is_refused(self, run, binary, rows, tmp_path):
        path = tmp_path / "said.csv"
        path.write_text("mine")
        result = run("predict", binary.path, rows, "-o", path)
        assert (result.status, result.out, path.read_text()) == (2, "", "mine")
        assert "the file already exists" in result.err
        assert run("predict", binary.path, rows, "-o", path, "--force").status == 0
        assert path.read_text().startswith("row,prediction,output_yes[1]")

    @pytest.mark.parametrize(
        ("place", "says"),
        [("nowhere/said.csv", "folder to save to does not exist"), ("folder.csv", "the path is a folder"),
         ("said.xlsx", ".csv, .json, .jsonl"), ("said", ".csv, .json, .jsonl")],
    )  # fmt: skip
    def test_a_place_that_cannot_be(self, run, binary, rows, tmp_path, place, says):
        (tmp_path / "folder.csv").mkdir()
        before = sorted(tmp_path.iterdir())
        result = run("predict", binary.path, rows, "-o", tmp_path / place)
        assert (result.status, result.out) == (2, "")
        assert says in result.err
        assert sorted(tmp_path.iterdir()) == before

    def test_a_full_disk(self, shell, digits, tmp_path):
        path = tmp_path / "said.csv"
        path.write_text("the old one")
        result = shell(
            "predict", digits.path, "-o", path, "--force",
            largest_file=1000,
        )  # fmt: skip
        assert (result.status, result.out, path.read_text()) == (2, "", "the old one")
        assert result.err.startswith("Error: the file could not be written")
        assert [entry.name for entry in tmp_path.iterdir()] == ["said.csv"]


class TestColumns:
    def test_by_name_in_any_order(self, run, binary, rows, tmp_path):
        other = tmp_path / "other.csv"
        other.write_text("weight,size[m],col[/bold]our\n70,0.9,red\n60,0.1,[blue]\n")
        same = [run("predict", binary.path, path, "--json").out for path in (rows, other)]
        assert same[0] == same[1]

    def test_the_target_may_be_there(self, run, binary, rows, tmp_path):
        other = tmp_path / "other.csv"
        other.write_text(f"{HEAD},kind\n0.9,red,70,\n0.1,[blue],60,something else\n")
        same = [run("predict", binary.path, path, "--json").out for path in (rows, other)]
        assert same[0] == same[1]

    def test_one_too_few(self, run, binary, tmp_path):
        path = tmp_path / "rows.csv"
        path.write_text("size[m],col[/bold]our\n0.9,red\n")
        result = run("predict", binary.path, path)
        assert (result.status, result.out) == (2, "")
        assert "weight" in result.err

    def test_one_too_many_is_ignored(self, run, binary, rows, tmp_path):
        path = tmp_path / "more.csv"
        path.write_text(f"{HEAD},height\n0.9,red,70,3\n0.1,[blue],60,4\n")
        result = run("predict", binary.path, path, "--json")
        assert result.out == run("predict", binary.path, rows, "--json").out
        assert "note: the model does not use column height" in result.err

    def test_a_category_never_seen_gets_a_note(self, run, binary, tmp_path):
        path = tmp_path / "rows.csv"
        path.write_text(f"{HEAD}\n0.9,[/]green,70\n")
        result = run("predict", binary.path, path, "--json")
        assert result.status == 0
        assert len(result.records) == 1
        assert "note: " in result.err
        assert "[/]green" in result.err

    def test_a_word_where_numbers_were(self, run, binary, tmp_path):
        path = tmp_path / "rows.csv"
        path.write_text(f"{HEAD}\n0.9,red,heavy\n")
        result = run("predict", binary.path, path)
        assert (result.status, result.out) == (2, "")
        assert "'heavy'" in result.err

    def test_images_of_another_size(self, run, digits, images):
        result = run("predict", digits.path, images.data)
        assert (result.status, result.out) == (2, "")
        assert "8" in result.err

    def test_no_rows(self, run, binary, tmp_path):
        path = tmp_path / "rows.csv"
        path.write_text(HEAD + "\n")
        result = run("predict", binary.path, path)
        assert (result.status, result.out) == (2, "")
        assert "a header but no rows" in result.err


@pytest.fixture
def clients(tmp_path):
    """Rows with a column that the model does not know, separated in another way."""
    path = tmp_path / "clients.csv"
    path.write_text(f"client|{HEAD.replace(',', '|')}\n007|0.9|red|70\n008|0.1|[blue]|60\n")
    return path


def test_columns_are_kept_in_every_form(run, binary, clients, tmp_path):
    read = ("predict", binary.path, clients, "--delimiter", "|", "--keep", "cl*,weight")
    result = run(*read, "--json")
    assert [list(record)[:4] for record in result.records] == [["row", "client", "weight", "prediction"]] * 2
    assert [record["client"] for record in result.records] == ["007", "008"]
    assert "note: the model does not use column client" in result.err
    assert "0     007      70" in run(*read).out
    for ending in ("csv", "json", "jsonl"):
        written = tmp_path / f"p.{ending}"
        assert run(*read, "-o", written).status == 0
        text = written.read_text()
        if ending == "csv":
            (first, _) = csv.DictReader(text.splitlines())
        else:
            first = json.loads(text)[0] if ending == "json" else json.loads(text.splitlines()[0])
        assert (first["client"], first["weight"]) == ("007", "70")


def test_numbers_are_kept_without_a_needless_point(run, binary, tmp_path):
    pl.DataFrame(
        {"n": [501, None], "share": [0.5, 2e300], "size[m]": 1.0, "col[/bold]our": "red", "weight": 1}
    ).write_parquet(tmp_path / "rows.parquet")
    records = run("predict", binary.path, tmp_path / "rows.parquet", "--keep", "n,share", "--json").records
    assert [(record["n"], record["share"]) for record in records] == [(501, 0.5), (None, 2e300)]


@pytest.mark.parametrize("name", ["row", "prediction", "outputs", "output_yes[1]"])
def test_a_column_with_the_name_of_a_prediction_cannot_be_kept(run, binary, rows, name):
    rows.write_text(f"{name},{HEAD}\n1,0.9,red,70\n")
    result = run("predict", binary.path, rows, "--keep", name)
    assert result.status == 2
    assert f"column '{name}' cannot be kept" in result.err


@pytest.mark.parametrize(("data", "said"), [("rows", "no column 'clent'"), ("digits", "no names")])
def test_columns_that_cannot_be_kept(run, binary, digits, rows, data, said):
    model, source = (digits.path, "digits") if data == "digits" else (binary.path, rows)
    result = run("predict", model, source, "--keep", "clent")
    assert result.status == 2
    assert said in result.err


def test_data_without_a_header_like_those_of_the_model(run, tmp_path):
    table, others = tmp_path / "t.csv", tmp_path / "others.txt"
    table.write_text("".join(f"{k},{k % 3},{'ab'[k % 2]}\n" for k in range(40)))
    others.write_text("size;kind;answer\n3;1;a\n4;2;b\n")
    model = tmp_path / "m"
    assert run("train", table, "--no-header", "-e", "1", "--save", model).status == 0
    for command in ("predict", "evaluate", "explain"):
        wrong = run(command, model, others, "--delimiter", ";")
        assert wrong.status == 2
        others.write_text("3;1;a\n4;2;b\n")
        assert run(command, model, others, "--delimiter", ";", "--no-header").status == 0
        others.write_text("column_1;column_2;column_3\n3;1;a\n4;2;b\n")
        assert run(command, model, others, "--delimiter", ";", "--header").status == 0
        others.write_text("size;kind;answer\n3;1;a\n4;2;b\n")
