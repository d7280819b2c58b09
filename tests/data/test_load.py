import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array

from pellucid.data import ArrayInputs, PixelInputs, load_data, read_again, read_data, split_again
from pellucid.errors import (
    ConfigurationError,
    DataError,
    UnknownNameError,
)

ROWS = [f"{row},{row % 3},{'xy'[row % 2]}" for row in range(20)]
TABLE = "\n".join(["size,step,kind", *ROWS])


class TestRealFiles:
    def test_adult(self, data_folder):
        data = load_data(data_folder / "adult/adult.csv", target="income", split_column="split")
        assert (len(data.train), len(data.test)) == (32_561, 16_281)
        assert len(data.inputs.columns) == 14
        assert data.target.names == ("<=50K", ">50K")
        # Published with the data: 24.08 % of the training set earn more.
        assert data.train.targets.mean() == pytest.approx(0.2408, abs=5e-5)
        assert "workclass is missing" in data.inputs.features
        np.testing.assert_allclose(data.train.inputs[:, 0].mean(), 0, atol=1e-12)
        assert data.train.origin[-1] == 32_560

    def test_california(self, data_folder):
        data = load_data(data_folder / "california/housing.csv", target="median_house_value")
        flag = data.inputs.features.index("total_bedrooms is missing")
        assert data.train.inputs[:, flag].sum() + data.test.inputs[:, flag].sum() == 207
        assert (len(data.train), len(data.test), data.task) == (16_512, 4_128, "regression")
        assert data.train.targets.max() == 500_001
        assert "ocean_proximity = NEAR BAY" in data.inputs.features

    @pytest.mark.parametrize(
        ("colour", "n", "qualities"), [("red", 1_599, range(3, 9)), ("white", 4_898, range(3, 10))]
    )
    def test_wine_has_no_header(self, data_folder, colour, n, qualities):
        path = data_folder / f"wine/winequality-{colour}.csv"
        # The last line of these files has no line end, so that counting line ends counts one too few.
        assert n - 1 <= path.read_bytes().count(b"\n") <= n
        data = load_data(path)
        assert len(data.train) + len(data.test) in (n - 1, n)
        assert data.target.labels == tuple(qualities)
        assert data.inputs.features == tuple(f"column_{number}" for number in range(1, 12))
        assert load_data(path, task="regression").target.names == ("column_12",)

    def test_penguins(self, data_folder):
        data = load_data(data_folder / "penguins/penguins.csv", target="species", test_size=0.3)
        assert len(data.train) + len(data.test) == 344
        assert data.target.names == ("Adelie", "Chinstrap", "Gentoo")
        assert np.bincount(np.concatenate([data.train.targets, data.test.targets])).tolist() == [152, 68, 124]
        assert "sex is missing" in data.inputs.features

    def test_mnist(self, data_folder):
        data = load_data(data_folder / "mnist")
        assert data.train.inputs.shape == (60_000, 784)
        assert data.test.inputs.shape == (10_000, 784)
        assert data.train.inputs.dtype == np.uint8
        counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        assert np.bincount(data.train.targets).tolist() == counts
        assert data.train.targets[:5].tolist() == [5, 0, 4, 1, 9]
        assert data.inputs.image_shape == (28, 28)
        assert data.train.rows(0, np.float32).max() == 1
        assert data.name == "mnist"


class TestDigits:
    def test_as_they_are(self):
        data = load_data()
        assert (data.name, data.n_inputs, data.n_classes, data.task) == ("digits", 64, 10, "classification")
        assert data.train.inputs.dtype == np.uint8
        assert data.train.rows(slice(None), np.float64).max() == 1
        assert len(data.train) + len(data.test) == 1797

    def test_other_shares(self):
        assert len(load_data(test_size=0.3).test) == 539
        assert len(load_data(test_size=100).test) == 100


