import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pellucid.data import ValueTarget, target_from_dict
from pellucid.errors import DataError


def test_by_hand():
    target = ValueTarget.fit(np.array([[1.0, 10], [3, 30]]))
    assert target.names == ("y 0", "y 1")
    assert (target.mean.tolist(), target.scale.tolist()) == ([2, 20], [1, 10])
    assert target.matrix(np.array([[5.0, 0]]), 2, np.float64).tolist() == [[3, -2]]
    assert target.to_units(np.array([[3, -2]])).tolist() == [[5, 0]]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, unique=True))
@example([0.0, 5e-324])
def test_there_and_back(values):
    target = ValueTarget.fit(np.array(values))
    encoded = target.encode(np.array(values))
    assert encoded.shape == (len(values), 1)
    back = target.to_units(target.matrix(encoded, 1, np.float64))
    np.testing.assert_allclose(back, encoded, rtol=1e-9, atol=1e-6)


def test_plain_changes_nothing():
    plain = ValueTarget.fit(np.array([1.0, 9])).plain()
    assert plain.matrix(np.array([[7.5]]), 1, np.float64).tolist() == [[7.5]]
    assert plain.to_units(np.array([[7.5]])).tolist() == [[7.5]]


def test_unshifted_changes_no_sign():
    unshifted = ValueTarget.fit(np.array([1.0, 9])).unshifted()  # a spread of 4
    assert unshifted.matrix(np.array([[8.0], [0.0], [-4.0]]), 1, np.float64).tolist() == [[2], [0], [-1]]
    assert unshifted.to_units(np.array([[2.0]])).tolist() == [[8]]


def test_text_that_reads_as_numbers():
    target = ValueTarget.fit(np.array(["1.5", "2e1"], object), ("price",))
    assert target.name == "price"
    assert target.encode(np.array(["-3"], object)).tolist() == [[-3]]


@pytest.mark.parametrize(
    ("raw", "problem", "received"),
    [
        (np.array(["1", "many"], object), "needs numbers", "'many'"),
        (np.array(["1", "1_0"], object), "needs numbers", "'1_0'"),
        (np.array(["1", "inf"], object), "needs numbers", "'inf'"),
        (np.array([1.0, np.nan]), "not a finite number", "a missing value (NaN)"),
        (np.array(["1", None], object), "not a finite number", "a missing value (NaN)"),
        (np.array([1.0, np.inf]), "not a finite number", "inf"),
        (np.array([2.0, 2.0]), "is constant", "2 in all 2 rows"),
        (np.zeros((2, 2, 2)), "too many dimensions", "shape (2, 2, 2)"),
    ],
)
def test_what_is_no_value(raw, problem, received):
    with pytest.raises(DataError, match=problem) as caught:
        ValueTarget.fit(raw)
    assert caught.value.received == received


@pytest.mark.parametrize(
    ("raw", "names", "received"),
    [
        (np.eye(2), ["a", "a"], "'a' twice"),
        (np.eye(2), ["a"], "1: a"),
        (np.empty((2, 0)), None, "none"),
        (np.empty((2, 0)), [], "none"),
    ],
)
def test_names_that_tell_no_values_apart(raw, names, received):
    with pytest.raises(DataError) as caught:
        ValueTarget.fit(raw, names)
    assert caught.value.received == received


def test_one_value_in_one_part_only():
    with pytest.raises(DataError, match="is constant") as caught:
        ValueTarget.fit(np.array([2.0, 2.0]), part="training set")
    assert caught.value.received == "2 in all 2 rows of the training set"
    assert caught.value.remedy == "choose another target, or another test size or seed"


def test_booleans_are_0_and_1():
    for raw in (np.array([True, False]), np.array([True, False], object)):
        assert ValueTarget.fit(raw).encode(raw).tolist() == [[1], [0]]


def test_another_number_of_outputs():
    target = ValueTarget.fit(np.array([1.0, 2]))
    with pytest.raises(DataError, match="the wrong number of target values"):
        target.matrix(np.array([[1.0]]), 2, np.float64)
    with pytest.raises(DataError, match="the wrong number of target values"):
        target.encode(np.eye(2))


def test_through_json():
    target = ValueTarget.fit(np.array([0.1, 1 / 3, 7]), ("price",))
    again = target_from_dict(json.loads(json.dumps(target.to_dict())))
    assert (again.names, again.mean.tolist(), again.scale.tolist()) == (
        target.names,
        target.mean.tolist(),
        target.scale.tolist(),
    )


class TestLongTails:
    def test_a_value_far_out_makes_the_scale_larger(self):
        values = np.append(np.tile([-1.0, 1], 5000), 1e6)
        target = ValueTarget.fit(values)
        matrix = target.matrix(values[:, None], 1, np.float64)
        assert np.abs(matrix).max() == pytest.approx(50)
        assert target.spread[0] == pytest.approx(values.std())
        np.testing.assert_allclose(target.to_units(matrix)[:, 0], values, atol=1e-6)

    def test_others_are_standardised(self):
        target = ValueTarget.fit(np.exp(np.random.default_rng(0).normal(size=1000)))
        assert target.deviation is None
        assert target.spread is target.scale

    @pytest.mark.parametrize(
        ("far", "count", "said"), [(1e3, 300, True), (1e3, 90, False), (-1e3, 300, True), (1e6, 5000, True)]
    )
    def test_the_note(self, far, count, said):
        values = np.append(np.tile([1.0, 3], count // 2), far)[:, None]
        notes = ValueTarget.fit(values, ("price",)).remarks(values, values)
        assert len(notes) == said
        for note in notes:
            assert "the target 'price' has a long tail" in note
            assert ("np.log1p(y)" in note) == (far > 0)
            assert ("scaled down to 50" in note) == (count == 5000)

    def test_values_of_all_sizes_do_not_overflow(self):
        values = np.array([[1.7e308], *[[-1.7e308]] * 9])
        target = ValueTarget.fit(values)
        assert np.isfinite(target.scale).all()
        assert target.remarks(values, values) == []
