"""Several targets of a table, from its columns to the examples: values by name, labels, cells of labels."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data import LabelTarget, ValueTarget, load_data, read_again, split_again
from pellucid.errors import ConfigurationError, DataError

TABLE = pl.DataFrame(
    {
        "size": [float(k) for k in range(20)],
        "price": [3.0 * k + 1 for k in range(20)],
        "rooms": [k % 7 for k in range(20)],
        "paid": ["yes" if k % 3 else "no" for k in range(20)],
        "sex": ["m" if k % 2 else "f" for k in range(20)],
        "late": [k % 5 == 0 for k in range(20)],
        "tags": ["; ".join(["old"] * (k % 2) + ["big"] * (k > 9)) for k in range(20)],
    }
)


@pytest.fixture(params=["polars", "pandas", "csv", "tsv", "parquet"])
def source(request, tmp_path):
    """The same table in every form there is."""
    path = tmp_path / f"table.{request.param}"
    if request.param == "pandas":
        return pd.DataFrame(TABLE.to_dict(as_series=False))
    if request.param == "parquet":
        TABLE.write_parquet(path)
    elif request.param in ("csv", "tsv"):
        TABLE.write_csv(path, separator="," if request.param == "csv" else "\t")
    else:
        return TABLE
    return path


def whole(data):
    """All rows' targets in their order."""
    targets = np.concatenate([data.train.targets, data.test.targets])
    return targets[np.argsort(np.concatenate([data.train.origin, data.test.origin]))]


def test_values_by_name(source):
    data = load_data(source, target=["price", "rooms"], drop=["tags"])
    assert isinstance(data.target, ValueTarget)
    assert data.target.names == ("price", "rooms")
    assert (whole(data) == TABLE.select("price", "rooms").to_numpy()).all()
    train = TABLE.select("price", "rooms").to_numpy()[data.train.origin]
    assert data.target.mean == pytest.approx(train.mean(axis=0))
    assert data.target.scale == pytest.approx(train.std(axis=0))
    assert "several numbers" in " ".join(data.notes)


def test_labels_of_several_columns(source):
    data = load_data(source, target=["paid", "sex", "late"], drop=["tags"])
    assert isinstance(data.target, LabelTarget)
    assert data.target.names == ("paid", "sex = m", "late")
    assert whole(data).tolist() == [[bool(k % 3), bool(k % 2), k % 5 == 0] for k in range(20)]
    assert "3 labels" in repr(data)
    again = read_again(source, data.provenance)
    assert (data.target.encode(again.target) == whole(data)).all()
    assert (split_again(again, data.provenance)["test"] == data.test.origin).all()


def test_labels_in_the_cells_of_one_column(source):
    data = load_data(source, target="tags", task="multilabel")
    assert data.target.names == ("big", "old")
    assert whole(data).tolist() == [[k > 9, bool(k % 2)] for k in range(20)]  # an empty cell has none
    assert read_again(source, data.provenance).target.tolist()[0] == ""


def test_one_name_in_a_list_is_that_name(source):
    one, listed = (
        load_data(source, target=target, drop="tags", task="regression") for target in ("price", ["price"])
    )
    assert one.provenance == listed.provenance
    assert listed.target.names == ("price",)


def test_one_column_of_answers_is_one_label():
    for column in ("paid", "late", "sex"):
        data = load_data(
            TABLE, target=[column, "late"][: 1 + (column == "sex")], task="multilabel", drop="tags"
        )
        assert data.target.separator is None
    gap = TABLE.with_columns(paid=pl.when(pl.col("size") > 2).then("paid"))
    data = load_data(gap, target="paid", task="multilabel", drop="tags")
    assert (data.target.names, len(data.train) + len(data.test)) == (("paid",), 17)


@pytest.mark.parametrize("columns", [["price", "rooms"], ["paid", "late"], ["price", "late"]])
def test_a_row_without_one_of_the_targets_is_left_out(columns):
    gap = TABLE.with_columns(pl.when(pl.col("size") != 4).then(column) for column in columns[:1])
    task = "regression" if "price" in columns else None
    data = load_data(gap.select("size", *columns), target=columns, task=task)
    assert len(data.train) + len(data.test) == 19
    assert 4 not in [*data.train.origin, *data.test.origin]
    assert f"no value in {columns[0]!r} or {columns[1]!r}" in " ".join(data.notes)


def test_the_task_can_be_said():
    assert load_data(TABLE, target=["late", "rooms"], task="regression", drop="tags").target.n_values == 2
    one_hot = (np.arange(20.0)[:, None], np.eye(2)[np.arange(20) % 2])
    assert load_data(one_hot).task == "regression"
    assert load_data(one_hot, task="multilabel").target.names == ("label 0", "label 1")


@pytest.mark.parametrize("form", [np.asarray, lambda y: y.astype(bool), lambda y: y.astype(float).tolist()])
def test_arrays_of_answers(form, tmp_path):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(30, 2)), random.integers(0, 2, (30, 3))
    np.savez(tmp_path / "data.npz", x=x, y=np.asarray(form(y)))
    for source in ((x, form(y)), tmp_path / "data.npz", (pl.DataFrame(x), form(y))):
        data = load_data(source)
        assert data.task == "multilabel"
        assert (whole(data) == y).all()