class TestTables:
    def test_a_file(self, written):
        data = load_data(written(TABLE), target="kind")
        assert (len(data.train), len(data.test), data.n_inputs) == (16, 4, 2)
        assert data.name == "table.csv"

    def test_the_last_column_is_the_target_unless_said(self, written):
        data = load_data(written(TABLE))
        assert data.target.name == "kind"
        assert any("the last column, 'kind'" in note for note in data.notes)

    @pytest.mark.parametrize(
        ("target", "task", "note"),
        [
            ("kind", "classification", "because the targets are text"),
            ("step", "classification", "for regression use task='regression' (--task regression)"),
            ("wide", "regression", "for classification use task='classification' (--task classification)"),
        ],
    )
    def test_the_task_is_told_and_said(self, written, target, task, note):
        text = "\n".join(
            ["size,wide,step,kind", *(f"{row},{row}.5,{line[2:]}" for row, line in enumerate(ROWS[:10]))]
        )
        data = load_data(written(text), target=target, test_size=0.5)
        assert data.task == task
        assert any(note in said for said in data.notes)

    def test_a_task_that_was_said_needs_no_note(self, written):
        data = load_data(written(TABLE), target="step", task="regression")
        assert (data.task, data.notes) == ("regression", [])

    def test_what_is_learned_is_learned_on_the_training_part(self, written):
        text = "size,part,y\n1,train,a\n3,Train,b\n10,test,a\n12,TEST,b\n"
        data = load_data(written(text), split_column="part")
        assert data.train.inputs.ravel().tolist() == [-1, 1]
        assert data.test.inputs.ravel().tolist() == [8, 10]

    def test_values_are_standardised_on_the_training_part(self, written):
        text = "size,part,y\n1,train,0.5\n3,train,2.5\n100,test,90\n"
        data = load_data(written(text), split_column="part")
        assert (data.target.mean.tolist(), data.target.scale.tolist()) == ([1.5], [1.0])
        assert data.test.targets.tolist() == [[90]]

    def test_a_column_that_varies_in_the_test_part_only_is_left_out(self, written):
        rows = "".join(
            f"{row},{'test' if row > 15 else 'train'},{900 * (row > 15)},{row % 2}\n" for row in range(20)
        )
        data = load_data(written("size,part,late,y\n" + rows), split_column="part", target="y")
        assert data.inputs.features == ("size",)
        assert any(note.startswith("column 'late': left out") for note in data.notes)

    def test_a_line_that_ends_with_a_delimiter(self, written):
        path = written("a,y,\n" + "".join(f"{row},{'xy'[row % 2]},\n" for row in range(10)))
        assert load_data(path).target.name == "y"
        assert load_data(path, drop=["column_3"]).target.name == "y"

    def test_rows_without_a_target_are_left_out(self, written):
        text = "size,y\n1,a\n2,\n3,b\n4,?\n5,a\n6,b\n"
        data = load_data(written(text), test_size=0.5)
        assert sorted([*data.train.origin, *data.test.origin]) == [0, 2, 4, 5]
        assert any("2 of 6 rows" in note for note in data.notes)
        raw = read_data(written(text))
        assert raw.place(1) == "line 4 of table.csv (counted from 1)"

    def test_for_a_prediction_they_stay(self, written):
        path = written("size,y\n1,a\n2,\n")
        assert len(read_data(path, target="y", require_target=False)) == 2
        assert read_data(path, require_target=False).rows.columns == ["size", "y"]
        assert read_data(path, target="z", require_target=False).target is None

    def test_the_header_is_read_again_as_was_said(self, written):
        rows = "".join(f"{row},{'ab'[row % 2]}\n" for row in range(20))
        guessed = load_data(written("2019,kind\n" + rows, "guessed.csv"))
        path = written("2019,a\n" + rows)
        assert any("--no-header" in note for note in guessed.notes)
        assert (len(guessed.train) + len(guessed.test), guessed.provenance["header"]) == (20, None)
        assert load_data(path, header=True).provenance["header"] is True
        data = load_data(path, header=False)
        assert (len(data.train) + len(data.test), data.provenance["header"]) == (21, False)
        assert len(read_again(path, data.provenance)) == 21
        # Models of earlier versions do not know.
        path = written("2019,kind\n" + rows)
        older = {key: value for key, value in data.provenance.items() if key != "header"} | {"target": "kind"}
        assert len(read_again(path, older)) == 20

    def test_a_prediction_is_read_as_the_training_data_were(self, written):
        rows = "".join(f"{row},{row % 3},{'ab'[row % 2]}\n" for row in range(20))
        data = load_data(written("7.3,2.3,a\n" + rows))
        assert data.provenance["header"] is False
        raw = read_again(written("5,4,a\n6,1,b\n", "new.csv"), data.provenance, require_target=False)
        assert (raw.rows.rows(), raw.target.tolist()) == ([("5", "4"), ("6", "1")], ["a", "b"])
        raw = read_again(
            written("column_2,column_1\n5,4\n", "new.csv"), data.provenance, require_target=False
        )
        assert data.inputs.encode(raw.rows)[0].shape == (1, 2)

    def test_a_few_words_among_few_labels_are_labels(self, written):
        labels = [*map(str, range(19)), "x", ""] * 2 + [*map(str, range(19))] * 8
        text = "size,y\n" + "".join(f"{row},{label}\n" for row, label in enumerate(labels))
        assert load_data(written(text), test_size=0.5).n_classes == 20

    def test_a_test_size_beside_a_split_is_noted(self, written):
        path = written("size,part,y\n1,train,0.5\n3,train,2.5\n100,test,90\n")
        notes = load_data(path, split_column="part", test_size=0.2).notes
        assert len([note for note in notes if "test size is not used" in note]) == 1
        data = load_data(path, split_column="part")
        assert not any("test size" in note for note in data.notes)
        assert data.provenance["test_size"] == 0.2

    def test_columns_can_be_dropped(self, written):
        data = load_data(written(TABLE), drop=["size"])
        assert data.inputs.features == ("step",)
        assert load_data(written(TABLE), drop="size").provenance["drop"] == ["size"]
        assert load_data(written(TABLE), drop=None).provenance["drop"] == []

    @pytest.mark.parametrize(
        "settings",
        [
            {"drop": 5},
            {"drop": [5]},
            {"drop": [None]},
            {"drop": {"size": 1}},
            {"target": 5},
            {"target": ["kind", 5]},
            {"target": {"kind": 1}},
            {"split_column": 2},
            {"delimiter": 5},
            {"delimiter": b","},
            {"header": "no"},
            {"header": 0},
            {"task": 5},
            {"task": ["regression"]},
            {"test_size": "0.2"},
            {"seed": "1"},
        ],
    )
    def test_settings_of_another_type(self, written, settings):
        for source in (written(TABLE), pl.DataFrame({"5": [1, 2], "kind": [1, 2]})):
            with pytest.raises(ConfigurationError):
                load_data(source, **settings)

    @pytest.mark.parametrize(
        ("settings", "error", "says"),
        [
            ({"target": "kinds"}, DataError, "did you mean 'kind'?"),
            ({"split_column": "prat"}, DataError, "there is no column 'prat'"),
            ({"drop": ["sise"]}, DataError, "did you mean 'size'?"),
            ({"target": "kind", "drop": ["kind"]}, ConfigurationError, "named twice"),
            ({"target": "kind", "split_column": "kind"}, ConfigurationError, "named twice"),
            ({"split_column": "step"}, DataError, "0, 1, 2"),
            ({"drop": ["size", "step", "kind"]}, DataError, "no feature column is left"),
            ({"drop": ["size", "step"]}, DataError, "no feature column is left"),
            ({"task": "regresion"}, UnknownNameError, "did you mean 'regression'?"),
            ({"task": "regression"}, DataError, "regression needs numbers"),
            ({"target": "size", "task": "classification"}, DataError, "too few rows"),
            ({"test_size": 2.5}, ConfigurationError, "size of the test set"),
            ({"seed": -3}, ConfigurationError, "the seed"),
        ],
    )
    def test_settings_that_cannot_work(self, written, settings, error, says):
        with pytest.raises(error) as caught:
            load_data(written(TABLE), **settings)
        assert says in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("size,y\n" + "1,a\n" * 3 + "2,a\n", "only one class"),
            ("size,y\n1,0.5\n2,0.5\n", "the target is constant"),
            ("size,y\n" + "7,a\n7,b\n" * 9, "no feature column is left"),
            ("size,y\n1,\n2,?\n", "missing in every row"),
            ("size,part,y\n1,train,0.5\n3,train,0.5\n100,test,9\n", "in all 2 rows of the training set"),
            ("size,part,y\n1,train,0.5\n3,test,7.5\n100,test,9\n", "training set is too small"),
            ("size,part,y\n1,train,a\n2,other,b\n", "received: other\n"),
            ("size,part,y\n1,train,a\n2,,b\n", "received: (empty)\n"),
            ("size,part,y\n1,train,a\n2,train,b\n", "the test set is empty"),
            ("size,part,y\n1,train,b\n2,train,b\n3,test,a\n", "none of the 1 row of class 'a'"),
            (
                "size,y\n"
                + "".join(f"{row if row != 13 else 'oops'},{'ab'[row % 2]}\n" for row in range(20)),
                "line 15",
            ),
            (
                "size,y\n" + "".join(f"{row},{row * 1.5 if row != 13 else 'oops'}\n" for row in range(40)),
                "'oops'",
            ),
        ],
        ids=range(12),
    )
    def test_tables_that_cannot_work(self, written, text, says):
        split_column = "part" if "part" in text else None
        with pytest.raises(DataError) as caught:
            load_data(written(text), split_column=split_column)
        assert says in str(caught.value)

    def test_parquet(self, tmp_path):
        path = tmp_path / "table [1].parquet"
        pl.DataFrame({"size": [1, 2, 3, 4], "y": ["a", "b", "a", "b"]}).write_parquet(path)
        assert load_data(path, test_size=0.5).target.names == ("a", "b")


