"""A test set in a file of its own."""

import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data, read_own
from pellucid.errors import ConfigurationError, DataError
from pellucid.model import Model
from pellucid.training import build_network, train

TRAIN = pl.DataFrame({"size": np.arange(20.0), "sea": ["north", "south"] * 10, "kind": ["a", "b"] * 10})
TEST = pl.DataFrame({"kind": ["b", "a", "b"], "size": [3.5, 4.5, 5.5], "sea": ["north", "north", "west"]})


def test_no_rows_are_held_out_and_the_encoding_is_that_of_the_training_set():
    data = load_data(TRAIN, test_data=TEST)
    assert (len(data.train), len(data.test)) == (20, 3)
    assert data.inputs.columns[0].mean == np.arange(20.0).mean()
    assert data.test.targets.tolist() == [1, 0, 1]
    assert data.test.inputs[2].tolist() == [pytest.approx((5.5 - 9.5) / np.arange(20.0).std()), 0, 0]
    assert any("unknown category in 'sea', such as 'west'" in note for note in data.notes)


def test_it_is_read_with_the_same_options(tmp_path):
    TRAIN.write_csv(tmp_path / "train.csv", separator=";")
    TEST.write_csv(tmp_path / "test.csv", separator=";")
    data = load_data(tmp_path / "train.csv", target="sea", drop="kind", test_data=tmp_path / "test.csv",
                     delimiter=";", validation_size=0.25, missing="west")  # fmt: skip
    assert [len(examples) for examples in data.sets.values()] == [15, 2, 5]


def test_the_split_is_known_from_the_provenance(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TRAIN.write_csv("train.csv")
    TEST.with_columns(sea=pl.lit("north")).write_csv("test.csv")
    data = load_data("train.csv", target="kind", test_data="test.csv", validation_size=5)
    assert (data.provenance["test"], data.provenance["test_size"]) == ("test.csv", None)
    source, raw = read_own(data.provenance, part="test")
    assert (source, raw.fingerprint()) == ("test.csv", data.provenance["test_fingerprint"])
    model: Model = train(build_network(data, [2]), data, epochs=1)
    for part, examples in data.sets.items():
        again = model.examples(model.read(part=part), part)
        assert np.array_equal(again.inputs, examples.inputs)


def test_arrays():
    x, y = np.arange(20.0).reshape(10, 2), [0, 1] * 5
    data = load_data((x, y), test_data=(x[:3] + 0.5, y[:3]))
    assert (len(data.train), len(data.test), data.provenance["test"]) == (10, 3, None)


def test_a_data_set_with_a_part_for_validation_only():
    parts = ["train"] * 15 + ["validation"] * 5
    data = load_data(
        TRAIN.with_columns(part=pl.Series(parts)), target="kind", split_column="part", test_data=TEST
    )
    assert [len(examples) for examples in data.sets.values()] == [15, 3, 5]


def test_two_test_sets_are_one_too_many():
    with pytest.raises(ConfigurationError, match="the test set is given twice"):
        load_data(TRAIN, test_data=TEST, test_size=0.2)
    own = TRAIN.with_columns(part=pl.Series(["train"] * 15 + ["test"] * 5))
    with pytest.raises(ConfigurationError, match="the test set is given twice") as caught:
        load_data(own, target="kind", split_column="part", test_data=TEST)
    assert "data with their own test set" in caught.value.received


@pytest.mark.parametrize(
    ("test", "problem"),
    [
        (TEST.drop("kind"), "there is no column 'kind'"),
        (TEST.drop("size"), "the columns are not those"),
        (TEST.with_columns(kind=pl.lit("c")), "unknown class label"),
    ],
)
def test_refused(test, problem):
    with pytest.raises(DataError, match=problem) as caught:
        load_data(TRAIN, test_data=test)
    assert caught.value.where


def test_the_training_data_are_no_test():
    data = load_data(TRAIN, test_data=TRAIN)
    assert any(note.startswith("the test data are the training data") for note in data.notes)


def test_classes_that_it_lacks_are_noted():
    data = load_data(TRAIN, test_data=TEST.with_columns(kind=pl.lit("a")))
    assert "the test set has no rows of class 'b'" in data.notes
