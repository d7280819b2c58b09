"""Masks and evenly distributed numbers, drawn from a key and a place alone, against `pellucid.random`."""

import numpy as np
import pytest

from pellucid.random import bound, words

KEY = np.array([0x12345678, 0x9ABCDEF0], np.uint32)
PLACES = [0, 1, 1000, 2**32 - 3]  # the last goes past the end of 32 bits, and on from 0


def mixed(x):
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    return x ^ (x >> np.uint32(16))


def drawn_words(first, n):
    """Give the words from a place on, as the formula of `words` says."""
    places = (first + np.arange(n, dtype=np.uint64)).astype(np.uint32)
    return mixed(mixed(places ^ KEY[0]) + KEY[1])


def test_the_formula_is_that_of_words():
    np.testing.assert_array_equal(drawn_words(3, 5), words(KEY, 8)[3:])


@pytest.mark.parametrize("first", PLACES)
def test_a_mask_drops_what_is_below_the_threshold(first, primitives):
    n, rate = 3 * primitives.block, 0.3
    c = primitives.array(np.full(n + 1, 9))
    primitives("mask")(c, n, first, KEY, bound(rate), 1 / (1 - rate))
    wanted = np.where(drawn_words(first, n) >= bound(rate), primitives.dtype.type(1 / (1 - rate)), 0)
    np.testing.assert_array_equal(c[:n], wanted)
    assert c[n] == 9
    assert 0 < np.count_nonzero(wanted) < n


def test_a_word_that_is_the_threshold_is_kept(primitives):
    n = primitives.block
    words_drawn, c = drawn_words(0, n), primitives.array(np.zeros(n))
    for threshold in words_drawn:
        primitives("mask")(c, n, 0, KEY, int(threshold), 2.0)
        np.testing.assert_array_equal(c, np.where(words_drawn >= threshold, 2, 0))


@pytest.mark.parametrize("first", PLACES)
def test_numbers_are_the_upper_bits_of_words(first, primitives):
    n = 2 * primitives.block
    c = primitives.array(np.zeros(n))
    primitives("draw")(c, n, first, KEY)
    np.testing.assert_array_equal(c, (drawn_words(first, n) >> 8) * 2.0**-24)
