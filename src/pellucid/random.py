"""Random numbers drawn by what they are for, never by who asked first."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["permutation", "shares", "stream"]

# Each use has its own number, so that one more draw for one of them moves none of the others.
_PURPOSES = {
    "weights": 1,
    "shuffle": 2,
    "split": 3,
    "demonstration": 4,
    "dropout": 5,
    "noise": 6,
    "validation": 7,
    "search": 8,
}


def stream(seed: int, purpose: str, index: int = 0) -> np.random.Generator:
    """Give the random numbers that belong to a seed, a purpose and an index.

    Parameters
    ----------
    seed : int
        The seed of the whole run, 0 or more.
    purpose : {"weights", "shuffle", "split", "demonstration", "dropout", "noise", "validation", "search"}
        What the numbers are for.
    index : int
        Which draw for that purpose: the epoch, the layer.

    Examples
    --------
    >>> first = stream(0, "weights", 1).random()
    >>> first == stream(0, "weights", 1).random(), first == stream(0, "weights", 2).random()
    (True, False)
    """
    return np.random.Generator(_bits(seed, purpose, index))


def permutation(n: int, seed: int, purpose: str, index: int = 0) -> NDArray[np.intp]:
    """Shuffle the numbers 0 to n - 1.

    The order comes from sorting raw 64-bit words: NumPy promises those for ever, which it does not
    for its own shuffle.

    Parameters
    ----------
    n : int
        How many.
    seed, purpose, index
        As in `stream`.

    Returns
    -------
    array of int, shape (n,)

    Examples
    --------
    >>> sorted(permutation(5, seed=0, purpose="shuffle", index=1).tolist())
    [0, 1, 2, 3, 4]
    """
    words = _bits(seed, purpose, index).random_raw(n)
    order = np.argsort(words)
    placed = words[order]
    if (placed[1:] == placed[:-1]).any():  # then the order is that of the words, not the way of sorting's
        order = np.argsort(words, kind="stable")
    return order


def shares(n: int, seed: int, purpose: str, index: int = 0) -> NDArray[np.float64]:
    """Draw numbers from 0 to below 1, each as likely as the other.

    They are the upper 53 bits of raw words, which NumPy promises for ever.

    Parameters
    ----------
    n : int
        How many.
    seed, purpose, index
        As in `stream`.

    Returns
    -------
    array of float64, shape (n,)

    Examples
    --------
    >>> bool((shares(1000, seed=0, purpose="dropout") < 1).all())
    True
    """
    drawn: NDArray[Any] = (_bits(seed, purpose, index).random_raw(n) >> np.uint64(11)) * 2.0**-53
    return drawn


def _bits(seed: int, purpose: str, index: int) -> np.random.PCG64:
    # Purpose and index go in as a spawn key: beside a seed of more than 32 bits they could be taken for its
    # higher words.
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_PURPOSES[purpose], index)))