class TestFrames:
    @pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
    def test_frames(self, kind):
        frame = kind({"size": [1.0, None, 3.0, 4.0], "y": ["a", "b", "a", "b"]})
        data = load_data(frame, target="y", test_size=0.5)
        assert data.target.names == ("a", "b")
        assert data.provenance["source"] == "data frame"

    @pytest.mark.parametrize("y", [pd.Series([0.5, 1.5, 7.0]), pl.Series([0.5, 1.5, 7.0]), [0.5, 1.5, 7]])
    def test_a_frame_and_its_targets(self, y):
        data = load_data((pl.DataFrame({"size": [1, 2, 3]}), y), test_size=1)
        assert data.task == "regression"
        assert sorted(np.concatenate([data.train.targets, data.test.targets]).ravel()) == [0.5, 1.5, 7]
        with pytest.raises(DataError, match="differ in length"):
            load_data((pl.DataFrame({"size": [1, 2]}), y))

    @pytest.mark.parametrize("gap", [[], [None]])
    @pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
    def test_booleans_stay_booleans_and_words_words(self, kind, gap, tmp_path):
        truths = [True, False] * 5
        data = load_data(kind({"size": range(10 + len(gap)), "y": truths + gap}), target="y")
        assert [type(label) for label in data.target.labels] == [bool, bool]
        assert data.target.labels == (False, True)
        assert np.bincount([*data.train.targets, *data.test.targets]).tolist() == [5, 5]
        path = tmp_path / "t.csv"
        pl.DataFrame({"size": range(10), "y": truths}).write_csv(path)
        assert load_data(path).target.labels == ("false", "true")

    def test_columns_of_booleans_are_words(self):
        frame = pl.DataFrame({"wet": [True, False, None, True] * 5, "y": [1, 0] * 10})
        data = load_data(frame)
        assert data.inputs.features == ("wet = False", "wet = True", "wet is missing")

    def test_no_rows(self):
        with pytest.raises(DataError, match="no rows"):
            load_data(pl.DataFrame({"a": [], "b": []}))


