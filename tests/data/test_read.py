import pandas as pd
import polars as pl
import pytest

from pellucid.data import load_data, read_data
from pellucid.errors import DataError, FormatError, MissingFileError, StorageError

TABLE = "size,kind\n" + "".join(f"{row},{'xy'[row % 2]}\n" for row in range(20))


def test_nothing_there(written, tmp_path):
    written(TABLE, "people.csv")
    with pytest.raises(MissingFileError) as caught:
        load_data(tmp_path / "peple.csv")
    assert caught.value.remedy == "did you mean 'people.csv'?"


def test_a_name_nearly_right(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingFileError) as caught:
        load_data("digit")
    assert caught.value.remedy == "did you mean 'digits'?"


def test_no_such_folder(tmp_path):
    with pytest.raises(MissingFileError, match="no does not exist"):
        load_data(tmp_path / "no" / "x.csv")


def test_a_kind_that_is_not_read(written):
    path = written("Dear reader,\nthis is not a table.\n", "table.doc")
    with pytest.raises(FormatError, match="text, but not a table") as caught:
        load_data(path)
    assert caught.value.received == ".doc; it begins 'Dear reader,'"
    assert "--delimiter ','" in caught.value.remedy
    assert len(read_data(written(TABLE, "table.doc"), delimiter=",")) == 20


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(StorageError, match="cannot be read"):
        load_data(str(tmp_path / ("n" * 300 + ".csv")))


def test_no_name():
    with pytest.raises(MissingFileError, match="the name of the data is empty"):
        load_data("")


def test_a_link_to_nothing(tmp_path):
    link = tmp_path / "table.csv"
    link.symlink_to("moved.csv")
    with pytest.raises(MissingFileError, match="the link leads to no file") as caught:
        load_data(link)
    assert caught.value.received == "a link to moved.csv"


@pytest.mark.parametrize("name", ["table.zip", "table.csv.zst", "table.xyz", "table"])
def test_an_empty_file(written, name):
    with pytest.raises(DataError, match="the file is empty"):
        load_data(written("", name))


@pytest.mark.parametrize(
    "name", ["t.xls", "t.xlsx", "t.parquet", "t.arrow", "t.npy", "t.npz", "t.jsonl", "t.arff"]
)
def test_a_text_table_that_is_named_like_another_format(written, name):
    raw = read_data(written(TABLE, name))
    assert raw.rows["size"].to_list() == list(range(20))
    assert f"{name} is read as delimited text, because it looks like a table" in raw.notes


@pytest.mark.parametrize("frame", [pd.DataFrame(index=range(3)), pd.DataFrame(), pl.DataFrame()])
def test_a_frame_without_columns(frame):
    with pytest.raises(DataError, match="the data have no columns"):
        load_data((frame, [0, 1, 0]))


def test_tables_of_other_kinds_are_converted_first():
    frame = pl.DataFrame({"size": [1, 2], "kind": ["a", "b"]})
    with pytest.raises(DataError) as caught:
        load_data(frame.lazy())
    assert caught.value.remedy == "call its method collect() first"
    with pytest.raises(DataError) as caught:
        load_data(frame["size"])
    assert caught.value.remedy == "convert it: polars.DataFrame(table)"
