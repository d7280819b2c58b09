"""Labels and several values from the command line: trained, judged, predicted, shown, explained."""

import csv
import random

import numpy as np
import pytest
from sklearn import metrics

from pellucid.storage import load_model

NAMES = ["act[ion]", "comedy", "drama"]


def write_films(path, n=120, between=";"):
    """Films with as many of three labels as fit, in one column and in one for each, and two numbers."""
    draw = random.Random(0)
    lines = ["budget,length,tags,act,com,income,seats"]
    for _ in range(n):
        budget, length = draw.random(), draw.random()
        there = (budget > 0.5, length < 0.4, budget + length > 1.1)
        tags = between.join(name for name, yes in zip(NAMES, there, strict=True) if yes)
        act, com = ("no", "yes")[there[0]], ("tragic", "comic")[there[1]]
        numbers = f"{1000 * budget + 10 * draw.random():.2f},{300 * length:.2f}"
        lines.append(f"{budget:.3f},{length:.3f},{tags},{act},{com},{numbers}")
    path.write_text("\n".join(lines) + "\n")
    return path


KINDS = {
    "cells": ["-t", "tags", "--task", "multilabel", "--drop", "act", "--drop", "com"],
    "columns": ["-t", "act", "-t", "com", "--drop", "tags"],
    "values": ["-t", "income", "-t", "seats", "--drop", "tags"],
}
OUTPUTS = {"cells": NAMES, "columns": ["act", "com = tragic"], "values": ["income", "seats"]}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return write_films(tmp_path_factory.mktemp("films[x]") / "films.csv")


@pytest.fixture(params=KINDS)
def trained(request, run, films, tmp_path):
    """A model of each kind: its name, its file, and what training printed."""
    path = tmp_path / "m.pellucid"
    options = ["-r", "0.1", "-e", "15", "-l", "8"]
    result = run("train", films, *KINDS[request.param], *options, "--save", path, "--json")
    assert result.status == 0, result.err
    return request.param, path, result


def test_what_training_tells(trained):
    kind, path, result = trained
    end = result.records[-1]
    assert end["task"] == ("regression" if kind == "values" else "multilabel")
    names = {"accuracy", "exact", "f1_micro", "f1_macro"} if kind != "values" else {"rmse", "r2"}
    assert {f"test_{name}" for name in names} <= set(end)
    assert end["test_r2"] > 0.7 if kind == "values" else end["test_accuracy"] > 0.9
    assert load_model(path).target.names == tuple(OUTPUTS[kind])


def test_the_report_beside_scikit_learn(run, trained, films):
    kind, path, _ = trained
    model = load_model(path)
    (record,) = run("evaluate", path, films, "--json").records
    rows = model.part_of(model.read(films, require_target=True), "test")
    truth, said = model.examples(films).targets[rows], model.predict(films)[rows]
    table = run("evaluate", path, films).out
    if kind == "values":
        r2 = metrics.r2_score(truth, said, multioutput="raw_values")
        assert [value["r2"] for value in record["values"]] == pytest.approx(r2)
        assert record["r2"] == pytest.approx(np.mean(r2))
        assert [line.split()[0] for line in table.splitlines()[3:6]] == ["income", "seats", "(mean)"]
        return
    precision, recall, f1, n = metrics.precision_recall_fscore_support(truth, said)
    for name, expected in (("precision", precision), ("recall", recall), ("f1", f1), ("n", n)):
        assert [label[name] for label in record["labels"]] == pytest.approx(expected)
    assert record["exact"] == pytest.approx(metrics.accuracy_score(truth, said))
    assert record["accuracy"] == pytest.approx(1 - metrics.hamming_loss(truth, said))
    for label in record["labels"]:
        (line,) = [line for line in table.splitlines() if line.startswith(f"{label['name']} ")]
        assert f"{100 * label['accuracy']:.1f} %" in line
    if record["mistakes"]:
        assert record["mistakes"][0]["said"] in table


