import numpy as np
import pytest

from pellucid.data import LabelTarget, load_data
from pellucid.data.encoding.label_cells import encode_cells, find_separator, separator_notes, split_cells
from pellucid.errors import DataError


@pytest.mark.parametrize(
    ("cells", "separator"),
    [(["a;b", "c"], ";"), (["a|b", "c"], "|"), (["a|b", "c;d"], ";"), (["a", ""], ";"), ([], ";")],
)
def test_what_stands_between(cells, separator):
    assert find_separator(np.array(cells, object)) == separator


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["a", "b", ""], None),
        (["a;b", "c"], None),
        (["a, b;c", "c", "a, b"], None),  # between other signs, a comma belongs to the label
        (["a, b|c", "c", "a, b"], None),
        (
            ["a, b", "a", "a, c, d"],
            "a label with , in it, such as 'a, b', is one label: labels are separated by ; or |",
        ),
        (["a,b", "c"], "a label with , in it, such as 'a,b'"),
        (["a;b", "b|c"], "a label with | in it, such as 'b|c', is one label: labels are separated by ;"),
    ],
)
def test_labels_that_look_like_several(cells, says):
    target = LabelTarget.fit(np.array(cells, object))
    notes = load_data((np.arange(20.0)[:, None], np.array((cells * 20)[:20])), task="multilabel").notes
    found = [note for note in notes if "one label" in note]
    assert len(found) == (says is not None)
    assert says is None or found[0].startswith(says)
    assert found == separator_notes(np.array(cells, object), target.separator, target.names)


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
