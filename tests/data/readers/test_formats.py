import gzip
import zipfile

import numpy as np
import polars as pl
import pytest

from pellucid.data import READ_OPTIONS, read_data
from pellucid.data.needs import Needs
from pellucid.data.options import ReadOptions
from pellucid.data.readers.files import read_file
from pellucid.data.readers.formats import FORMATS
from pellucid.errors import ConfigurationError, FormatError, PellucidError

FRAME = pl.DataFrame({"a": [1.5, 2.5, 3.5], "b": ["x", "y", "x"]})
# How a file of each ending is written.
WRITE = {
    ".csv": FRAME.write_csv,
    ".tsv": lambda path: FRAME.write_csv(path, separator="\t"),
    ".tab": lambda path: FRAME.write_csv(path, separator="\t"),
    ".txt": lambda path: FRAME.write_csv(path, separator=" "),
    ".data": FRAME.write_csv,
    ".parquet": FRAME.write_parquet,
    **dict.fromkeys((".arrow", ".feather", ".ipc"), FRAME.write_ipc),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), FRAME.write_excel),
    ".arff": lambda path: path.write_text(
        "@relation t\n@attribute a real\n@attribute b {x, y}\n@data\n" + FRAME.write_csv(include_header=False)
    ),
    ".jsonl": FRAME.write_ndjson,
    ".ndjson": FRAME.write_ndjson,
    ".npy": lambda path: np.save(path, np.array([[1.5, 0], [2.5, 1], [3.5, 0]])),
    **dict.fromkeys((".svm", ".libsvm", ".svmlight"), lambda path: path.write_text("0 1:1 2:1\n1 1:2\n0\n")),
    ".npz": lambda path: np.savez(path, x=np.array([[1.5], [2.5], [3.5]]), y=np.array([0, 1, 0])),
}
ENDINGS = [(declared, ending) for declared in FORMATS for ending in declared.endings]


def test_each_ending_belongs_to_one_format():
    endings = [ending for _, ending in ENDINGS]
    assert len(set(endings)) == len(endings)
    assert set(endings) == WRITE.keys()


@pytest.mark.parametrize(("declared", "ending"), ENDINGS)
class TestEveryEnding:
    @pytest.fixture
    def path(self, ending, tmp_path):
        path = tmp_path / f"table{ending}"
        WRITE[ending](path)
        return path

    def test_files_are_read(self, declared, ending, path):
        assert [each for each in FORMATS if each.recognises(path)] == [declared]
        raw = read_data(path)
        assert raw.name == path.name
        assert len(raw) == 3
        assert len(set(raw.target)) == 2

    def test_an_ending_may_be_in_capitals(self, declared, ending, path):
        assert len(read_data(path.rename(path.with_suffix(ending.upper())))) == 3

    def test_a_compressed_file_is_read_or_refused(self, declared, ending, path):
        packed = path.with_name(path.name + ".gz")
        packed.write_bytes(gzip.compress(path.read_bytes()))
        if declared.compressed:
            assert read_data(packed).target.tolist() == read_data(path).target.tolist()
        else:
            with pytest.raises(PellucidError):
                read_data(packed)

    def test_first_bytes_precede_the_name(self, declared, ending, path):
        if declared.signature is not None:
            raw = read_data(path.rename(path.with_suffix(".csv")))
            assert len(raw) == 3
            assert f"table.csv is read as {declared.name}, because its first bytes say so" in raw.notes

    def test_options_that_it_takes_are_known(self, declared, ending, path):
        assert READ_OPTIONS.keys() >= set(declared.takes)

    def test_named_columns_are_used_or_refused(self, declared, ending, path):
        if "drop" in declared.takes:
            first = "column_1" if ending == ".npy" else "a"
            assert list(map(float, read_data(path, target=first).target)) == [1.5, 2.5, 3.5]
        else:
            with pytest.raises(ConfigurationError, match="no named columns"):
                read_data(path, target="a")
            # Data for a model may lack the columns of its training data.
            assert len(read_file(path, ReadOptions(target=("a",)), Needs(columns=False))) == 3

    def test_a_folder_of_that_name_is_a_folder(self, declared, ending, tmp_path):
        (tmp_path / f"folder{ending}").mkdir()
        assert not declared.recognises(tmp_path / f"folder{ending}")


