import pytest

from pellucid.data import load_data, read_data
from pellucid.errors import FormatError, MissingFileError, StorageError

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
