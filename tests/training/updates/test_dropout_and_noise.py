"""Dropout and noise: how much is left out, that nothing else is changed, and that each draw has its place."""

import numpy as np
import pytest
from scipy import stats

from pellucid.errors import ConfigurationError
from pellucid.network import Network
from pellucid.training import Regularisation
from pellucid.training.updates.dropout_and_noise import DropoutAndNoise


def drawn(seed=0, dtype="float64", sizes=(50, 40, 30, 3), **how):
    return DropoutAndNoise(Network(sizes, dtype=dtype), Regularisation(**how), seed)


def test_nothing_is_drawn_unless_said():
    x = np.ones((4, 50))
    assert drawn().masks(4, 0) == []
    assert drawn().noisy(x, 0) is x


def test_one_mask_for_each_place_and_none_where_nothing_is_dropped():
    masks = drawn(dropout=(0.5, 0.0), input_dropout=0.1).masks(7, 3)
    assert [None if mask is None else mask.shape for mask in masks] == [(7, 50), (7, 40), None]
    assert drawn(dropout=0.5).masks(7, 3)[0] is None


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_share_is_left_out_and_the_rest_makes_up_for_it(rate):
    _, mask, _ = drawn(dropout=rate).masks(500, 1)
    assert set(np.unique(mask)) == {0.0, 1 / (1 - rate)}
    # 20,000 draws: six standard errors, beyond which one lies once in 500 million times
    assert (mask == 0).mean() == pytest.approx(rate, abs=6 * np.sqrt(rate * (1 - rate) / mask.size))


def test_each_neuron_and_example_is_drawn_by_itself():
    _, mask, _ = drawn(dropout=0.5).masks(2000, 1)
    assert np.abs(np.corrcoef(mask.T) - np.eye(40)).max() < 6 / np.sqrt(2000)  # six standard errors
    assert np.abs(np.corrcoef(mask[:40]) - np.eye(40)).max() < 1


def test_each_draw_belongs_to_seed_and_update():
    masks = {
        (seed, update): drawn(seed, dropout=0.5).masks(5, update)[1].tobytes()
        for seed in range(3)
        for update in (0, 1, 2)
    }
    assert len(set(masks.values())) == len(masks)
    assert drawn(1, dropout=0.5).masks(5, 2)[1].tobytes() == masks[1, 2]
    # What is dropped in one place moves nothing in another that comes before it.
    with_more = drawn(1, dropout=(0.5, 0.5)).masks(1, 2)
    assert np.array_equal(drawn(1, dropout=(0.5, 0.0)).masks(1, 2)[1], with_more[1])


def test_noise_is_normal_and_of_the_size_that_was_asked_for():
    x = np.full((400, 50), 3.0)
    noise = drawn(input_noise=0.25).noisy(x, 5) - x
    # 20,000 draws; a Kolmogorov-Smirnov test below 1e-6 would come once in a million seeds
    assert stats.kstest(noise.ravel() / 0.25, "norm").pvalue > 1e-6
    assert (x == 3).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_in_the_networks_dtype(dtype):
    own = drawn(dtype=dtype, dropout=0.5, input_noise=0.1)
    assert own.masks(2, 0)[1].dtype == dtype
    assert own.noisy(np.ones((2, 50), dtype), 0).dtype == dtype


def test_dropout_must_match_the_hidden_layers():
    with pytest.raises(ConfigurationError, match="dropout does not match") as caught:
        drawn(dropout=(0.1, 0.2, 0.3))
    assert caught.value.expected == "one number, or one for each of the 2 hidden layers"
