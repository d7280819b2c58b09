import sys

import pytest

from pellucid.data.readers.text_file import TextFile
from pellucid.errors import FormatError


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines(written, end, encoding):
    text = TextFile(written(end.join(["a", "", "é"]).encode(encoding)))
    assert list(text.lines()) == [f"a{end}", end, "é"]
    assert list(text.lines()) == [f"a{end}", end, "é"]
    assert text.first_lines() == ["a", "", "é"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_first_lines_of_many(written, encoding):
    text = TextFile(written("".join(f"é{row}\n" for row in range(500_000)).encode(encoding)))
    assert text.first_lines() == [f"é{row}" for row in range(1000)]


def test_a_line_that_is_longer_than_what_is_looked_at(written):
    assert TextFile(written("x" * (1 << 20) + "yz")).first_lines() == []
    assert TextFile(written("a\n" + "é" * (1 << 20))).first_lines() == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes")
def test_a_huge_file_of_zeros_is_refused_by_its_beginning(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FormatError, match="the file is not text"):
        TextFile(path)


def test_a_zero_byte_far_below_is_found(written):
    text = "a,b\n" + "1,x\n" * 300_000
    with pytest.raises(FormatError, match="the file is not text"):
        TextFile(written(text + "2,\0\n"))
