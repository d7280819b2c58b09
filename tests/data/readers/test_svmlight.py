import io

import numpy as np
import pytest
from sklearn.datasets import dump_svmlight_file, load_svmlight_file

from pellucid.data import load_data, read_data
from pellucid.data.readers.svmlight import is_svmlight
from pellucid.errors import DataError, FormatError

ROWS = "# made by hand\n-1 1:0.5 3:2 # the first\n\n+1 2:1e1\n-1\n"


def test_rows_by_hand(written):
    raw = read_data(written(ROWS, "t.svm"))
    assert raw.rows.dense().tolist() == [[0.5, 0, 2], [0, 10, 0], [0, 0, 0]]
    assert (raw.target.tolist(), raw.lines.tolist()) == ([-1, 1, -1], [2, 4, 5])


@pytest.mark.parametrize("name", ["t.libsvm", "t.txt", "t"])
def test_first_lines_precede_the_name(written, name):
    raw = read_data(written(ROWS, name))
    assert len(raw) == 3
    assert bool(raw.notes) == (name != "t.libsvm")


@pytest.mark.parametrize("zero_based", [True, False])
@pytest.mark.parametrize("kind", ["classes", "values"])
def test_as_scikit_learn_reads_it(written, zero_based, kind):
    draw = np.random.default_rng(0)
    x = np.where(draw.random((50, 8)) < 0.6, 0, draw.normal(size=(50, 8)))
    x[0, 0] = 1.5
    y = draw.integers(0, 3, 50) if kind == "classes" else draw.normal(size=50)
    file = io.BytesIO()
    dump_svmlight_file(x, y, file, zero_based=zero_based)
    raw = read_data(written(file.getvalue(), "t.svmlight"))
    expected, targets = load_svmlight_file(io.BytesIO(file.getvalue()))
    assert np.array_equal(raw.rows.dense(), expected.toarray())
    assert np.array_equal(raw.target, targets)
    assert raw.target.dtype.kind == ("i" if kind == "classes" else "f")
    assert load_data(written(file.getvalue(), "t.svm")).provenance["task"] == (
        "classification" if kind == "classes" else "regression"
    )


def test_several_labels(written):
    raw = read_data(written("1,3 1:2.5\n3 2:1\n2,3 1:1\n", "t.svm"))
    assert raw.target_names == ("1", "2", "3")
    assert raw.target.astype(int).tolist() == [[1, 0, 1], [0, 0, 1], [0, 1, 1]]


def test_query_numbers_are_not_used(written):
    raw = read_data(written("1 qid:1 1:2.5 2:1\n2 qid:1 2:1\n", "t.svm"))
    assert raw.rows.dense().tolist() == [[2.5, 1], [0, 1]]
    assert raw.notes == ["the query numbers (qid) are not used"]


@pytest.mark.parametrize(
    "claim", ["100001:1", "99999999999999999999999:1", "1:2 4000000000:1", "9999999:1 2:1"]
)
def test_many_columns_are_refused_before_memory_is_taken(written, claim):
    with pytest.raises(FormatError, match="too many columns") as caught:
        read_data(written(f"1 1:1\n1 {claim}\n", "t.svm"))
    assert caught.value.where.startswith("line 2 of ")


@pytest.mark.parametrize(
    "row", ["1 3:1 2:1", "1 2:1 2:1", "a 1:1", "1 x:1", "1 1:y", "1 1", "1 -1:2", "1 1:1:1", "1,a 1:1"]
)
def test_the_line_of_a_wrong_row_is_named(written, row):
    with pytest.raises(FormatError, match="not a readable svmlight file") as caught:
        read_data(written(f"1 1:1 2:1\n{row}\n", "t.svm"))
    assert caught.value.where.startswith("line 2 of ")
    assert repr(row) in caught.value.received


@pytest.mark.parametrize("content", ["", "# nothing\n", "1\n2\n"])
def test_without_rows_or_columns(written, content):
    with pytest.raises(DataError):
        read_data(written(content, "t.svm"))


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_values_that_are_not_finite(written, value):
    with pytest.raises(DataError):
        read_data(written(f"1 1:1 2:1\n1 1:{value}\n", "t.svm"))


def test_long_lines_of_digits_are_no_rows():
    assert not is_svmlight(["3" * 100_000 + "x"])
    assert not is_svmlight(["1.5e3," * 20_000 + "x"])


def test_one_pair_in_each_row_may_be_something_else():
    assert not is_svmlight(["1 1:30", "2 2:45"])


def test_the_last_column_is_within_the_limit(written, monkeypatch):
    monkeypatch.setenv("PELLUCID_MAX_COLUMNS", "9")
    with pytest.raises(FormatError, match="too many columns"):
        read_data(written("1 1:1 2:1 3:1 10:1\n2 1:2 2:1 3:1 4:1\n", "t.svm"))
    assert read_data(written("1 1:1 2:1 3:1 9:1\n2 1:2 2:1 3:1 4:1\n", "t.svm")).rows.shape == (2, 9)
