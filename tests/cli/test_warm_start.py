"""Going on from a saved model."""

import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data
from pellucid.storage import load_model
from pellucid.training import build_network, train

from .conftest import write_table


@pytest.fixture
def start(run, table, tmp_path):
    path = tmp_path / "start.pellucid"
    how = ["-l", "4,3", "-a", "tanh,elu:alpha=2", "--dtype", "float64", "--cost", "mse"]
    assert run("train", table, "-t", "kind", "-e", "3", *how, "--save", path).status == 0
    return path


def test_goes_on_as_python_does(run, start, tmp_path):
    other = write_table(tmp_path / "other.csv", n=40, seed=5)
    path = tmp_path / "next.pellucid"
    assert run("train", other, "--start", start, "-e", "2", "-b", "3", "--save", path).status == 0
    first, found = load_model(start), load_model(path)
    data = load_data(str(other), encoding=first)
    network = first.network.copy()
    twin = train(network, data, cost="mse", epochs=2, batch_size=3)
    assert found.network == twin.network == network != first.network
    assert str(found.cost) == "mean_squared_error"
    # The first row is the network that it began with, on the new data.
    assert found.history[0]["test_cost"] == first.evaluate(data.test).measures.cost


def test_without_data_those_it_was_trained_on(run, start, table, monkeypatch):
    monkeypatch.chdir(table.parent)
    result = run("train", "--start", start, "-e", "1")
    assert result.out.startswith(f"{table.name}: 48 training and 12 test examples")
    assert "was trained on some rows" not in result.err


def test_the_same_data_split_otherwise_are_noted(run, start, table):
    for more in (["-s", "1"], ["--test-size", "0.3"]):
        err = " ".join(run("train", table, "--start", start, "-e", "1", *more).err.split())
        assert "the network was trained on some rows of the test set" in err
        assert "test size 0.2 and seed 0" in err
    err = run("train", table, "--start", start, "-e", "1", "--validation-size", "0.2").err
    assert "the network was trained on some rows of the validation set" in err


def test_columns_in_another_order(run, start, table, tmp_path):
    frame = pl.read_csv(table.read_bytes())
    turned = tmp_path / "turned.csv"
    frame.select(reversed(frame.columns)).write_csv(turned)
    found = []
    for source in (table, turned):
        path = tmp_path / f"{source.stem}.pellucid"
        assert run("train", source, "--start", start, "-e", "2", "--save", path).status == 0
        found.append(load_model(path).network)
    assert found[0] == found[1]


@pytest.mark.parametrize("kept", ["ac", "b"])
def test_fewer_classes(run, tmp_path, kept):
    rows = [f"{k / 10},{'abc'[k % 3]}" for k in range(60)]
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("\n".join(["x,kind", *rows]))
    second.write_text("\n".join(["x,kind", *(row for row in rows if row[-1] in kept)]))
    start, path = tmp_path / "start.pellucid", tmp_path / "next.pellucid"
    assert run("train", first, "-l", "4", "-e", "1", "--save", start).status == 0
    how = ["--validation-size", "0.2", "--early-stopping", "1", "--class-weight", "balanced"]
    assert run("train", second, "--start", start, "-e", "2", *how, "--save", path).status == 0
    model = load_model(path)
    assert model.target.labels == ("a", "b", "c")
    assert model.network.sizes[-1] == 3
    for part in ("train", "validation", "test"):
        (report,) = run("evaluate", path, second, "--part", part, "--json").records
        assert report["cost"] == pytest.approx(model.figures[f"{part}_cost"])
    (report,) = run("evaluate", path, second, "--json").records
    assert report["part"] == "test"


def test_the_file_itself_may_be_replaced(run, start, table):
    before = load_model(start).network
    assert run("train", table, "--start", start, "-e", "1", "--save", start).status == 2
    assert load_model(start).network == before
    assert run("train", table, "--start", start, "-e", "1", "--save", start, "--force").status == 0
    assert load_model(start).network != before


