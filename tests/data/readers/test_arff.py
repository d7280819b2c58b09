import csv

import numpy as np
import polars as pl
import pytest
from scipy.io import arff as scipy_arff

from pellucid.data import load_data, read_data
from pellucid.errors import DataError, FormatError

HEAD = """% a comment
@RELATION 'weather of a day'

@ATTRIBUTE outlook {sunny, 'very cloudy', "it's"}
@attribute "wind speed" REAL
@attribute n integer
@attribute words string
@attribute day date "yyyy-MM-dd"
@attribute play {yes,no}
@data
"""
ROWS = """sunny, 1.5, 3, 'a, b', 2024-05-01, yes
% another comment
'very cloudy',?,4,"it\\"s",?,no

"it's", -2e3, ?, 'it\\'s', '2024-05-02', yes
"""


def test_every_kind_of_attribute(written):
    raw = read_data(written(HEAD + ROWS, "t.arff"))
    assert raw.rows.columns == ["outlook", "wind speed", "n", "words", "day"]
    assert raw.rows.rows() == [
        ("sunny", 1.5, 3, "a, b", "2024-05-01"),
        ("very cloudy", None, 4, 'it"s', None),
        ("it's", -2000, None, "it's", "2024-05-02"),
    ]
    assert (raw.target.tolist(), raw.lines.tolist()) == (["yes", "no", "yes"], [11, 13, 15])


def test_as_scipy_reads_it(written):
    draw = np.random.default_rng(0)
    kinds = np.array(["a", "b c", "d"])[draw.integers(0, 3, 50)]
    numbers = draw.normal(size=(50, 2))
    rows = "".join(f"{x!r},{y!r},'{kind}'\n" for (x, y), kind in zip(numbers.tolist(), kinds, strict=True))
    head = "@relation t\n@attribute x real\n@attribute y numeric\n@attribute kind {a,'b c',d}\n@data\n"
    path = written(head + rows, "t.arff")
    limit = csv.field_size_limit()
    expected, _ = scipy_arff.loadarff(path)
    csv.field_size_limit(limit)  # which SciPy raises for the whole process
    raw = read_data(path)
    assert np.array_equal(raw.rows["x"].to_numpy(), expected["x"])
    assert np.array_equal(raw.rows["y"].to_numpy(), expected["y"])
    assert [cell.strip("'") for cell in raw.target] == [cell.decode().strip("'") for cell in expected["kind"]]


def test_sparse_rows(written):
    declared = ("a real", "k {x,y,'z z'}", "b real", "c {p,q}")
    head = "@relation t\n" + "".join(f"@attribute {each}\n" for each in declared) + "@data\n"
    raw = read_data(written(head + "{0 1.5, 1 'z z', 3 q}\n{}\n{1 ?, 2 -1}\n", "t.arff"))
    assert raw.rows.rows() == [(1.5, "z z", 0), (0, "x", 0), (0, None, -1)]
    assert raw.target.tolist() == ["q", "p", "p"]


def test_the_column_named_class_is_the_target(written):
    text = "@relation t\n@attribute Class {a,b}\n@attribute x real\n@data\na,1\nb,2\n"
    raw = read_data(written(text, "t.arff"))
    assert raw.target.tolist() == ["a", "b"]
    assert raw.notes == ["the target is 'Class'; choose another with target (--target)"]


def test_a_nominal_target_is_of_classes_whatever_their_number(written):
    classes = [str(k) for k in range(40)]
    rows = "".join(f"{k / 7},{k}\n" for k in classes for k in [int(k)] * 5)
    text = f"@relation t\n@attribute x real\n@attribute y {{{','.join(classes)}}}\n@data\n{rows}"
    assert load_data(written(text, "t.arff")).n_classes == 40
    numbers = text.replace("{" + ",".join(classes) + "}", "real")
    assert load_data(written(numbers, "t.arff")).provenance["task"] == "regression"


