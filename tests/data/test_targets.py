import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import ClassTarget, ValueTarget, target_from_dict
from pellucid.data.raw_targets import detect_task
from pellucid.errors import DataError

WORDS = np.array(["cat", "dog", "cat", "ant"])


class TestClasses:
    @pytest.mark.parametrize(
        ("raw", "labels", "codes"),
        [
            (WORDS, ("ant", "cat", "dog"), [1, 2, 1, 0]),
            (np.array([3, -1, 3]), (-1, 3), [1, 0, 1]),
            (np.array([9, 10, 2]), (2, 9, 10), [1, 2, 0]),
            (np.array(["9", "10", "2"], object), (2, 9, 10), [1, 2, 0]),
            (np.array(["1.0", "0"], object), (0, 1), [1, 0]),
            (np.array([1.0, 0.0]), (0, 1), [1, 0]),
            (np.array([True, False]), ("False", "True"), [1, 0]),
            (np.array(["1", "b"], object), ("1", "b"), [0, 1]),
        ],
    )
    def test_labels_in_order(self, raw, labels, codes):
        target = ClassTarget.fit(raw)
        assert target.labels == labels
        assert target.n_classes == len(labels)
        assert target.encode(raw).tolist() == codes
        assert target.encode(raw).dtype == np.intp

    def test_names_are_text(self):
        assert ClassTarget(None, (3, 7)).names == ("3", "7")

    def test_a_number_among_labels_of_text(self):
        assert ClassTarget(None, ("1", "b")).encode(np.array([1.0])).tolist() == [0]

    def test_a_label_outside_the_classes(self):
        with pytest.raises(DataError) as caught:
            ClassTarget.fit(WORDS).encode(np.array(["dog", "catt"]))
        assert caught.value.received == "'catt'"
        assert caught.value.where == "row 1 (counted from 0)"
        assert caught.value.remedy == "did you mean 'cat'?"

    @pytest.mark.parametrize(
        ("raw", "problem"),
        [
            (np.array(["a", "a"]), "one class only"),
            (np.array([0.5, 1.0]), "no whole number"),
            (np.array([np.nan, 1.0]), "no whole number"),
            (np.array([np.inf, 1.0]), "no whole number"),
            (np.array([1e30, 1.0]), "no whole number"),
            (np.array([None, "a"], object), "a target is missing"),
            (np.eye(2), "one label an example"),
        ],
    )
    def test_what_is_no_label(self, raw, problem):
        with pytest.raises(DataError, match=problem):
            ClassTarget.fit(raw)

    def test_one_hot(self):
        matrix = ClassTarget.fit(WORDS).matrix(np.array([2, 0]), 3, np.float32)
        assert matrix.dtype == np.float32
        assert matrix.tolist() == [[0, 0, 1], [1, 0, 0]]

    def test_two_classes_in_one_column_or_two(self):
        target = ClassTarget(None, ("no", "yes"))
        assert target.matrix(np.array([1, 0]), 1, np.float64).tolist() == [[1], [0]]
        assert target.matrix(np.array([1, 0]), 2, np.float64).tolist() == [[0, 1], [1, 0]]

    @pytest.mark.parametrize(("labels", "n_outputs"), [(("a", "b", "c"), 1), (("a", "b"), 3), ((0, 1, 2), 2)])
    def test_outputs_that_do_not_suit(self, labels, n_outputs):
        with pytest.raises(DataError, match="do not suit"):
            ClassTarget(None, labels).matrix(np.array([0]), n_outputs, np.float64)

    @given(st.lists(st.text(min_size=1), min_size=2, unique=True))
    def test_through_json(self, labels):
        target = ClassTarget("x", tuple(labels))
        assert target_from_dict(json.loads(json.dumps(target.to_dict()))) == target