def test_predictions_a_column_for_each(run, trained, films, tmp_path):
    kind, path, _ = trained
    expected = load_model(path).predict(films)
    records = run("predict", path, films, "--json").records
    assert [list(record["prediction"]) for record in records] == [OUTPUTS[kind]] * 120
    assert [list(record["prediction"].values()) for record in records] == expected.tolist()
    said = tmp_path / "said.csv"
    assert run("predict", path, films, "-o", said).status == 0
    lines = list(csv.DictReader(said.read_text().splitlines()))
    heads = [f"prediction_{name}" for name in OUTPUTS[kind]]
    np.testing.assert_allclose([[float(line[head]) for head in heads] for line in lines], expected)
    if kind != "values":
        assert {line[head] for line in lines for head in heads} == {"0", "1"}
        outputs = [[float(line[f"output_{name}"]) for name in OUTPUTS[kind]] for line in lines]
        assert ((np.array(outputs) > 0.5) == expected).all()
        none = next(k for k, row in enumerate(expected[:20]) if not row.any())
        assert f"{none} (no label)" in " ".join(run("predict", path, films).out.split())


def test_shown_and_explained(run, trained, films):
    kind, path, _ = trained
    (described,) = run("show", path, "--json").records
    assert described["labels"] == (None if kind == "values" else OUTPUTS[kind])
    assert described["classes"] is None
    assert run("show", path).status == 0
    model, row = load_model(path), 5
    (told,) = run("explain", path, films, "--row", row, "--json").records
    assert list(told["outputs"]) == OUTPUTS[kind]
    assert told["loss"] > 0
    said, truth = model.predict(films)[row], model.examples(films).targets[row]
    if kind == "values":
        assert told["right"] is None
    else:
        assert told["right"] == bool((said == truth).all())
        there = [name for name, yes in zip(OUTPUTS[kind], said, strict=True) if yes]
        assert told["prediction"] == (", ".join(there) or "(no label)")
        text = run("explain", path, films, "--row", row).out
        assert "a label is predicted if its output in a2 is above 0.5" in text


def test_rows_without_the_targets_are_predicted(run, trained, tmp_path):
    kind, path, _ = trained
    rows = tmp_path / "rows.csv"
    others = "act,com" if kind == "values" else "income,seats"
    rows.write_text(f"budget,length,{others}\n0.9,0.2,{'yes,comic' if kind == 'values' else '900,60'}\n")
    (record,) = run("predict", path, rows, "--json").records
    assert list(record["prediction"]) == OUTPUTS[kind]
    result = run("evaluate", path, rows)
    assert (result.status, result.out) == (2, "")
    assert "the model's target" in result.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["-t", "act", "-t", "act"], "named twice"),
        (["-t", "act", "-t", "cmo"], "did you mean 'com'?"),
        (["-t", "act", "-t", "income"], "column act"),
        (["-t", "act", "-t", "com", "--output", "softmax"], "sum to one"),
        (["-t", "act", "-t", "com", "--cost", "cce"], "for classification"),
        (["-t", "act", "-t", "com", "--class-weight", "balanced"], "class weights need a classification"),
        (["-t", "act", "-t", "com", "--task", "classification"], "one label per example"),
        (["-t", "income", "--task", "multilabel"], "not a yes-or-no question"),
        (["-t", "tags", "--task", "multilable"], "multilabel"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_printed(run, films, tmp_path, options, says):
    path = tmp_path / "m.pellucid"
    result = run("train", films, *options, "--save", path)
    assert (result.status, result.out, path.exists()) == (2, "", False)
    assert says in result.err


def test_labels_that_would_be_called_the_same(run, tmp_path):
    table = tmp_path / "table.csv"
    rows = [f"{k},{'xy'[k % 2]},{'yes' if k % 3 else 'no'}" for k in range(30)]
    table.write_text("\n".join(["size,q,q = y", *rows]))
    result = run("train", table, "-t", "q", "-t", "q = y", "-e", "1")
    assert (result.status, result.out) == (2, "")
    assert "two targets have the same name" in result.err
    assert "'q = y' twice" in result.err


def test_another_separator(run, tmp_path):
    path = write_films(tmp_path / "films.csv", n=60, between=" | ")
    result = run("train", path, *KINDS["cells"], "-e", "1", "--json")
    assert result.status == 0
    assert result.records[-1]["task"] == "multilabel"
    assert "3 labels" in run("train", path, *KINDS["cells"], "-e", "1").out


def test_the_help_names_them(run):
    text = " ".join(run("train", "--help").out.split())
    assert "May be repeated" in text
    assert "comedy;drama" in text
