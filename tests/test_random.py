import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pellucid.random import bound, box_muller, draws_undone, keys, permutation, stream, words

PURPOSES = ("weights", "shuffle", "split", "demonstration", "dropout", "noise", "validation")


def numbers(seed, purpose, index):
    return stream(seed, purpose, index).random(50)


def test_the_same_seed_purpose_and_index_give_the_same_numbers():
    np.testing.assert_array_equal(numbers(3, "weights", 2), numbers(3, "weights", 2))
    np.testing.assert_array_equal(permutation(99, 3, "shuffle", 2), permutation(99, 3, "shuffle", 2))


def test_the_index_is_0_unless_said():
    assert stream(3, "split").random() == stream(3, "split", 0).random()
    np.testing.assert_array_equal(permutation(9, 3, "split"), permutation(9, 3, "split", 0))


def test_streams_are_independent():
    # 5 seeds x 7 purposes x 5 indices: no number twice among 8,750 (of 2^53 that there are), and no two
    # streams that go together. 15,225 pairs of 50 numbers each: a correlation beyond 0.8 in one of them has
    # a chance below 1e-7.
    drawn = np.array([numbers(s, p, i) for s in range(5) for p in PURPOSES for i in range(5)])
    assert len(np.unique(drawn)) == drawn.size
    assert np.abs(np.corrcoef(drawn) - np.eye(len(drawn))).max() < 0.8


def test_an_unknown_purpose_is_refused():
    with pytest.raises(KeyError, match="lottery"):
        stream(0, "lottery")


def test_known_numbers():
    # Raw words are what NumPy promises for ever; if this fails, every seed means something else than before.
    raw = np.random.PCG64(np.random.SeedSequence(0, spawn_key=(2, 1))).random_raw(2)
    assert raw.tolist() == [5403977206170709550, 4180774674250506426]
    assert permutation(10, seed=0, purpose="shuffle", index=1).tolist() == [2, 1, 0, 6, 8, 4, 7, 9, 5, 3]
    assert stream(0, "weights", 1).random() == 0.5891776823904694


def test_a_seed_of_many_words_is_none_of_another_purpose_or_index():
    # Written one after the other, seed, purpose and index would be the words of one long number.
    assert stream(2**32 + 5, "weights").random() != stream(5, "weights", 1).random()


def test_the_purposes_keep_their_numbers():
    # A purpose moved to another number would move all that was ever drawn for it.
    for number, purpose in enumerate(PURPOSES, start=1):
        expected = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(5, spawn_key=(number, 6)))
        ).random(3)
        np.testing.assert_array_equal(stream(5, purpose, 6).random(3), expected)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 2**64), st.sampled_from(PURPOSES), st.integers(0, 1000))
def test_a_permutation_has_each_number_once(n, seed, purpose, index):
    order = permutation(n, seed, purpose, index)
    assert order.dtype == np.intp
    np.testing.assert_array_equal(np.sort(order), np.arange(n))


def test_permutations_differ_by_seed_purpose_and_index():
    orders = [permutation(50, s, p, i).tolist() for s in range(3) for p in PURPOSES for i in range(3)]
    assert len({tuple(order) for order in orders}) == len(orders)


def test_every_order_is_as_likely():
    # 6,000 shuffles of three: 1,000 of each of the six orders, give or take five times sqrt(833) = 145.
    orders = [tuple(permutation(3, 0, "shuffle", epoch).tolist()) for epoch in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert max(abs(count - 1000) for count in counts) < 145


def mixed(x):
    """A word's bits spread over all of it, in whole numbers of any size."""
    for by, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> by)) * factor % 2**32
    return x ^ (x >> 16)


def test_words_by_hand():
    (first, second), *_ = key = keys(3, "dropout", np.array([5]), n=1)[0]
    expected = [mixed((mixed(place ^ int(first)) + int(second)) % 2**32) for place in range(20)]
    assert words(key[0], 20).tolist() == expected
    # The constants do what they were chosen for: one bit more or less changes each other every second time.
    changed = [mixed(place) ^ mixed(place ^ 1 << bit) for place in range(500) for bit in range(32)]
    of_each = [sum(word >> bit & 1 for word in changed) / len(changed) for bit in range(32)]
    # 16,000 draws: six standard errors of one half
    assert np.abs(np.array(of_each) - 0.5).max() < 6 * 0.5 / np.sqrt(16_000)


def test_keys_by_hand():
    raw = int(np.random.PCG64(np.random.SeedSequence(3, spawn_key=(5, 0))).random_raw())
    high, low = divmod(raw, 2**32)
    number = 2 * (2**33 + 7) + 1  # the second of two, in an update so late that it takes more than a word
    first = mixed((mixed(number % 2**32 ^ high) + number // 2**32) % 2**32)
    assert keys(3, "dropout", np.array([2**33 + 7]), n=2)[0, 1].tolist() == [
        first,
        mixed((first + low) % 2**32),
    ]


def test_known_words():
    # If this fails, every seed leaves out other outputs than before.
    assert words(keys(0, "dropout", np.array([1]), n=2)[0, 1], 3).tolist() == [
        872619865,
        2194740142,
        216742559,
    ]


def test_keys_differ_by_seed_purpose_index_and_number():
    drawn = np.array([keys(s, p, np.arange(9), 3) for s in range(3) for p in ("dropout", "noise")])
    assert len(np.unique(drawn[..., 0])) == len(np.unique(drawn[..., 1])) == 2 * 3 * 9 * 3


def test_words_are_spread_evenly_and_independent():
    drawn = np.array([words(key, 4096) for key in keys(1, "noise", np.arange(20), 2).reshape(-1, 2)])
    # 163,840 draws in 64 bins: a chi-square with 63 degrees of freedom is beyond 130 once in 600,000 times.
    expected = drawn.size / 64
    assert (np.square(np.bincount((drawn >> 26).ravel(), minlength=64) - expected) / expected).sum() < 130
    # Of 780 pairs of keys and 39 distances to a neighbour, none goes together: six standard errors.
    values = drawn / 2**32
    assert np.abs(np.corrcoef(values) - np.eye(40)).max() < 6 / np.sqrt(4096)
    for apart in range(1, 40):
        assert abs(np.corrcoef(values[:, apart:].ravel(), values[:, :-apart].ravel())[0, 1]) < 6 / 400


@pytest.mark.parametrize(("share", "word"), [(0, 0), (0.25, 2**30), (0.5, 2**31), (1 - 1e-12, 2**32 - 1)])
def test_the_bound_of_a_share(share, word):
    assert bound(share) == word


def test_the_bell_is_normal():
    first, second = (words(key, 100_000) / 2**32 for key in keys(2, "noise", np.array([0]), 2)[0])
    # a Kolmogorov-Smirnov test below 1e-6 would come once in a million seeds
    assert stats.kstest(box_muller(first, second), "norm").pvalue > 1e-6


def test_draws_are_undone_even_where_the_work_fails():
    def fails():
        random.random()
        np.random.normal()  # noqa: NPY002 # what others draw from
        raise ZeroDivisionError

    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    with pytest.raises(ZeroDivisionError):
        draws_undone(fails)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    assert draws_undone(lambda: np.random.default_rng(0).integers(5, 6)) == (5, False)