class TestValues:
    def test_by_hand(self):
        target = ValueTarget.fit(np.array([[1.0, 10], [3, 30]]))
        assert target.names == ("y 0", "y 1")
        assert (target.mean.tolist(), target.scale.tolist()) == ([2, 20], [1, 10])
        assert target.matrix(np.array([[5.0, 0]]), 2, np.float64).tolist() == [[3, -2]]
        assert target.to_units(np.array([[3, -2]])).tolist() == [[5, 0]]

    @given(st.lists(st.floats(-1e6, 1e6), min_size=2, unique=True))
    def test_there_and_back(self, values):
        target = ValueTarget.fit(np.array(values))
        encoded = target.encode(np.array(values))
        assert encoded.shape == (len(values), 1)
        back = target.to_units(target.matrix(encoded, 1, np.float64))
        np.testing.assert_allclose(back, encoded, rtol=1e-9, atol=1e-6)

    def test_plain_changes_nothing(self):
        plain = ValueTarget.fit(np.array([1.0, 9])).plain()
        assert plain.matrix(np.array([[7.5]]), 1, np.float64).tolist() == [[7.5]]
        assert plain.to_units(np.array([[7.5]])).tolist() == [[7.5]]

    def test_unshifted_changes_no_sign(self):
        unshifted = ValueTarget.fit(np.array([1.0, 9])).unshifted()  # a spread of 4
        assert unshifted.matrix(np.array([[8.0], [0.0], [-4.0]]), 1, np.float64).tolist() == [[2], [0], [-1]]
        assert unshifted.to_units(np.array([[2.0]])).tolist() == [[8]]

    def test_text_that_reads_as_numbers(self):
        target = ValueTarget.fit(np.array(["1.5", "2e1"], object), ("price",))
        assert target.name == "price"
        assert target.encode(np.array(["-3"], object)).tolist() == [[-3]]

    @pytest.mark.parametrize(
        ("raw", "problem", "received"),
        [
            (np.array(["1", "many"], object), "needs numbers", "'many'"),
            (np.array(["1", "1_0"], object), "needs numbers", "'1_0'"),
            (np.array(["1", "inf"], object), "needs numbers", "'inf'"),
            (np.array([1.0, np.nan]), "no finite number", "a missing value (NaN)"),
            (np.array(["1", None], object), "no finite number", "a missing value (NaN)"),
            (np.array([1.0, np.inf]), "no finite number", "inf"),
            (np.array([2.0, 2.0]), "one value only", "2 in all 2 rows"),
            (np.zeros((2, 2, 2)), "too many dimensions", "shape (2, 2, 2)"),
        ],
    )
    def test_what_is_no_value(self, raw, problem, received):
        with pytest.raises(DataError, match=problem) as caught:
            ValueTarget.fit(raw)
        assert caught.value.received == received

    def test_another_number_of_outputs(self):
        target = ValueTarget.fit(np.array([1.0, 2]))
        with pytest.raises(DataError, match="does not match"):
            target.matrix(np.array([[1.0]]), 2, np.float64)
        with pytest.raises(DataError, match="does not match"):
            target.encode(np.eye(2))

    def test_through_json(self):
        target = ValueTarget.fit(np.array([0.1, 1 / 3, 7]), ("price",))
        again = target_from_dict(json.loads(json.dumps(target.to_dict())))
        assert (again.names, again.mean.tolist(), again.scale.tolist()) == (
            target.names,
            target.mean.tolist(),
            target.scale.tolist(),
        )


@pytest.mark.parametrize(
    ("raw", "task"),
    [
        (WORDS, "classification"),
        (np.array([True, False]), "classification"),
        (np.arange(20), "classification"),
        (np.arange(21), "regression"),
        (np.array([1.0, 2.0]), "classification"),
        (np.array([1.0, 2.5]), "regression"),
        (np.array(["1", "2"], object), "classification"),
        (np.array(["1", "2.5"], object), "regression"),
        (np.eye(3), "regression"),
    ],
)
def test_the_task_is_told_by_the_targets(raw, task):
    assert detect_task(raw) == task