@pytest.mark.parametrize("frame", [pl.DataFrame, pd.DataFrame])
def test_a_data_frame_of_targets_names_them(frame):
    x, y = (
        np.arange(40.0).reshape(20, 2),
        {"even": [k % 2 for k in range(20)], "large": [k > 9 for k in range(20)]},
    )
    data = load_data((x, frame(y)))
    assert (data.task, data.target.names) == ("multilabel", ("even", "large"))
    assert whole(data).tolist() == [[bool(k % 2), k > 9] for k in range(20)]
    again = read_again((x, frame(y)), data.provenance)
    assert (split_again(again, data.provenance)["test"] == data.test.origin).all()
    price = {"price": [float(k) for k in range(20)], "rooms": [k % 3 for k in range(20)]}
    assert load_data((pl.DataFrame(x), frame(price))).target.names == ("price", "rooms")


def test_a_validation_part():
    data = load_data(TABLE, target=["paid", "late"], drop="tags", validation_size=0.25)
    assert (len(data.train), len(data.validation), len(data.test)) == (12, 4, 4)
    own = load_data(TABLE, target=["paid", "late"], drop="tags", validation_data=TABLE)
    assert own.validation.targets.shape == (20, 2)


@pytest.mark.parametrize(
    "settings",
    [{"target": ["paid", "sex"]}, {"target": ["price", "rooms"]}, {"target": "tags", "task": "multilabel"}],
)
def test_other_rows_are_read_like_those_before(settings):
    frame = TABLE.select("size", "late", *np.atleast_1d(settings["target"]).tolist())
    before = load_data(frame, **settings)
    # In these rows one label has the same answer everywhere, and one never comes.
    data = load_data(frame.filter(pl.col("size") % 2 == 0)[:4], encoding=before)
    assert data.target is before.target
    assert data.train.targets.shape[1] == 2
    assert load_data(frame, encoding=before, target=settings["target"]).provenance == before.provenance
    with pytest.raises(ConfigurationError, match="the target is not the one"):
        load_data(frame, encoding=before, target=["late", "size"])


def test_rows_that_count_differently():
    data = load_data(TABLE, target=["paid", "late"], drop=["tags", "sex"], sample_weight="rooms")
    rooms = TABLE["rooms"].to_numpy()[data.train.origin]
    assert data.train.weights == pytest.approx(rooms / rooms.mean())
    with pytest.raises(ConfigurationError, match="named twice"):
        load_data(TABLE, target=["paid", "late"], sample_weight="late")


def test_a_label_that_the_training_part_does_not_have_is_noted():
    rare = [int(k == 7) for k in range(20)]
    x = np.arange(20.0)[:, None]
    notes = [
        (7 in data.test.origin, "label 'label 0' is no in all" in " ".join(data.notes))
        for data in (
            load_data((x, np.array([rare, [k % 2 for k in range(20)]]).T), seed=s) for s in range(12)
        )
    ]
    assert set(notes) == {(True, True), (False, False)}


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"target": ["price", "pirce"]}, DataError, "did you mean 'price'?"),
        ({"target": ["price", "price"]}, ConfigurationError, "named twice"),
        ({"target": ["price", "rooms"], "drop": ["rooms"]}, ConfigurationError, "named twice"),
        ({"target": ["price", "sex"]}, DataError, "column sex"),
        ({"target": ["price", "sex"], "task": "multilabel"}, DataError, "target 'price'"),
        ({"target": ["sex", "paid"], "task": "classification"}, DataError, "task='multilabel'"),
        ({"target": ["sex", "paid"], "task": "regression"}, DataError, "'multilabel'"),
        ({"target": "size", "task": "multilabel"}, DataError, "not a yes-or-no question"),
        ({"target": list(TABLE.columns)}, DataError, "no feature column is left"),
    ],
)
def test_what_cannot_be(settings, error, says):
    with pytest.raises(error) as caught:
        load_data(TABLE, **settings)
    assert says in str(caught.value)


def test_names_without_a_table():
    with pytest.raises(ConfigurationError, match="target names a column"):
        load_data("digits", target=["a", "b"])


@pytest.mark.parametrize("task", [None, "multilabel", "regression", "classification"])
@pytest.mark.parametrize("y", [np.empty((20, 0)), pd.DataFrame(index=range(20))], ids=["array", "frame"])
def test_targets_without_a_column(y, task):
    with pytest.raises(DataError) as caught:
        load_data((np.arange(20.0)[:, None], y), task=task)
    assert caught.value.problem in ("there is no target", "classification needs one label per example")


@pytest.mark.parametrize("values", [np.arange(40.0), np.arange(40) % 3 > 0], ids=["values", "labels"])
def test_columns_of_y_that_have_one_name(values):
    y = pd.DataFrame(values.reshape(20, 2), columns=["a", "a"])
    with pytest.raises(DataError, match="two targets have the same name") as caught:
        load_data((np.arange(20.0)[:, None], y))
    assert caught.value.received == "'a' twice"


def test_a_column_with_the_number_of_one_label_or_none_keeps_the_rows_without_a_label():
    frame = pl.DataFrame({"size": [float(row) for row in range(30)], "topics": ["1", "2", ""] * 10})
    data = load_data(frame, target="topics", task="multilabel")
    assert data.target.names == ("1", "2")
    assert sum(len(part) for part in data.sets.values()) == 30
    targets = np.concatenate([part.targets for part in data.sets.values()])
    assert targets.sum(axis=0).tolist() == [10, 10]
