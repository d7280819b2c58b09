import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pellucid.data.encoding.standard import clipped, fit_columns, mean_and_spread, standardised


def test_by_hand():
    # Mean 5, squared deviations 9, 1, 1, 1, 0, 0, 4, 16: their mean is 4.
    mean, spread = mean_and_spread(np.array([[2.0], [4], [4], [4], [5], [5], [7], [9]]))
    assert (mean.tolist(), spread.tolist()) == ([5.0], [2.0])


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e6, 1e6)))
def test_agrees_with_numpy(values):
    mean, spread = mean_and_spread(values)
    np.testing.assert_allclose(mean, values.mean(axis=0), rtol=1e-9, atol=1e-9)
    constant = values.max(axis=0) == values.min(axis=0)
    np.testing.assert_allclose(spread[~constant], values.std(axis=0)[~constant], rtol=1e-6, atol=1e-9)
    assert (spread[constant] == 0).all()


@pytest.mark.parametrize("value", [0.1, 1e-300, 1e300, 0.0])
def test_a_constant_column_is_not_blown_up(value):
    mean, spread = mean_and_spread(np.full((7, 1), value))
    assert (mean[0], spread[0]) == (value, 0.0)
    assert standardised(np.array([[value], [7.0]]), mean, spread).tolist() == [[0], [0]]


def test_standardising_by_hand():
    values = np.array([[1, 5], [7, 6]], np.uint8)
    result = standardised(values, np.array([4.0, 5.0]), np.array([2.0, 0.0]))
    assert (result.dtype, result.tolist()) == (np.float64, [[-1.5, 0], [1.5, 0]])
    assert standardised(np.array([1.0, np.nan]), 4.0, 2.0).tolist()[0] == -1.5


def test_squares_do_not_overflow():
    mean, spread = mean_and_spread(np.array([[1e300], [-1e300]]))
    assert mean[0] == 0
    assert spread[0] == pytest.approx(1e300)


class TestFitColumns:
    def test_without_numbers_far_out_mean_and_deviation_stay(self):
        values = np.random.default_rng(0).normal(3, 2, (500, 4))
        mean, spread = mean_and_spread(values)
        centre, scale, limit = fit_columns(values)
        assert (centre.tolist(), scale.tolist()) == (mean.tolist(), spread.tolist())
        assert limit.tolist() == [10] * 4
        # No number of the training set is changed.
        inputs = standardised(values, centre, scale)
        assert clipped(inputs, limit) is inputs

    @pytest.mark.parametrize("far", [9831.3, -9831.3, 1e30, 1e308, -1e308])
    @pytest.mark.parametrize("count", [1, 40])  # 40 lie only 7 deviations away, which they make up themselves
    def test_the_other_numbers_keep_their_scale(self, far, count):
        values = np.random.default_rng(0).uniform(0, 5, (2000, 1))
        values[:count] = far
        centre, scale, limit = fit_columns(values)
        assert centre[0] == pytest.approx(2.5, abs=0.2)
        assert scale[0] == pytest.approx(5 / 12**0.5, abs=0.2)  # the standard deviation of the others
        inputs = clipped(standardised(values, centre, scale), limit)
        assert np.abs(inputs).max() <= 4
        assert inputs[count:].std() > 0.85

    def test_a_long_tail_does_not_make_inputs_larger_than_others(self):
        values = np.exp(np.random.default_rng(0).normal(0, 4, (300, 1)))
        centre, scale, limit = fit_columns(values)
        assert centre[0] == pytest.approx(1, abs=1)
        inputs = clipped(standardised(values, centre, scale), limit)
        assert np.mean(inputs**2) == pytest.approx(1)
        # A third of the numbers lie far out: clipped, but still in their order.
        np.testing.assert_array_equal(np.argsort(inputs[:, 0]), np.argsort(values[:, 0]))

    @pytest.mark.parametrize(("n", "expected"), [(1000, True), (1001, False)])
    def test_in_few_rows_numbers_lie_far_out_from_5_deviations_on(self, n, expected):
        values = np.random.default_rng(0).uniform(-1, 1, (n, 1))
        values[0] = 6 * values.std()
        assert 5 < values[0, 0] / values.std() < 10
        assert (fit_columns(values)[2][0] < 10) == expected

    def test_one_number_can_make_up_all_of_the_deviation_of_a_few_rows(self):
        numbers = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, -77777.0])[:, None]
        (centre,), (scale,), _ = fit_columns(numbers)
        assert centre == 4
        assert scale < 10
        even = np.arange(9.0)[:, None]
        assert fit_columns(even)[0] == even.mean()

    @pytest.mark.parametrize(("usual", "rare"), [(0, 1), (1, 0)])
    def test_a_rare_yes_stays_one(self, usual, rare):
        values = np.full((20_000, 1), float(usual))
        values[:5] = rare
        centre, scale, limit = fit_columns(values)
        inputs = clipped(standardised(values, centre, scale), limit)
        assert (inputs[0, 0], inputs[5, 0]) == (rare - usual, 0)

    def test_extremes_of_both_signs_do_not_overflow(self):
        values = np.array([[1.7e308], [-1.7e308], *[[1.0]] * 300])
        centre, scale, limit = fit_columns(values)
        assert np.isfinite(clipped(standardised(values, centre, scale), limit)).all()


class TestClipped:
    def test_by_hand(self):
        # An excess of 2 over a limit of 2 becomes 2 / sqrt(2).
        result = clipped(np.array([-4.0, -2, 0, 2, 4]), 2.0)
        np.testing.assert_allclose(result, [-2 - 2**0.5, -2, 0, 2, 2 + 2**0.5])

    def test_it_never_falls_and_stays_below_twice_the_limit(self):
        inputs = np.append(np.geomspace(0.1, 1e308, 1000), np.inf)
        result = clipped(inputs, 2.0)
        assert (np.diff(result) >= 0).all()
        assert result[-1] == 4

    def test_an_infinite_limit_changes_nothing(self):
        inputs = np.array([1e300, -np.inf, 3])
        assert clipped(inputs, np.inf) is inputs
        both = clipped(np.array([[6.0, 6.0]]), np.array([np.inf, 3.0]))
        np.testing.assert_allclose(both, [[6, 3 + 3 / 2**0.5]])
