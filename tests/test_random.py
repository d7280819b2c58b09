import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.random import permutation, shares, stream

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


def test_shares_are_what_a_generator_makes_of_the_same_words():
    # NumPy's generator takes the upper 53 bits too, today; it does not promise to for ever.
    np.testing.assert_array_equal(shares(100, 4, "dropout", 9), stream(4, "dropout", 9).random(100))


def test_shares_are_spread_evenly():
    # 10,000 draws in ten bins: a chi-square with 9 degrees of freedom is beyond 35 once in 20,000 times.
    counts = np.histogram(shares(10000, 1, "noise"), bins=10, range=(0, 1))[0]
    assert (np.square(counts - 1000) / 1000).sum() < 35
