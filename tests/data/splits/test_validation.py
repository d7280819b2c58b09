"""The validation set: split off the training rows, never trained on, or a file of its own."""

import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data
from pellucid.data.splits.drawing import split_validation
from pellucid.errors import ConfigurationError, DataError


def numbers(n=100, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(5, 2, (n, 3)), random.normal(50, 10, n)


class TestSetApart:
    @pytest.mark.parametrize(("size", "expected"), [(0.1, 8), (0.5, 40), (7, 7), (1, 1)])
    def test_so_many(self, size, expected):
        rows = np.arange(20, 100)
        train, apart = split_validation(rows, size, seed=3)
        assert len(apart) == expected
        assert np.array_equal(np.sort(np.concatenate([train, apart])), rows)
        assert (np.diff(train) > 0).all()
        assert (np.diff(apart) > 0).all()

    def test_by_class_in_proportion_and_each_keeps_a_row(self):
        classes = np.repeat([0, 1, 2, 3], [60, 30, 9, 1])
        train, apart = split_validation(np.arange(100), 0.2, seed=1, classes=classes)
        assert np.bincount(classes[apart], minlength=4).tolist() == [12, 6, 2, 0]
        assert set(classes[train]) == {0, 1, 2, 3}

    def test_the_seed_decides(self):
        chosen = [tuple(split_validation(np.arange(50), 10, seed=seed)[1]) for seed in (1, 1, 2)]
        assert chosen[0] == chosen[1] != chosen[2]

    @pytest.mark.parametrize(("size", "problem"), [
        (0.001, "the validation set would be empty"), (49, "training set would be too small"),
        (50, "training set would be too small"), (1000, "training set would be too small"),
    ])  # fmt: skip
    def test_parts_that_would_be_empty(self, size, problem):
        with pytest.raises(DataError, match=problem):
            split_validation(np.arange(50), size, seed=0)

    @pytest.mark.parametrize("size", [0, 1.0, 1.5, -0.1, -3, True, "0.1", None, float("nan")])
    def test_what_is_no_size(self, size):
        with pytest.raises(ConfigurationError, match="the size of the validation set is not valid"):
            split_validation(np.arange(50), size, seed=0)


class TestLoadData:
    def test_three_parts_without_a_row_in_two(self):
        data = load_data(numbers(), validation_size=0.25)
        parts = [data.train.origin, data.validation.origin, data.test.origin]
        assert [len(part) for part in parts] == [60, 20, 20]
        assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(100))
        assert "60 rows to train on, 20 to validate with, 20 to test with" in repr(data)

    def test_the_test_part_is_the_same_with_it_and_without(self):
        with_it, without = load_data(numbers(), validation_size=0.25), load_data(numbers())
        assert np.array_equal(with_it.test.origin, without.test.origin)
        assert without.validation is None

    def test_nothing_is_learned_from_it(self):
        x, y = numbers()
        data = load_data((x, y), validation_size=0.25)
        np.testing.assert_allclose(data.inputs.mean, x[data.train.origin].mean(axis=0))
        np.testing.assert_allclose(data.target.mean, [y[data.train.origin].mean()])
        x2, y2 = x.copy(), y.copy()
        x2[data.validation.origin] += 100
        y2[data.validation.origin] += 100
        again = load_data((x2, y2), validation_size=0.25)
        assert np.array_equal(again.train.inputs, data.train.inputs)

    def test_also_of_data_that_bring_a_split(self, tmp_path):
        frame = pl.DataFrame(
            {"a": np.arange(40.0), "kind": ["x", "y"] * 20, "part": ["train"] * 30 + ["test"] * 10}
        )
        data = load_data(frame, target="kind", split_column="part", validation_size=6)
        assert [len(part) for part in (data.train, data.validation, data.test)] == [24, 6, 10]
        assert data.validation.origin.max() < 30

    def test_data_of_their_own(self, tmp_path):
        path = tmp_path / "v.csv"
        path.write_text("kind,size\nb,3\na,4\n")
        frame = pl.DataFrame({"size": np.arange(20.0), "kind": ["a", "b"] * 10})
        data = load_data(frame, target="kind", validation_data=path)
        assert data.validation.targets.tolist() == [1, 0]
        expected = (np.array([[3.0], [4.0]]) - data.train.origin.mean()) / data.train.origin.std()
        np.testing.assert_allclose(data.validation.inputs, expected)

    def test_data_of_their_own_must_fit(self):
        frame = pl.DataFrame({"size": np.arange(20.0), "kind": ["a", "b"] * 10})
        with pytest.raises(DataError, match="unknown class label"):
            load_data(frame, target="kind", validation_data=pl.DataFrame({"size": [1.0], "kind": ["c"]}))
        with pytest.raises(DataError, match="no column"):
            load_data(frame, target="kind", validation_data=pl.DataFrame({"size": [1.0]}))

    def test_once_is_enough(self):
        with pytest.raises(ConfigurationError, match="the validation set is given twice"):
            load_data(numbers(), validation_size=0.1, validation_data=numbers(10))

    def test_the_training_rows_themselves_are_noted(self, tmp_path):
        path = tmp_path / "rows.csv"
        frame = pl.DataFrame({"size": np.arange(20.0), "day": range(20), "kind": ["a", "b"] * 10})
        frame.write_csv(path)
        named = {"target": "kind", "drop": "day"}
        for source, own, how in (
            (frame, frame.clone(), named),
            (path, str(path), named),
            ("digits", "digits", {}),
        ):
            (note,) = (
                note for note in load_data(source, validation_data=own, **how).notes if "overfits" in note
            )
            assert "--validation-size" in note
        others = frame.with_columns(pl.col("size") + 1)
        assert not any(
            "overfits" in note for note in load_data(frame, validation_data=others, target="kind").notes
        )

    def test_their_file_is_kept_in_mind(self, tmp_path):
        path = tmp_path / "v.csv"
        frame = pl.DataFrame({"size": np.arange(20.0), "kind": ["a", "b"] * 10})
        frame.head(7).write_csv(path)
        for validation, name in (
            (path, path.name),
            (str(path), path.name),
            (frame.head(7), None),
            (None, None),
        ):
            data = load_data(frame, target="kind", validation_data=validation)
            assert data.provenance["validation"] == name
        assert load_data("digits", validation_data="digits").provenance["validation"] == "digits"