def test_the_error_for_other_files_lists_all_formats(tmp_path):
    path = tmp_path / "table.doc"
    path.write_text("Dear reader,\n")
    with pytest.raises(FormatError) as caught:
        read_file(path, ReadOptions(), Needs())
    for declared in FORMATS:
        for word in declared.endings or (declared.name,):
            assert word in str(caught.value)


def test_a_delimiter_says_that_it_is_text(tmp_path):
    path = tmp_path / "table.data"
    path.write_text("a;b\n1;x\n2;y\n")
    assert read_file(path, ReadOptions(delimiter=";"), Needs()).target.tolist() == ["x", "y"]


TABLES = {
    "commas": "a,b\n1,x\n2,y\n3,x\n",
    "semicolons": "a;b\n1,5;x\n2,5;y\n",
    "tabs": "a\tb\tc\nu\tv\tx\nu\tw\ty\n",
    "blanks": "1.5 2.5 x\n2.5 3.5 y\n3.5 4.5 x\n",
    "below a title": "A report\n\na,b\n1,x\n2,y\n3,x\n",
}


@pytest.mark.parametrize(
    "name", ["table", "table.dat", "table.doc", "table.csv.bak", "table.gz", "table.zip"]
)
@pytest.mark.parametrize("kind", TABLES)
def test_what_is_plainly_a_table_is_read_with_a_note(tmp_path, kind, name):
    path = tmp_path / name
    path.write_text(TABLES[kind])
    raw = read_file(path, ReadOptions(), Needs())
    assert raw.target.tolist()[:2] == ["x", "y"]
    assert f"{name} is read as delimited text, because it looks like a table" in raw.notes


NO_TABLES = {
    "prose": "# Pellucid\n\nA library for networks, small and fast.\nIt reads tables, arrays, and images.\n",
    "settings": "[project]\nname = 'x'\nversion = '1'\nkeywords = ['a', 'b']\n",
    "source code": "int main(void)\n{\n    int a = 1;\n    int b = 2;\n    return a;\n}\n",
    "rules": "all:\n\tmake a\n\tmake b\n\tmake c\n",
    "JSON": '{\n "a": 1,\n "b": 2,\n "c": 3\n}\n'.replace('{\n "', "{\n '"),
    "one column": "1\n2\n3\n4\n",
    "Markdown": "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 2 | 3 |\n",
}


@pytest.mark.parametrize("kind", NO_TABLES)
def test_other_text_is_refused_as_what_it_is(tmp_path, kind):
    path = tmp_path / "README"
    path.write_text(NO_TABLES[kind])
    with pytest.raises(FormatError, match="the file is text, but not a table"):
        read_file(path, ReadOptions(), Needs())


def test_bytes_that_are_nothing_known(tmp_path):
    path = tmp_path / "table"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(FormatError, match="the file format is not supported") as caught:
        read_file(path, ReadOptions(), Needs())
    assert caught.value.received == "no file extension"


@pytest.mark.parametrize(("inside", "delimiter"), [("table.csv", ","), ("folder/data.tsv", "\t")])
def test_a_zip_file_is_what_it_contains(tmp_path, inside, delimiter):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(inside, FRAME.write_csv(separator=delimiter))
    raw = read_file(path, ReadOptions(), Needs())
    assert (raw.name, len(raw)) == ("archive.zip", 3)
    assert not any("archive.zip is" in note for note in raw.notes)


def test_files_that_a_mac_adds_to_a_zip_file_are_not_read(tmp_path):
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__MACOSX/._table.csv", b"\0\5\x16\7")
        archive.writestr("table.csv", FRAME.write_csv())
    assert len(read_file(path, ReadOptions(), Needs())) == 3


def test_the_line_that_the_examined_bytes_cut_does_not_count(tmp_path):
    path = tmp_path / "table"
    path.write_text("a,b\n" + "123456,words\n" * 2000)
    assert len(read_file(path, ReadOptions(), Needs())) == 2000
