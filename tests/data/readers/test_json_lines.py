import json

import pytest

from pellucid.data import load_data, read_data
from pellucid.errors import DataError, FormatError


def test_rows_may_lack_names_and_have_blank_lines_between(written):
    text = '{"a": 1, "c": true, "y": "p"}\n\n{"y": "q", "b": "w", "a": null}\n'
    raw = read_data(written(text, "rows.jsonl"), target="y")
    assert raw.rows.columns == ["a", "c", "b"]
    assert raw.rows.rows() == [(1.0, True, None), (None, None, "w")]
    assert raw.place(1) == "line 3 of rows.jsonl (counted from 1)"


def test_numbers_and_text_in_one_column_are_text(written):
    raw = read_data(written('{"a": 1, "y": 0}\n{"a": "?", "y": 1}\n{"a": "x", "y": 1}\n', "rows.ndjson"))
    assert raw.rows["a"].to_list() == ["1", None, "x"]


@pytest.mark.parametrize(
    "line",
    ['{"a": 1', "[1, 2]", "3", "[" * 100_000],
)
def test_lines_that_are_not_rows(written, line):
    with pytest.raises(FormatError, match="not a row of a table") as caught:
        read_data(written(f'{{"a": 1, "y": 2}}\n{line}\n', "rows.jsonl"))
    assert caught.value.where.startswith("line 2 of ")


def test_nested_values_are_left_out_and_refused_as_a_target(written):
    rows = '{"tags": [1, 2], "at": {"b": 1}, "mixed": [1], "x": 1.5, "y": 2}\n' * 3
    rows += '{"tags": null, "at": {}, "mixed": 3, "x": 2.5, "y": 3}\n' * 3
    path = written(rows, "rows.jsonl")
    data = load_data(path, test_size=2)
    assert data.inputs.features == ("x",)
    for column, what in (("tags", "lists"), ("at", "structs"), ("mixed", "objects")):
        assert f"column '{column}': left out, because the cells are {what}" in data.notes
    with pytest.raises(DataError, match="neither numbers nor text"):
        load_data(path, target="at")


@pytest.mark.parametrize("number", ["1" + "0" * 400, "9" * 5000, "Infinity", "1e999"])
def test_infinite_numbers(written, number):
    rows = f'{{"a": 1, "b": 1, "y": 2}}\n{{"a": {number}, "b": 3, "y": 3}}\n'
    path = written(rows * 3, "rows.jsonl")
    with pytest.raises(DataError, match="infinite") as caught:
        load_data(path, test_size=2)
    assert caught.value.where == "line 2 of rows.jsonl (counted from 1), column 'a'"
    assert load_data(path, test_size=2, drop="a").inputs.features == ("b",)


def test_half_of_a_surrogate_pair(written):
    with pytest.raises(DataError, match="not valid Unicode"):
        read_data(written('{"a": "\\ud800", "y": 2}\n', "rows.jsonl"))


def test_an_empty_file(written):
    with pytest.raises(DataError, match="empty"):
        read_data(written("\n", "rows.jsonl"))


def test_a_new_name_in_every_row_is_refused(written, monkeypatch):
    monkeypatch.setenv("PELLUCID_MAX_CELLS", "900")
    lines = [json.dumps({f"a{number}": 1}) for number in range(31)]
    with pytest.raises(FormatError, match="too many cells"):
        read_data(written("\n".join(lines), "rows.jsonl"))
