"""Data with numbers far out: training with the default settings does not diverge, and learns."""

import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data
from pellucid.training import build_network, train


def one_wrong_cell(x):
    x[77, 1] = 9831.3


def one_cell_beyond_measure(x):
    x[77, 1] = 1e308


def a_sentinel(x):
    x[::100, 1] = -9999.0


def long_tails(x):
    x[:] = np.sinh(2 * x - 5)


def a_rare_yes(x):
    x[:, 3] = 0
    x[:4000:800, 3] = 1


@pytest.mark.parametrize(
    "spoil", [one_wrong_cell, one_cell_beyond_measure, a_sentinel, long_tails, a_rare_yes]
)
@pytest.mark.parametrize("as_table", [True, False])
def test_columns(spoil, as_table):
    x = np.random.default_rng(7).uniform(0, 5, (4000, 4))
    y = x[:, 0] - 2 * x[:, 1] + np.sin(2 * x[:, 2])
    spoil(x)
    data = load_data(pl.DataFrame({**dict(zip("abcd", x.T, strict=True)), "y": y}) if as_table else (x, y))
    model = train(build_network(data), data, epochs=5)
    assert model.stopped is None
    assert model.figures["test_r2"] > 0.85


def a_third_far_out(random):
    body = np.exp(random.normal(1, 3.5, 65))  # as of animals from mouse to whale, in kg
    return body[:, None], 10 * body**0.75 * np.exp(random.normal(0, 0.5, 65))


def a_row_6_deviations_away(random):
    x = random.normal(60, 10, (60, 3))
    x[0] = 166, 160, 170
    return x, x.sum(axis=1) + random.normal(0, 3, 60)


def most_of_two_years(random):
    rows = {
        2005: 188,
        2008: 187,
        **dict.fromkeys((1990, 1993, 1994, 1995), 4),
        **dict.fromkeys(range(1985, 1990), 1),
    }
    years = np.repeat(np.array(list(rows), float), list(rows.values()))
    return years[:, None], random.normal(7, 5, len(years)) + 0.3 * (years - 2005)


@pytest.mark.parametrize("table", [a_third_far_out, a_row_6_deviations_away, most_of_two_years])
@pytest.mark.parametrize("seed", range(4))
def test_few_rows(table, seed):
    x, y = table(np.random.default_rng(seed))
    data = load_data((x, y), task="regression")
    model = train(build_network(data), data)
    assert model.stopped is None
    assert model.figures["train_r2"] > 0


def test_words_one_hot_by_hand_are_learned_like_words(data_folder):
    frame = pl.read_csv(data_folder / "california" / "housing.csv")
    r2 = []
    for table in (frame, frame.to_dummies("ocean_proximity")):
        data = load_data(table, target="median_house_value")
        model = train(build_network(data), data, epochs=5)
        assert model.stopped is None
        r2.append(model.figures["test_r2"])
    assert r2[0] == pytest.approx(r2[1], abs=0.02)
    assert min(r2) > 0.7


def test_a_target_with_a_long_tail():
    x = np.random.default_rng(3).normal(size=(60_000, 5))
    y = np.exp(2 * (x[:, 0] - x[:, 1] + np.sin(2 * x[:, 2])))
    data = load_data((x, y))
    assert np.abs(data.train.targets - data.target.mean).max() / data.target.spread > 100
    model = train(build_network(data), data, epochs=3)
    assert model.stopped is None
    assert model.has_learned