class TestArrays:
    def test_numbers(self):
        data = load_data((np.arange(12.0).reshape(6, 2), [0, 1] * 3), test_size=2)
        assert isinstance(data.inputs, ArrayInputs)
        assert data.target.labels == (0, 1)

    def test_they_are_standardised_on_the_training_part_only(self):
        x = np.random.default_rng(0).normal(size=(50, 3)) * [1, 10, 100]
        data = load_data((x, [0, 1] * 25), test_size=0.5)
        train, test = x[data.train.origin], x[data.test.origin]
        np.testing.assert_allclose(data.train.inputs, (train - train.mean(axis=0)) / train.std(axis=0))
        np.testing.assert_allclose(data.test.inputs, (test - train.mean(axis=0)) / train.std(axis=0))

    def test_columns_of_one_value_are_noted(self):
        x = np.column_stack([np.arange(20.0), np.full((20, 2), 7)])
        data = load_data((x, [0, 1] * 10))
        assert any(note.startswith("2 of 3 columns are constant in the training set") for note in data.notes)
        assert not data.test.inputs[:, 1:].any()
        with pytest.raises(DataError, match="all columns are constant"):
            load_data((x[:, 1:], [0, 1] * 10))

    @pytest.mark.parametrize("y", [[0, 1] * 5, ["a", "b"] * 5, [0.5, 1.5] * 5, [True, False] * 5])
    def test_a_masked_target_is_missing(self, y):
        masked = np.ma.array(y, mask=[False] * 9 + [True])
        with pytest.raises(DataError) as caught:
            load_data((np.arange(20.0).reshape(10, 2), masked))
        assert "missing" in str(caught.value)
        assert "row 9 (counted from 0)" in str(caught.value)

    def test_bytes(self):
        x = np.random.default_rng(0).integers(0, 256, (10, 4, 5), dtype=np.uint8)
        data = load_data((x, ["a", "b"] * 5))
        assert data.inputs == PixelInputs((4, 5), 1 / 255)
        assert data.train.inputs.dtype == np.uint8

    def test_x_alone_only_for_a_prediction(self):
        assert read_data(np.eye(2), require_target=False).target is None
        assert read_data((np.eye(2), None), require_target=False).target is None
        for source in (np.eye(2), (np.eye(2), None)):
            with pytest.raises(DataError):
                read_data(source)

    @pytest.mark.parametrize("source", [5, None, {"x": 1}, (np.eye(2),), (1, 2, 3)])
    def test_what_is_no_source(self, source):
        with pytest.raises(DataError):
            load_data(source)

    @pytest.mark.parametrize(
        "setting",
        [{"target": "y"}, {"split_column": "s"}, {"drop": ["d"]}, {"decimal": ","}, {"none_as_class": True}],
    )
    def test_columns_of_arrays_have_no_names(self, setting):
        for source in ((np.eye(4), [0, 1, 0, 1]), "digits"):
            with pytest.raises(ConfigurationError, match="no named columns"):
                load_data(source, **setting)

    def test_images_and_sparse_rows_have_no_missing_values(self):
        for source in (np.zeros((4, 2, 2)), csr_array(np.eye(4))):
            with pytest.raises(ConfigurationError, match="missing is about the cells of a table"):
                load_data((source, [0, 1, 0, 1]), missing=-999)
        with pytest.raises(ConfigurationError, match="missing is about the cells of a table"):
            load_data("digits", missing=-999)


