import numpy as np
import pytest

from pellucid.data.label_cells import encode_cells, find_separator, split_cells
from pellucid.errors import DataError


@pytest.mark.parametrize(
    ("cells", "separator"),
    [(["a;b", "c"], ";"), (["a|b", "c"], "|"), (["a|b", "c;d"], ";"), (["a", ""], ";"), ([], ";")],
)
def test_what_stands_between(cells, separator):
    assert find_separator(np.array(cells, object)) == separator


def test_blanks_empty_pieces_and_repetitions():
    cells = np.array([" a ;b;", ";", "", "b;b"], object)
    assert split_cells(cells, ";", str) == [["a", "b"], [], [], ["b", "b"]]
    assert encode_cells(cells, ";", ("a", "b"), str).tolist() == [
        [True, True], [False, False], [False, False], [False, True],
    ]  # fmt: skip


def test_what_cannot_be_told():
    with pytest.raises(DataError) as caught:
        encode_cells(np.array(["drama", "drma"], object), ";", ("comedy", "drama"), lambda row: f"line {row}")
    assert (caught.value.where, caught.value.remedy) == ("line 1", "did you mean 'drama'?")
    with pytest.raises(DataError, match="a target is missing"):
        split_cells(np.array(["a", None], object), ";", str)
