import json

import numpy as np
import polars as pl
import pytest

from pellucid.data import RawData, load_data, read_again, read_data, split_again
from pellucid.errors import DataError

FRAME = pl.DataFrame(
    {
        "size": list(range(40)),
        "kind": ["a", "b", "b", None] * 10,
        "part": ["train", "train", "test", "test"] * 10,
    }
)


def origins(raw, parts):
    return {name: raw.origin[rows].tolist() for name, rows in parts.items()}


def parts_of(data):
    parts = {"train": data.train, "test": data.test, "validation": data.validation}
    return {name: part.origin.tolist() for name, part in parts.items() if part is not None}


@pytest.mark.parametrize(
    "settings",
    [
        {"target": "kind", "drop": "part"},
        {"target": "kind", "drop": ["part"], "test_size": 7, "seed": 3},
        {"target": "size", "task": "regression", "split_column": "part"},
        {"target": "size", "test_size": 0.3, "seed": 1},
        {"target": "kind", "drop": "part", "validation_size": 0.2, "seed": 5},
        {"target": "size", "task": "regression", "split_column": "part", "validation_size": 5},
        {"target": "size", "validation_size": np.int64(3), "seed": 2},
    ],
)
def test_the_very_split_is_made_again(settings):
    data = load_data(FRAME, **settings)
    provenance = json.loads(json.dumps(data.provenance))
    raw = read_again(FRAME, provenance)
    assert origins(raw, split_again(raw, provenance)) == parts_of(data)


@pytest.mark.parametrize("kind", ["words", "numbers", "truths", "text"])
@pytest.mark.parametrize("own_split", [False, True])
def test_rows_without_a_target_change_neither_the_data_nor_the_split(kind, own_split, tmp_path):
    y = {"words": ["a", "b", None], "numbers": [1.5, None, 2.5], "truths": [True, None, False]}.get(kind)
    frame = FRAME.head(36).with_columns(y=pl.Series((y or ["1", "", "2"]) * 12))
    source = frame
    if kind == "text":
        source = tmp_path / "table.csv"
        frame.write_csv(source)
    settings = {"split_column": "part"} if own_split else {"drop": "part", "seed": 2, "validation_size": 4}
    data = load_data(source, target="y", **settings)
    provenance = json.loads(json.dumps(data.provenance))
    labelled = read_again(source, provenance)
    everything = read_again(source, provenance, require_target=False)
    assert (len(labelled), len(everything)) == (24, 36)
    assert labelled.fingerprint() == everything.fingerprint() == data.provenance["fingerprint"]
    for raw in (labelled, everything):
        assert origins(raw, split_again(raw, provenance)) == parts_of(data)


def test_other_data_has_no_such_split():
    data = load_data(FRAME, target="size")
    with pytest.raises(DataError, match="not the data that the model was trained on"):
        split_again(read_again(FRAME.head(39), data.provenance), data.provenance)


def test_reading_again_passes_over_columns_that_are_gone():
    data = load_data(
        FRAME.with_columns(other=pl.col("size") * 2), target="size", split_column="part", drop=["kind"]
    )
    raw = read_again(FRAME.select("size").with_columns(other=pl.lit("x")), data.provenance)
    assert raw.rows.columns == ["other"]
    with pytest.raises(DataError, match="no column 'size'"):
        read_again(FRAME.select("kind"), data.provenance)
    assert (
        read_again(
            FRAME.select("kind", "part").rename({"kind": "k"}), data.provenance, require_target=False
        ).target
        is None
    )


def test_reading_arrays_again_by_the_settings_of_a_table():
    provenance = load_data(FRAME, target="size", split_column="part").provenance
    assert len(read_again((np.eye(3), [1, 2, 3]), provenance)) == 3
    assert len(read_again("digits", load_data("digits").provenance)) == 1797


def test_what_it_shows_of_itself():
    data = load_data(FRAME, target="kind", drop=["part"])
    assert repr(data) == "<Dataset data frame: 24 rows to train on, 6 to test with; 1 input; 2 classes>"
    assert "10 of 30" not in repr(data)
    page = data._repr_html_()
    assert "24 rows" in page
    assert "&#x27;kind&#x27;" in page
    assert load_data(FRAME, target="size").n_classes is None
    assert "values of size" in repr(load_data(FRAME, target="size"))


class TestFingerprint:
    def test_equal_data_has_equal_ones(self):
        assert read_data(FRAME, target="kind").fingerprint() == read_data(FRAME, target="kind").fingerprint()

    @pytest.mark.parametrize(
        "change",
        [
            FRAME.rename({"size": "length"}),
            FRAME.with_columns(size=pl.col("size") + 0.5),
            FRAME.with_columns(part=pl.col("part").replace("train", "Train")),
            FRAME.with_columns(kind=pl.col("kind").replace("a", "c")),
            FRAME.reverse(),
            FRAME.select("part", "size", "kind"),
        ],
    )
    def test_any_change_changes_it(self, change):
        assert read_data(change, target="kind").fingerprint() != read_data(FRAME, target="kind").fingerprint()

    def test_data_have_no_fingerprint_that_was_not_stored(self):
        for source in (FRAME, (np.eye(3), [0, 1, 2])):
            raw = read_data(source, **({"target": "kind"} if source is FRAME else {}))
            assert not raw.has_fingerprint(None)
            assert raw.has_fingerprint(raw.fingerprint())

    def test_whole_numbers_count_by_value_not_by_length(self):
        def raw(dtype):
            return RawData("x", np.array([[1, 2]], dtype), np.array([1], dtype)).fingerprint()

        assert raw(np.int32) == raw(np.int64) != raw(np.uint8)
        assert (
            RawData("x", np.eye(2), np.array([0, 1])).fingerprint() != RawData("x", np.eye(2)).fingerprint()
        )


def test_some_rows_are_raw_data_of_their_own():
    raw = RawData(
        "x.csv",
        pl.DataFrame({"a": [1.0, 2, 3]}),
        np.array(["u", None, "v"], object),
        train=np.array([True, True, False]),
        lines=np.array([2, 3, 5]),
    )
    assert raw.labelled().tolist() == [0, 2]
    some = raw.take(np.array([2, 0]))
    assert (some.rows["a"].to_list(), some.target.tolist()) == ([3, 1], ["v", "u"])
    assert (some.train.tolist(), some.origin.tolist()) == ([False, True], [2, 0])
    assert some.place(0) == "line 5 of x.csv (counted from 1)"
    assert some.notes is raw.notes
    plain = RawData("x", np.eye(2), np.array([[1, np.nan], [1, 2]]))
    assert plain.labelled().tolist() == [1]
    assert plain.take(plain.labelled()).rows.tolist() == [[0, 1]]
    assert RawData("x", np.eye(2)).labelled().tolist() == [0, 1]


def test_a_row_is_placed_by_its_line_or_its_number():
    raw = RawData("x.csv", np.eye(2), origin=np.array([4, 7]))
    assert raw.place(1) == "row 7 (counted from 0)"
    raw.lines = np.array([6, 9])
    assert raw.place(1) == "line 9 of x.csv (counted from 1)"
