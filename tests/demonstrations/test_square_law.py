"""The tutorial's example: a network too small, one that fits, one that overfits, asked at x = 5."""

import numpy as np
import pytest

from pellucid.demonstrations import ASKED, TRUTH, fit_square_law, square_law


@pytest.fixture(scope="module")
def fits():
    return {fit.kind: fit for fit in fit_square_law(seed=0)}


def test_the_points():
    data = square_law(500, noise=2.0, seed=3, test_size=400)
    assert (len(data.train), len(data.test), data.task) == (500, 400, "regression")
    x = (
        np.concatenate([part.inputs for part in (data.train, data.test)]) * data.inputs.scale
        + data.inputs.mean
    )
    y = np.concatenate([part.targets for part in (data.train, data.test)])
    assert -4 <= x.min() < -3.9 < 3.9 < x.max() <= 4
    assert (y - x**2).mean() == pytest.approx(0, abs=0.2)
    assert (y - x**2).std() == pytest.approx(2, rel=0.1)


def test_the_same_seed_draws_the_same_points():
    first, second, other = (square_law(20, noise=1.0, seed=seed) for seed in (1, 1, 2))
    assert (first.train.inputs == second.train.inputs).all()
    assert (first.train.inputs != other.train.inputs).any()


def test_the_verdicts(fits):
    assert {kind: fit.model.diagnosis.verdict for kind, fit in fits.items()} == {
        "too small": "underfitting",
        "fitting": "good",
        "overfitting": "overfitting",
    }


def test_what_they_learned_from(fits):
    assert [fit.n_points for fit in fits.values()] == [200, 200, 12]


def test_what_each_says_at_5(fits):
    assert (ASKED, TRUTH) == (5.0, 25.0)
    for fit in fits.values():
        assert fit.at_five == fit.model.predict([[5.0]])[0]
    off = {kind: abs(fit.at_five - TRUTH) for kind, fit in fits.items()}
    assert off["fitting"] < 5
    assert off["too small"] > 2 * off["fitting"]
    assert off["overfitting"] > 2 * off["fitting"]


def test_the_small_one_is_a_straight_line(fits):
    said = fits["too small"].model.predict([[-4.0], [0.0], [4.0]])
    assert said[0] + said[2] == pytest.approx(2 * said[1], rel=1e-4)


def test_the_overfitting_one_knows_its_points_by_heart(fits):
    last = fits["overfitting"].model.history[-1]
    assert last["train_rmse"] < 0.5 * last["test_rmse"]
    fitting = fits["fitting"].model.history[-1]
    assert fitting["test_rmse"] == pytest.approx(1.0, rel=0.2)  # the noise itself