def test_a_text_that_is_not_unicode_is_one_error_or_a_label():
    frame = pd.DataFrame({"size": np.arange(10.0), "kind": ["a", "b"] * 5})
    frame.columns = pd.Index(["half \ud800", "kind"], dtype=object)
    with pytest.raises(DataError, match="a string is not valid Unicode"):
        load_data(frame, target="kind")
    assert load_data((np.eye(10), ["a", "\ud800"] * 5)).target.labels == ("a", "\ud800")


@pytest.mark.parametrize("task", [None, "regression"])
@pytest.mark.parametrize("mould", ["$1,{:03}.50", "{} %", "1.{:03} EUR"])
def test_a_target_of_numbers_written_for_people_names_the_cause(written, task, mould):
    table = "size;price\n" + "".join(f"{row * 7 % 11};{mould.format(row)}\n" for row in range(30))
    with pytest.raises(DataError, match="the target contains numbers as text") as caught:
        load_data(written(table), task=task, delimiter=";", decimal="plain")
    assert caught.value.received == repr(mould.format(0))
    assert "line 2" in caught.value.where
    assert "choose the task 'classification'" in caught.value.remedy


SAYS = ["Train", "train", "train", "VAL", "test", "train", "dev", "test", "valid", "validation"] * 4
SPLIT = {"a": [float(k * k % 17) for k in range(40)], "y": ["u", "v"] * 20, "part": SAYS}