def test_what_says_the_same_is_no_contradiction(run, start, table):
    how = ["-l", "4,3", "-a", "tanh,elu:alpha=2", "--output", "sigmoid", "--dtype", "float64", "-t", "kind"]
    assert run("train", table, "--start", start, "-e", "1", *how, "--cost", "bce").status == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["-l", "5"], ["--layers contradicts the model", "expected: 4,3", "received: 5"]),
        (["-l", "none"], ["--layers contradicts the model", "received: none"]),
        (["-a", "tanh"], ["--activation contradicts the model", "expected: tanh,elu:alpha=2.0"]),
        (["-a", "tanh,elu"], ["--activation contradicts the model", "received: tanh,elu"]),
        (["-a", "tahn"], ["no activation named 'tahn'", "did you mean 'tanh'"]),
        (["--output", "softmax"], ["--output contradicts the model", "expected: sigmoid"]),
        (["--normalise", "layer"], ["--normalise contradicts the model", "expected: none"]),
        (["--dtype", "float32"], ["--dtype contradicts the model", "expected: float64"]),
        (["--initializer", "he_normal"], ["--initializer contradicts the model"]),
        (["--cost", "cce"], ["cannot be used with the outputs of sigmoid"]),
        (["-t", "weight"], ["the target is not the one that the network was trained for", "'kind'"]),
        (["--task", "regression"], ["the task is not the one", "'classification'"]),
        (["--drop", "colour"], ["there is no column 'colour'"]),
        (["--drop", "weight"], ["not those the network was trained on", "missing: 'weight'"]),
        (["--split-column", "part"], ["there is no column 'part'"]),
    ],
    ids=lambda part: " ".join(part)[:40],
)
def test_contradictions_are_refused(run, start, table, options, says):
    result = run("train", table, "--start", start, "-e", "1", *options)
    assert (result.status, result.out) == (2, "")
    words = " ".join(result.err.split())
    assert [word for word in says if word not in words] == []


def test_other_data(run, start, table, tmp_path):
    frame = pl.read_csv(table.read_bytes())
    bad = {
        "a column less": (frame.drop("weight"), "missing: 'weight'"),
        "no target": (frame.drop("kind"), "there is no column 'kind'"),
        "an unknown class": (frame.with_columns(kind=pl.lit("maybe")), "unknown class label"),
        "words for numbers": (frame.with_columns(weight=pl.lit("heavy")), "weight"),
    }
    path = tmp_path / "bad.csv"
    for name, (rows, says) in bad.items():
        rows.write_csv(path)
        result = run("train", path, "--start", start)
        assert (result.status, result.out, name) == (2, "", name)
        assert says in " ".join(result.err.split())
        assert result.err.count("Error: ") == 1
    frame.select(pl.lit(1).alias("height"), pl.all()).write_csv(path)
    result = run("train", path, "--start", start, "-e", "1")
    assert (result.status, "does not use column height" in result.err) == (0, True)


def test_what_is_no_model(run, table, tmp_path):
    assert "the model file does not exist" in run("train", table, "--start", tmp_path / "none").err
    assert "is not a model file" in run("train", table, "--start", table).err


def test_images(run, tmp_path):
    path, more = tmp_path / "digits.pellucid", tmp_path / "more.pellucid"
    how = ["-e", "1", "--save"]
    assert run("train", "digits", "-l", "8", *how, path).status == 0
    assert run("train", "digits", "--start", path, *how, more).status == 0
    first, second = load_model(path), load_model(more)
    assert second.history[0]["test_cost"] == first.history[-1]["test_cost"]
    twin = load_model(path).network
    train(twin, load_data("digits"), epochs=1)
    assert second.network == twin


def test_normalised_layers(run, table, tmp_path):
    start, path = tmp_path / "start.pellucid", tmp_path / "next.pellucid"
    how = ["-t", "kind", "-e", "2", "-b", "8", "--normalise", "batch:momentum=0.99", "--save"]
    assert run("train", table, *how, start).status == 0
    assert run("train", table, *how, path, "--start", start).status == 0
    first, second = load_model(start), load_model(path)
    assert second.history[0]["test_cost"] == first.history[-1]["test_cost"]  # the running means too
    twin = first.network.copy()
    train(twin, load_data(str(table), encoding=first), epochs=2, batch_size=8)
    assert second.network == twin
    assert run("train", table, "--start", start, "-b", "8", "--normalise", "batch").status == 2


def test_values_keep_their_units(run, table, tmp_path):
    path, more = tmp_path / "first.pellucid", tmp_path / "more.pellucid"
    how = ["-e", "1", "--save"]
    assert run("train", table, "-t", "weight", *how, path).status == 0
    other = tmp_path / "other.csv"
    frame = pl.read_csv(table.read_bytes())
    frame.with_columns(frame["weight"] + 100).write_csv(other)
    assert run("train", other, "--start", path, *how, more).status == 0
    first, second = load_model(path), load_model(more)
    assert np.array_equal(first.target.mean, second.target.mean)
    assert second.history[0]["test_rmse"] > 80  # a hundred more than it has learned
    assert build_network(load_data(str(other), target="weight"), [64]).sizes == second.network.sizes
