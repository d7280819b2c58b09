import json

import numpy as np
import pytest

from pellucid.data import ArrayInputs, ClassTarget, ColumnInputs, LabelTarget, PixelInputs, ValueTarget
from pellucid.data.encoding.columns import column_from_dict
from pellucid.data.encoding.inputs import inputs_from_dict
from pellucid.data.encoding.number_column import NumberColumn
from pellucid.data.encoding.sparse_inputs import SparseInputs
from pellucid.data.encoding.targets import target_from_dict
from pellucid.data.encoding.word_column import WordColumn

NUMBERS, WORDS = (
    NumberColumn("size", 1.5, 2.0, missing=True, limit=10.0, far=0.25),
    WordColumn("sea", ("east", "west"), missing=False),
)
# One of each kind, and how it is rebuilt.
KINDS = {
    PixelInputs: (PixelInputs((2, 3), 0.5), inputs_from_dict),
    ArrayInputs: (
        ArrayInputs(
            ("a", "b"),
            np.array([1.0, 2.0]),
            np.array([0.5, 0.0]),
            np.array([2.0, 10.0]),
            np.array([0.1, 0.0]),
        ),
        inputs_from_dict,
    ),
    SparseInputs: (SparseInputs(np.array([0.0, 3.0])), inputs_from_dict),
    ColumnInputs: (ColumnInputs((NUMBERS, WORDS), ("price",)), inputs_from_dict),
    NumberColumn: (NUMBERS, column_from_dict),
    WordColumn: (WORDS, column_from_dict),
    ClassTarget: (ClassTarget("animal", ("cat", "dog")), target_from_dict),
    LabelTarget: (LabelTarget(("a", "b"), (("no", "yes"), ("f", "m"))), target_from_dict),
    ValueTarget: (ValueTarget(("y",), np.array([1.0]), np.array([2.0]), np.array([1.0])), target_from_dict),
}


@pytest.fixture(params=KINDS)
def kind(request):
    return KINDS[request.param]


def test_what_is_stored_is_rebuilt(kind):
    part, rebuild = kind
    stored = json.loads(json.dumps(part.to_dict()))
    again = rebuild(stored)
    assert type(again) is type(part)
    assert again.to_dict() == part.to_dict() == stored
    for name in part.stored:
        before, after = getattr(part, name), getattr(again, name)
        assert type(after) is type(before)
        assert np.array_equal(after, before) if isinstance(before, np.ndarray) else after == before


def test_the_kind_comes_first_and_tells_the_kinds_apart(kind):
    part, _ = kind
    tag, *names = part.to_dict()
    assert names == list(part.stored)
    others = [other for other, _ in KINDS.values() if other.place == part.place and other is not part]
    assert getattr(part, tag) not in {getattr(other, tag) for other in others}


def test_no_field_can_be_left_out_or_added(kind):
    part, rebuild = kind
    stored = part.to_dict()
    for name in (name for name in stored if name == part.tag or part.stored[name].in_all_files):
        with pytest.raises(ValueError, match=f"{part.place} lacks the field '{name}'"):
            rebuild({key: value for key, value in stored.items() if key != name})
    with pytest.raises(ValueError, match="unknown field 'colour'"):
        rebuild({**stored, "colour": "red"})


def test_a_newer_field_can_be_left_out(kind):
    part, rebuild = kind
    newer = [name for name, of in part.stored.items() if not of.in_all_files]
    again = rebuild({name: value for name, value in part.to_dict().items() if name not in newer})
    assert [getattr(again, name) for name in newer] == [None] * len(newer)


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (ArrayInputs(("a", "b"), np.zeros(2), np.ones(2), np.array([2.0])), "limits"),
        (ValueTarget(("a", "b"), np.zeros(2), np.ones(2), np.array([2.0])), "deviations"),
    ],
)
def test_a_field_of_another_length(part, name):
    with pytest.raises(ValueError, match=f"2 names and 1 {name}"):
        type(part).from_dict(part.to_dict())


def test_every_field_is_checked(kind):
    part, rebuild = kind
    for name in part.to_dict():
        for wrong in (object(), {"a": 1}):
            with pytest.raises(ValueError, match=name):
                rebuild({**part.to_dict(), name: wrong})


@pytest.mark.parametrize("rebuild", [inputs_from_dict, column_from_dict, target_from_dict])
def test_an_unknown_kind(rebuild):
    tag = "task" if rebuild is target_from_dict else "kind"
    with pytest.raises(ValueError, match=rf"\.{tag} must be '\w+' or '\w+'.*not 'cube'"):
        rebuild({tag: "cube"})