class TestGivenValidation:
    def test_a_split_column_may_say_validation(self):
        frame = pl.DataFrame(SPLIT)
        data = load_data(frame, target="y", split_column="part")
        assert [len(data.sets[part]) for part in ("train", "validation", "test")] == [16, 16, 8]
        assert data.validation.origin[:4].tolist() == [3, 6, 8, 9]
        raw = read_again(frame, data.provenance)
        assert raw.take(np.arange(5)).validation.tolist() == [False] * 3 + [True, False]
        assert {name: len(rows) for name, rows in split_again(raw, data.provenance).items()} == {
            "train": 16,
            "test": 8,
            "validation": 16,
        }

    @pytest.mark.parametrize("more", [{"validation_size": 2}, {"validation_data": pl.DataFrame(SPLIT)}])
    def test_a_second_validation_set_is_refused(self, more):
        with pytest.raises(ConfigurationError, match="the validation set is given twice"):
            load_data(pl.DataFrame(SPLIT), target="y", split_column="part", **more)


class TestDroppedColumns:
    FRAME = pl.DataFrame(
        {"id": range(30), "x_1": [k % 7 for k in range(30)], "x_2": [k % 5 for k in range(30)],
         "a,b": ["u", "v", "w"] * 10, "x_y": ["p", "q"] * 15}
    )  # fmt: skip

    @pytest.mark.parametrize("drop", ["id,x_*", ["x_*", "id"], "x_2,id,x_1"])
    def test_lists_and_patterns_are_stored_as_columns(self, drop):
        data = load_data(self.FRAME, target="x_y", drop=drop)
        assert sorted(data.provenance["drop"]) == ["id", "x_1", "x_2"]
        assert data.inputs.features == ("a,b = u", "a,b = v", "a,b = w")

    def test_the_default_target_is_the_last_column_that_is_left(self):
        assert load_data(self.FRAME, drop="x_*").target.names == ("u", "v", "w")

    def test_a_name_with_a_comma_stays_a_name_in_a_model(self):
        data = load_data(self.FRAME, target="x_y", drop="a,b")
        assert data.provenance["drop"] == ["a,b"]
        other = self.FRAME.rename({"x_1": "a"}).drop("a,b")
        assert "a" in read_again(other, data.provenance).rows.columns

    @pytest.mark.parametrize("drop", ["z_*", "id,z_*", ["z_*"]])
    def test_a_pattern_that_means_no_column(self, drop):
        with pytest.raises(DataError, match=r"there is no column 'z_\*'"):
            load_data(self.FRAME, drop=drop)

    def test_a_pattern_in_further_training(self):
        first = load_data(self.FRAME.select("id", "a,b", "x_y"), target="x_y")
        data = load_data(self.FRAME, encoding=first, drop="x_1,x_2")
        assert data.provenance["drop"] == ["x_1", "x_2"]
        with pytest.raises(DataError, match=r"there is no column 'z\*'"):
            load_data(self.FRAME, encoding=first, drop="z*")


class TestNamesOfSets:
    """A column that seems to split the data, and is used as something else."""

    TEXT = "a,part,y\n" + "".join(
        f"{k % 7}.5,{['Train', 'val', 'TEST'][k % 3]},{'xy'[k % 2]}\n" for k in range(30)
    )

    def test_as_a_feature(self, written):
        notes = load_data(written(self.TEXT), target="y").notes
        said = "column 'part': names the training set and others; use it with --split-column, or drop it"
        assert any(note.startswith(said) for note in notes)

    def test_as_the_target(self, written):
        notes = load_data(written(self.TEXT), target="part").notes
        assert any(note.startswith("the target names the training set and others") for note in notes)

    def test_not_where_it_splits(self, written):
        notes = load_data(written(self.TEXT), target="y", split_column="part").notes
        assert not any("names the training set" in note for note in notes)

    def test_other_words(self, written):
        text = self.TEXT.replace("TEST", "bus")
        assert not any(
            "names the training set" in note for note in load_data(written(text), target="y").notes
        )