def test_declared_categories_are_words_even_if_they_are_numbers(written):
    rows = "".join(f"{1 + row % 3},{row % 2},{1.5 * row},{'ab'[row % 2]}\n" for row in range(30))
    declared = ("k {1,2,3}", "two {0,1}", "x real", "y {a,b}")
    head = "@relation t\n" + "".join(f"@attribute {each}\n" for each in declared) + "@data\n"
    data = load_data(written(head + rows + "?,0,1,a\n2,1,2,b\n", "t.arff"), test_size=6)
    assert data.inputs.features[:4] == ("k = 1", "k = 2", "k = 3", "k is missing")
    assert data.inputs.features[-2:] == ("two", "x")
    assert not any("categories" in note for note in data.notes)
    # Rows for a prediction may have numbers, or text.
    for cells in ([2.0], ["2"]):
        inputs, _ = data.inputs.encode(pl.DataFrame({"k": cells, "two": [0.0], "x": [0.0]}))
        assert inputs[0, :4].tolist() == [0, 1, 0, 0]
    again = load_data(written(head + rows, "t.arff"), encoding=data)
    assert again.train.inputs[:, :3].sum() == len(again.train)


def test_declared_categories_that_are_dates_are_words(written):
    days = ("2024-05-01", "2024-05-02", "2024-05-03")
    rows = "".join(f"{days[row % 3]},{row}\n" for row in range(30))
    text = f"@relation t\n@attribute day {{{','.join(days)}}}\n@attribute y real\n@data\n{rows}"
    data = load_data(written(text, "t.arff"), test_size=6)
    assert data.inputs.features == tuple(f"day = {day}" for day in days)


def test_relational_attributes_are_refused(written):
    text = "@relation t\n@attribute bag relational\n@attribute x real\n@end bag\n@data\n"
    with pytest.raises(FormatError, match="tables within a table") as caught:
        read_data(written(text, "t.arff"))
    assert "'bag'" in caught.value.received


@pytest.mark.parametrize("row", ["1,2,x", "x", "b,x", "1,'x", "{0 1, 0 2}", "{2 1}", "{0 1", "{a}", "'a'b,x"])
def test_the_line_of_a_wrong_row_is_named(written, row):
    text = f"@relation t\n@attribute a real\n@attribute y {{x,y}}\n@data\n{row}\n"
    with pytest.raises(FormatError, match="the ARFF file cannot be read") as caught:
        read_data(written(text, "t.arff"))
    assert caught.value.where.startswith("line 5 of ")


@pytest.mark.parametrize(
    "text",
    [
        "@relation t\n@attribute a\n@data\n1\n",
        "@relation t\n@attribute a what\n@data\n1\n",
        "@relation t\n@attribute 'a numeric\n@data\n1\n",
        "@relation t\n@attribute a real\n@attribute a real\n@data\n1,2\n",
        "@relation t\n@attribute a real\n@data\n",
        "@relation t\n@data\n1\n",
        "@relation t\n@attribute a real\n1\n",
        "",
    ],
)
def test_headers_that_are_wrong(written, text):
    with pytest.raises(DataError):
        read_data(written(text, "t.arff"))


def test_many_columns_are_refused(written, monkeypatch):
    monkeypatch.setenv("PELLUCID_MAX_COLUMNS", "5")
    with pytest.raises(FormatError, match="too many columns"):
        read_data(written(HEAD + ROWS, "t.arff"))


def test_more_cells_than_the_file_may_have(written, monkeypatch):
    monkeypatch.setenv("PELLUCID_MAX_CELLS", "5")
    with pytest.raises(FormatError, match="too many cells"):
        read_data(written(HEAD + ROWS, "t.arff"))


def test_long_rows_of_blanks_are_read_in_one_go(written):
    head, blanks = "@relation t\n@attribute a string\n@attribute y {x,y}\n@data\n", " " * 10**6
    text = f"{head}'b',{blanks}x\n'b',{blanks}'z' z\n"
    with pytest.raises(FormatError, match="the ARFF file cannot be read"):
        read_data(written(text, "t.arff"))


def test_characters_that_weka_writes_with_a_backslash(written):
    text = "@relation r\n@attribute 'a\\nb' string\n@attribute y {p, q}\n@data\n'u\\tv',p\n'\\'\\\\n',q\n"
    raw = read_data(written(text, "t.arff"))
    assert raw.rows.columns == ["a\nb"]
    assert raw.rows["a\nb"].to_list() == ["u\tv", "'\\n"]


def test_several_nominal_targets_are_labels(written):
    rows = "".join(f"{row},{'ft'[row % 2]},{'ft'[row % 3 > 1]}\n" for row in range(12))
    nominal = "@attribute hot {f, t}\n@attribute wet {f, t}\n"
    path = written(f"@relation r\n@attribute x real\n{nominal}@data\n{rows}", "t.arff")
    data = load_data(path, target=("hot", "wet"), test_size=2)
    assert (data.task, data.train.known_targets.shape) == ("multilabel", (10, 2))
