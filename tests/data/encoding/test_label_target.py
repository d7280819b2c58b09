import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import MultiLabelBinarizer

from pellucid.data import LabelTarget, target_from_dict
from pellucid.errors import DataError

MIXED = np.array([[1, "f", "yes"], [0, "m", "no"], [1, "m", "yes"]], object)


def test_by_hand():
    target = LabelTarget.fit(MIXED, ("loop", "sex", "paid"))
    assert target.names == ("loop", "sex = m", "paid")
    answers = target.encode(MIXED)
    assert answers.tolist() == [[True, False, True], [False, True, False], [True, True, True]]
    assert target.matrix(answers, 3, np.float32).tolist() == [[1, 0, 1], [0, 1, 0], [1, 1, 1]]
    assert target.answers(np.array([[0.6, 0.5, -1.0]]), 0.5).tolist() == [[True, False, False]]
    assert target.answers(np.array([[0.6, 0.5, -1.0]]), 0.0).tolist() == [[True, True, False]]
    assert target.as_record(answers[0]) == {"loop": True, "sex = m": False, "paid": True}
    assert (target.in_words(answers[0]), target.in_words(~answers[2])) == ("loop, paid", "(no label)")


def test_another_spelling_of_yes_is_known_later():
    target = LabelTarget.fit(np.array([[0, 1], [1, 0]]))
    assert target.names == ("label 0", "label 1")
    assert target.encode(np.array([["Yes", "FALSE"]])).tolist() == [[True, False]]


LABELS = st.sets(st.sampled_from(["ant", "bee", "cow 1", "doe"]))


@given(st.lists(LABELS, min_size=2, max_size=20), st.sampled_from([";", "|", " ; "]))
def test_cells_against_scikit_learn(sets, between):
    sets = [*sets, {"ant", "bee", "cow 1", "doe"}, set()]
    cells = np.array([between.join(sorted(labels)) for labels in sets], object)
    target = LabelTarget.fit(cells)
    binarizer = MultiLabelBinarizer()
    expected = binarizer.fit_transform(sets)
    assert target.names == tuple(binarizer.classes_)
    assert (target.encode(cells) == expected).all()
    assert (target.encode(expected) == expected).all()  # as columns, the same


@pytest.mark.parametrize(
    "raw", [MIXED, np.array([[0, 1], [1, 1], [1, 0]]), np.array(["a|b", "b", ""], object)]
)
def test_there_and_back_through_json(raw):
    target = LabelTarget.fit(raw)
    again = target_from_dict(json.loads(json.dumps(target.to_dict())))
    assert again == target
    assert (again.encode(raw) == target.encode(raw)).all()


@pytest.mark.parametrize(
    ("raw", "problem", "where"),
    [
        (np.array([[0, 1], [1, 1]]), "a label is constant", "label 'b'"),
        (np.array([[0, "x"], [1, "x"]], object), "not a yes-or-no question", "target 'b'"),
        (np.array([[0, "x"], [1, "y"], [1, "z"]], object), "not a yes-or-no question", "target 'b'"),
        (np.array([[0, 1], [1, None]], object), "a target is missing", "row 1 (counted from 0), target 'b'"),
        (np.array([[0, 1], [1, np.nan]]), "a target is missing", "row 1 (counted from 0), target 'b'"),
        (np.zeros((2, 2, 2)), "too many dimensions", None),
        (np.array(["", ""], object), "no row has a label", None),
        (np.array(["a;b", "a"], object), "a label is constant", "label 'a'"),
        (np.array([1, 2, 3]), "not a yes-or-no question", "target 'label'"),
        (np.array(["0.5", "1.5", "2"], object), "not a yes-or-no question", "target 'label'"),
    ],
)
def test_what_are_no_labels(raw, problem, where):
    with pytest.raises(DataError) as caught:
        LabelTarget.fit(raw, None if raw.ndim != 2 else ("a", "b"))
    assert problem in caught.value.problem
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("raw", "names", "received"),
    [
        (np.array([[0, 1], [1, 0]]), ["a", "a"], "'a' twice"),
        (np.array([["x", 1], ["y", 0]], object), ["q", "q = y"], "'q = y' twice"),
        (np.array([[1, "x"], [0, "y"]], object), ["q = y", "q"], "'q = y' twice"),
        (np.array([["x", "x"], ["y", "y"]], object), ["q", "q"], "'q' twice"),
        (np.array([[0, 1], [1, 0]]), ["a"], "1: a"),
        (np.array([[0, 1], [1, 0]]), ["a", "b", "c"], "3: a, b, c"),
        (np.empty((2, 0)), None, "none"),
    ],
)
def test_names_that_tell_no_labels_apart(raw, names, received):
    with pytest.raises(DataError) as caught:
        LabelTarget.fit(raw, names)
    assert caught.value.received == received


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (np.array([["f", "yes"]]), "does not match the labels"),
        (np.array([[1, "x", "no"]], object), "neither yes nor no"),
        (np.array([[2, "f", "no"]], object), "neither yes nor no"),
        (np.array([[1, None, "no"]], object), "a target is missing"),
    ],
)
def test_answers_that_cannot_be_told(raw, problem):
    with pytest.raises(DataError) as caught:
        LabelTarget.fit(MIXED, ("loop", "sex", "paid")).encode(raw)
    assert problem in caught.value.problem


def test_outputs_that_do_not_fit():
    target = LabelTarget(("a", "b"))
    with pytest.raises(DataError, match="does not match the labels"):
        target.matrix(np.zeros((1, 2), bool), 3, np.float32)


def test_a_part_that_shows_one_answer_only_is_remarked():
    target = LabelTarget(("a", "b", "c"))
    train = np.array([[True, False, True], [False, False, True]])
    (b, c) = target.remarks(train, train)
    assert "'b' is no in all 2 rows" in b
    assert "'c' is yes in all 2 rows" in c
