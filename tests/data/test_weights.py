"""Weights of rows: a column that is no input, or an array; sound, or refused with the row."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from pellucid.data import load_data
from pellucid.errors import ConfigurationError, DataError, PellucidError
from pellucid.training import build_network, train

FRAME = pl.DataFrame({
    "size": np.arange(20.0) ** 1.5, "count": np.arange(20) % 5, "kind": ["a", "b"] * 10,
})  # fmt: skip


def test_a_column_is_no_input():
    data = load_data(FRAME, target="kind", sample_weight="count")
    assert data.inputs.features == ("size",)
    expected = (data.train.origin % 5) / (data.train.origin % 5).mean()
    np.testing.assert_allclose(data.train.weights, expected)
    expected = (data.test.origin % 5) / (data.test.origin % 5).mean()
    np.testing.assert_allclose(data.test.weights, expected)
    assert np.array_equal(data.train.inputs, load_data(FRAME.drop("count"), target="kind").train.inputs)


def test_every_part_keeps_the_weights_of_its_rows(tmp_path):
    data = load_data(FRAME, target="kind", sample_weight="count", validation_size=4)
    for part in (data.test, data.validation):
        expected = part.origin % 5
        np.testing.assert_allclose(part.weights, expected / expected.mean())
    # Data of their own to validate with may have the column or not, and be checked where they have.
    other = FRAME.with_columns(pl.col("size") + 1)
    own = load_data(FRAME, target="kind", sample_weight="count", validation_data=other)
    np.testing.assert_allclose(own.validation.weights, (np.arange(20) % 5) / 2)
    without = load_data(FRAME, target="kind", sample_weight="count", validation_data=other.drop("count"))
    assert without.validation.weights is None
    assert any("no weight column 'count'" in note for note in without.notes)
    wrong = other.with_columns(count=pl.lit(-1))
    with pytest.raises(DataError, match="invalid sample weight"):
        load_data(FRAME, target="kind", sample_weight="count", validation_data=wrong)


def test_a_part_in_which_no_row_counts():
    part = ["train"] * 16 + ["test"] * 4
    frame = FRAME.with_columns(part=pl.Series(part), count=pl.Series([1.0] * 16 + [0.0] * 4))
    data = load_data(frame, target="kind", sample_weight="count", split_column="part")
    assert data.test.weights.tolist() == [0, 0, 0, 0]
    model = train(build_network(data, []), data, epochs=1)
    assert np.isnan(model.history["test_weighted_cost"]).all()


def test_it_is_not_the_target_either():
    assert load_data(FRAME.select("size", "kind", "count"), sample_weight="count").target.name == "kind"


def test_beside_a_sparse_matrix():
    x, y, weights = np.eye(20)[:, :3], np.arange(20) % 2, np.arange(20) % 5 + 1.0
    for matrix in (sparse.csr_array(x), sparse.csr_matrix(x)):
        data = load_data((matrix, y), sample_weight=weights)
        expected = weights[data.train.origin]
        np.testing.assert_allclose(data.train.weights, expected / expected.mean())


@pytest.mark.parametrize("how", [{}, {"validation_size": 4}, {"test_size": 0.5}], ids=str)
def test_they_stay_beside_their_rows(how, tmp_path):
    # Some rows have no target and are left out; the lines of the file hold blank ones.
    frame = FRAME.with_columns(kind=pl.when(pl.int_range(20) % 7 != 3).then("kind"))
    path = tmp_path / "rows.csv"
    path.write_text(frame.write_csv().replace("\n", "\n\n"))
    for source in (path, frame, pd.DataFrame(frame.to_dict(as_series=False))):
        data = load_data(source, target="kind", sample_weight="count", **how)
        wanted = data.train.origin % 5
        np.testing.assert_allclose(data.train.weights, wanted / wanted.mean())


@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_an_array(kind):
    x, y = FRAME["size"].to_numpy()[:, None], FRAME["kind"].to_numpy()
    weights = kind(FRAME["count"].to_list())
    for source in ((x, y), (FRAME.select("size"), y)):
        data = load_data(source, sample_weight=weights)
        wanted = data.train.origin % 5
        np.testing.assert_allclose(data.train.weights, wanted / wanted.mean())
    frame = FRAME.with_columns(kind=pl.when(pl.int_range(20) > 2).then("kind")).drop("count")
    data = load_data(frame, target="kind", sample_weight=weights)
    wanted = data.train.origin % 5
    np.testing.assert_allclose(data.train.weights, wanted / wanted.mean())


@pytest.mark.parametrize("factor", [5e-324, 1e-200, 2e307])
def test_how_large_they_all_are_does_not_matter(factor):
    x, y = FRAME["size"].to_numpy()[:, None], FRAME["kind"].to_numpy()
    data = load_data((x, y), sample_weight=factor * (np.arange(20) % 5))
    wanted = data.train.origin % 5
    np.testing.assert_allclose(data.train.weights, wanted / wanted.mean(), rtol=1e-12)


def test_they_are_multiplied_with_all_others():
    data = load_data(FRAME, target="kind", sample_weight="count")
    plain = load_data(FRAME.drop("count"), target="kind")
    given = 1.0 + np.arange(16)
    networks = [build_network(plain, [3], dtype="float64") for _ in range(2)]
    train(networks[0], data, sample_weight=given, class_weight={"a": 3}, epochs=2)
    product = given * (data.train.origin % 5) * np.array([3, 1])[data.train.targets]
    train(networks[1], plain, sample_weight=product, epochs=2)
    for name, array in networks[0].parameters.items():
        np.testing.assert_allclose(array, networks[1].parameters[name], rtol=1e-12)


def test_the_figures_count_every_row_once():
    data, plain = load_data(FRAME, target="kind", sample_weight="count"), load_data(FRAME.drop("count"))
    first, second = (train(build_network(plain, []), d, epochs=1).history[0] for d in (data, plain))
    assert [first[name] for name in ("train_cost", "test_cost")] == [
        second[name] for name in ("train_cost", "test_cost")
    ]


@pytest.mark.parametrize(("cell", "received"), [
    ("", "no weight"), ("NA", "no weight"), ("-1", "-1"), ("-0.5", "-0.5"), ("much", "'much'"),
    ("inf", "'inf'"), ("1e999", "'1e999'"),
])  # fmt: skip
def test_an_unsound_cell_is_refused_with_its_line(tmp_path, cell, received):
    path = tmp_path / "rows.csv"
    rows = ["size;count;kind", *(f"{k};{cell if k == 7 else k};{'ab'[k % 2]}" for k in range(20))]
    path.write_text("\n".join(rows))
    with pytest.raises(DataError) as caught:
        load_data(path, sample_weight="count", delimiter=";")
    assert (caught.value.received, caught.value.problem) == (received, "invalid sample weight")
    assert caught.value.where == "line 9 of rows.csv (counted from 1)"


@pytest.mark.parametrize(
    ("source", "weights", "problem"),
    [
        (FRAME, "cuont", "there is no column 'cuont'"),
        (FRAME, "kind", "column 'kind' is named twice"),
        (FRAME.with_columns(count=pl.lit(0)), "count", "the weights of all training rows are 0"),
        (FRAME.drop("count"), np.ones(19), "the weights do not match the rows"),
        (FRAME.drop("count"), np.ones((20, 2)), "the weights do not match the rows"),
        (FRAME.drop("count"), 3.0, "the weights do not match the rows"),
        (FRAME.drop("count"), np.full(20, -1), "invalid sample weight"),
        (FRAME.drop("count"), [None] * 20, "invalid sample weight"),
        (FRAME.drop("count"), [True] * 20, "invalid sample weight"),
        ((np.ones((4, 1)), [0, 1, 0, 1]), "count", "weight_column names a column"),
        ("digits", "count", "weight_column names a column"),
        ("digits", np.ones(1797), "an array of weights can only be used with arrays or a data frame"),
    ],
)
def test_what_are_no_weights(source, weights, problem):
    with pytest.raises((DataError, ConfigurationError), match=problem) as caught:
        load_data(source, sample_weight=weights, target="kind" if hasattr(source, "columns") else None)
    assert isinstance(caught.value, PellucidError)


class TestForAModel:
    def trained(self):
        data = load_data(FRAME, target="kind", sample_weight="count")
        return train(build_network(data, [3]), data, epochs=1)

    def test_the_column_may_be_there_or_not(self):
        model = self.trained()
        without = FRAME.drop("count")
        # A prediction does not look at weights, be they what they may.
        silly = FRAME.with_columns(count=pl.lit("many"))
        for rows in (without, silly):
            assert np.array_equal(model.outputs(rows), model.outputs(FRAME))
            assert model.evaluate(rows).measures == model.evaluate(FRAME).measures
            assert model.evaluate(rows, "test").measures.cost == model.history[-1]["test_cost"]

    def test_going_on_the_column_counts_again_unless_dropped(self):
        model = self.trained()
        again = load_data(FRAME, encoding=model)
        assert again.train.weights is not None
        assert load_data(FRAME.drop("count"), encoding=model).train.weights is None
        assert load_data(FRAME, encoding=model, drop="count").train.weights is None
        other = load_data(FRAME.rename({"count": "n"}), encoding=model, sample_weight="n")
        noted = {"there": FRAME, "not there": FRAME.drop("count")}
        for name, rows in noted.items():
            notes = load_data(rows, encoding=model).notes
            assert any("no weight column 'count'" in note for note in notes) == (name == "not there")
        # What was said otherwise needs no note.
        for how in ({"drop": "count"}, {"sample_weight": np.ones(20)}):
            rows = FRAME if "drop" in how else FRAME.drop("count")
            assert not any("'count'" in note for note in load_data(rows, encoding=model, **how).notes)
        assert np.array_equal(other.train.weights, again.train.weights)
        dropped = load_data(FRAME, target="kind", drop="count")
        assert np.array_equal(
            load_data(FRAME, encoding=dropped, sample_weight="count").train.weights, again.train.weights
        )
