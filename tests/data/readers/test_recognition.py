import io
import pickle
import tarfile
import zipfile

import pytest

from pellucid.data import read_data
from pellucid.errors import FormatError


def tar():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("table.csv"))
    return file.getvalue()


def office(first):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(first, "x")
        archive.writestr("sheet.xml", "x")
    return file.getvalue()


# The first bytes of each kind of file that is not read, and a word of its name.
KINDS = {
    "Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "HTML page": b"\n<!DOCTYPE html>\n<html></html>",
    "XML": b'<?xml version="1.0"?>\n<rows/>',
    "PDF": b"%PDF-1.7\n",
    "RTF": b"{\\rtf1",
    "OpenDocument": office("mimetype"),
    "SQLite": b"SQLite format 3\0",
    "pickle": pickle.dumps([1, 2]),
    "HDF5": b"\x89HDF\r\n\x1a\n",
    "MATLAB": b"MATLAB 5.0 MAT-file, Platform: GLNXA64",
    "R objects": b"RDX3\nX\n",
    "SPSS": b"$FL2@(#) SPSS",
    "Stata": b"<stata_dta><header>",
    "Feather file of version 1": b"FEA1\0\0",
    "ORC": b"ORC\x12\x03",
    "Avro": b"Obj\x01",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "RAR": b"Rar!\x1a\x07",
    "tar archive": tar(),
    "single idx file": b"\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01\0",
    "an image": b"\x89PNG\r\n\x1a\n",
    "JSON document": b'[\n {"a": 1}]',
}


@pytest.mark.parametrize("name", ["table.csv", "table", "table.csv.gz", "table.parquet"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_read_is_named(written, kind, name):
    with pytest.raises(FormatError) as caught:
        read_data(written(KINDS[kind], name))
    problem = str(caught.value).splitlines()[0]
    assert kind in problem
    assert caught.value.remedy
    assert "rename" not in caught.value.remedy


@pytest.mark.parametrize("first", ["ORCID", "PAR1", "ARROW1", "BZh9", "GIF", "PK", "version", "Obj"])
def test_words_that_begin_like_other_formats_are_text(written, first):
    assert read_data(written(f"{first},b\n1,x\n2,y\n")).target.tolist() == ["x", "y"]
