import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import ClassTarget, target_from_dict
from pellucid.errors import DataError

WORDS = np.array(["cat", "dog", "cat", "ant"])


@pytest.mark.parametrize(
    ("raw", "labels", "codes"),
    [
        (WORDS, ("ant", "cat", "dog"), [1, 2, 1, 0]),
        (np.array([3, -1, 3]), (-1, 3), [1, 0, 1]),
        (np.array([9, 10, 2]), (2, 9, 10), [1, 2, 0]),
        (np.array(["9", "10", "2"], object), (2, 9, 10), [1, 2, 0]),
        (np.array(["1.0", "0"], object), (0, 1), [1, 0]),
        (np.array([1.0, 0.0]), (0, 1), [1, 0]),
        (np.array([True, False]), (False, True), [1, 0]),
        (np.array([True, False], object), (False, True), [1, 0]),
        (np.array(["True", "False"], object), ("False", "True"), [1, 0]),
        (np.array(["1", "b"], object), ("1", "b"), [0, 1]),
    ],
)
def test_labels_in_order(raw, labels, codes):
    target = ClassTarget.fit(raw)
    assert target.labels == labels
    assert {type(label) for label in target.labels} == {type(label) for label in labels}
    assert target.n_classes == len(labels)
    assert target.encode(raw).tolist() == codes
    assert target.encode(raw).dtype == np.intp


def test_yes_and_no_in_any_spelling_are_two_classes():
    raw = np.array(["no", "Yes", "NO", "no", "yes", "Yes"], object)
    target = ClassTarget.fit(raw)
    assert target.labels == ("no", "Yes")
    assert target.encode(raw).tolist() == [0, 1, 0, 0, 1, 1]
    assert target.remarks(raw, target.encode(raw)) == [
        "yes and no are two classes in any spelling: 'NO' and 'no', 'Yes' and 'yes'"
    ]


@pytest.mark.parametrize("labels", [(False, True), (0, 1), ("Yes", "no"), ("F", "T")], ids=str)
def test_yes_and_no_of_other_data(labels):
    target = ClassTarget(None, labels)
    expected = [target.names.index(name) for name in ("Yes", "no")] if "no" in labels else [1, 0]
    for raw in (["TRUE", "FALSE"], ["1", "0"], [1.0, 0.0], [True, False], ["t", "f"]):
        assert target.encode(np.array(raw)).tolist() == expected


def test_letters_with_a_meaning_of_their_own_stay_apart():
    assert ClassTarget.fit(np.array(["n", "f", "y", "t"], object)).n_classes == 4


def test_names_are_text():
    assert ClassTarget(None, (3, 7)).names == ("3", "7")


def test_a_number_among_labels_of_text():
    assert ClassTarget(None, ("1", "b")).encode(np.array([1.0])).tolist() == [0]


def test_a_label_outside_the_classes():
    with pytest.raises(DataError) as caught:
        ClassTarget.fit(WORDS).encode(np.array(["dog", "catt"]))
    assert caught.value.received == "'catt'"
    assert caught.value.where == "row 1 (counted from 0)"
    assert caught.value.remedy == "did you mean 'cat'?"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (np.array(["a", "a"]), "only one class"),
        (np.array([0.5, 1.0]), "not a whole number"),
        (np.array([np.nan, 1.0]), "not a whole number"),
        (np.array([np.inf, 1.0]), "not a whole number"),
        (np.array([1e30, 1.0]), "too large"),
        (np.array([2**53 + 2, 1]), "too large"),
        (np.array(["9007199254740994", "1"], object), "too large"),
        (np.array([None, "a"], object), "a target is missing"),
        (np.eye(2), "one label per example"),
    ],
)
def test_what_is_no_label(raw, problem):
    with pytest.raises(DataError, match=problem):
        ClassTarget.fit(raw)


def test_one_hot():
    matrix = ClassTarget.fit(WORDS).matrix(np.array([2, 0]), 3, np.float32)
    assert matrix.dtype == np.float32
    assert matrix.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_two_classes_in_one_column_or_two():
    target = ClassTarget(None, ("no", "yes"))
    assert target.matrix(np.array([1, 0]), 1, np.float64).tolist() == [[1], [0]]
    assert target.matrix(np.array([1, 0]), 2, np.float64).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(("labels", "n_outputs"), [(("a", "b", "c"), 1), (("a", "b"), 3), ((0, 1, 2), 2)])
def test_outputs_that_do_not_suit(labels, n_outputs):
    with pytest.raises(DataError, match="do not match"):
        ClassTarget(None, labels).matrix(np.array([0]), n_outputs, np.float64)


@given(st.lists(st.text(min_size=1), min_size=2, unique=True))
def test_through_json(labels):
    target = ClassTarget("x", tuple(labels))
    assert target_from_dict(json.loads(json.dumps(target.to_dict()))) == target


def test_booleans_through_json():
    again = target_from_dict(json.loads(json.dumps(ClassTarget(None, (False, True)).to_dict())))
    assert again.labels == (False, True)
    assert [type(label) for label in again.labels] == [bool, bool]
    assert again.names == ("False", "True")
    assert again.encode(np.array(["True", "False"], object)).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("labels", "alike"),
    [
        (["cat", "Cat", "dog"], "'Cat' and 'cat'"),
        (["new york", "newyork", "New  York"], "'New  York' and 'new york' and 'newyork'"),
        (["cat", "cats", "dog"], None),
        ([1, 2, 12], None),
    ],
)
def test_labels_that_differ_only_in_capitals_or_blanks_are_pointed_at(labels, alike):
    raw = np.array(labels)
    notes = ClassTarget.fit(raw).remarks(raw, np.arange(3))
    assert [note.partition(": ")[2] for note in notes] == ([] if alike is None else [alike])
