import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pellucid.data.readers import plain_csv as module
from pellucid.data.readers.plain_csv import read_plain


def read(text, width=2, delimiter=","):
    content = text.encode()
    names = [f"c{index}" for index in range(width)]
    frame = read_plain(content, 0, delimiter, names, len(content), "t.csv")
    return None if frame is None else [tuple(cell or "" for cell in row) for row in frame.rows()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "end", "two ends"])
def test_rows(end, last):
    text = (
        end.join(["1,x", '"a,b","say ""no"""', ",", "ü, z "])
        + {"": "", "end": end, "two ends": 2 * end}[last]
    )
    assert read(text) == [("1", "x"), ("a,b", 'say "no"'), ("", ""), ("ü", " z ")]


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3\n",
        "1,2\n3,4,5\n",
        "1,2\n3\n4,5,6\n",
        "1,2\n\n3,4\n",
        '1,"2\n3"\n',
        '1,"2\n',
        '1,a"b"\n',
        '1,"a"b\n',
        '1, "a"\n',
        "1,2\r3,4\r",
        "",
        "\n\n",
    ],
)
def test_peculiar_rows_are_left_to_others(text):
    assert read(text) is None


TABLES = st.text(st.sampled_from('a1," \n\r;é'), max_size=40)


@given(TABLES, st.integers(2, 3), st.sampled_from([1, 3, 1 << 24]))
@example('"a"\n"b",1\n', 2, 1 << 24)
def test_what_is_read_is_what_the_csv_module_reads(text, width, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        rows = read(text, width)
    if rows is not None:
        # Strict, and with all rows as wide.
        expected = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        while expected and not expected[-1]:
            expected.pop()
        assert rows == [tuple(row) for row in expected]
        assert {len(row) for row in rows} == {width}
