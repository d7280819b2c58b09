import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data import load_data
from pellucid.data.own_data import read_own
from pellucid.data.read import read_again


def table(**counts):
    """A table with a target of words, each as often as it says; an empty cell is called empty."""
    labels = [None if label == "empty" else label for label, count in counts.items() for _ in range(count)]
    return pl.DataFrame({"size": [row * 7 % 11 for row in range(len(labels))], "kind": labels})


def classes(source, **options):
    return load_data(source, target="kind", task=options.pop("task", None), **options).target.labels


class TestTheRule:
    @pytest.mark.parametrize("word", ["None", "NA", "n/a", "null"])
    def test_frequent_words_are_a_class(self, word):
        assert classes(table(**{word: 20, "mild": 30, "severe": 10})) == tuple(
            sorted([word, "mild", "severe"])
        )

    def test_three_in_a_thousand_are_missing(self):
        data = load_data(table(NA=3, mild=500, severe=497), target="kind")
        assert data.target.labels == ("mild", "severe")
        assert len(data.train) + len(data.test) == 997
        assert any("'NA' in 3 of 1,000 rows means a missing value of 'kind'" in note for note in data.notes)

    def test_half_as_frequent_as_the_most_frequent(self):
        assert "None" in classes(table(**{"None": 20}, mild=40, severe=10))
        assert "None" not in classes(table(**{"None": 19}, mild=40, severe=10))

    def test_the_only_other_class(self):
        assert classes(table(**{"None": 3}, fraud=40)) == ("None", "fraud")

    @pytest.mark.parametrize("mark", ["?", "NaN", "empty"])
    def test_other_marks_are_always_missing(self, mark):
        assert classes(table(**{mark: 60}, mild=30, severe=30)) == ("mild", "severe")

    def test_empty_cells_beside_it_are_missing(self):
        data = load_data(table(**{"None": 30}, empty=10, mild=30), target="kind")
        assert len(data.train) + len(data.test) == 60
        assert any("'None' in 30 of 70 rows is a class of 'kind'" in note for note in data.notes)

    def test_numbers_have_no_such_class(self):
        labels = ["NA", "1", "2"] * 20
        frame = pl.DataFrame({"size": range(60), "kind": labels})
        assert classes(frame) == (1, 2)
        prices = pl.DataFrame({"size": range(60), "kind": ["NA"] * 20 + [f"{row},5" for row in range(40)]})
        assert load_data(prices, target="kind").task == "regression"

    def test_yes_or_no_is_not_a_number(self):
        assert classes(table(yes=20, no=20, NA=20)) == ("NA", "no", "yes")
        assert classes(pl.DataFrame({"size": [1, 2, 3, 4] * 5, "kind": [True, False, None, True] * 5})) == (
            False,
            True,
        )

    def test_features_have_no_such_class(self):
        frame = table(mild=30, severe=30).with_columns(garage=pl.Series(["None", "brick"] * 30))
        features = load_data(frame, target="kind").inputs.features
        assert features == ("size", "garage = brick", "garage is missing")

    def test_labels_in_one_cell_are_none_at_all(self):
        frame = pl.DataFrame({"size": range(40), "kind": ["None", "a;b", "a", "b"] * 10})
        assert load_data(frame, target="kind", task="multilabel").target.names == ("a", "b")


class TestTheOption:
    frame = table(**{"None": 20}, mild=30, severe=10)

    def test_it_decides(self):
        assert classes(self.frame, none_as_class=False) == ("mild", "severe")
        assert classes(table(NA=3, mild=500, severe=497), none_as_class=True) == ("NA", "mild", "severe")

    def test_nothing_is_said_about_what_was_given(self):
        for given in (True, False):
            notes = load_data(self.frame, target="kind", none_as_class=given).notes
            assert not any("none_as_class" in note for note in notes)

    def test_a_value_named_missing_is_missing(self):
        assert classes(self.frame, missing="None") == ("mild", "severe")

    @pytest.mark.parametrize("given", [None, True, False])
    def test_other_data_are_read_the_same(self, given):
        provenance = load_data(self.frame, target="kind", none_as_class=given).provenance
        assert provenance["none_as_class"] is (given is not False)
        # None is rare here, and yet means what it meant in training.
        again = read_again(table(**{"None": 1}, mild=30), provenance)
        assert len(again) == (30 if given is False else 31)

    def test_a_file_is_found_again(self, written, monkeypatch, tmp_path):
        path = written(self.frame.write_csv())
        monkeypatch.chdir(tmp_path)
        _, raw = read_own(load_data(path, target="kind").provenance)
        assert raw.target.tolist().count("None") == 20

    def test_models_of_before_read_it_as_missing(self):
        provenance = load_data(self.frame, target="kind").provenance
        del provenance["none_as_class"]
        assert len(read_again(self.frame, provenance)) == 40


class TestEverySource:
    frame = table(**{"None": 20}, empty=5, mild=30, severe=10)

    def test_files_and_frames(self, tmp_path):
        self.frame.write_csv(tmp_path / "t.csv")
        self.frame.write_parquet(tmp_path / "t.parquet")
        lines = "".join(json.dumps(row) + "\n" for row in self.frame.rows(named=True))
        (tmp_path / "t.jsonl").write_text(lines)
        pandas = pd.DataFrame(self.frame.to_dict(as_series=False))
        sources = [tmp_path / name for name in ("t.csv", "t.parquet", "t.jsonl")]
        for source in (self.frame, pandas, *sources):
            data = load_data(source, target="kind")
            assert data.target.labels == ("None", "mild", "severe")
            assert len(data.train) + len(data.test) == 60

    def test_text_in_arrays_is_what_it_says(self):
        labels = np.array(["None", "mild"] * 20, dtype=object)
        assert load_data((np.arange(40.0)[:, None], labels)).target.labels == ("None", "mild")
