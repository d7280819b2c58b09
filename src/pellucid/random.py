"""Random numbers drawn by what they are for, never by who asked first."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["permutation", "stream"]

# Each use has its own number, so that one more draw for one of them moves none of the others.
_PURPOSES = {"weights": 1, "shuffle": 2, "split": 3, "demonstration": 4}


def stream(seed: int, purpose: str, index: int = 0) -> np.random.Generator:
    """Give the random numbers that belong to a seed, a purpose and an index.

    Parameters
    ----------
    seed : int
        The seed of the whole run, 0 or more.
    purpose : {"weights", "shuffle", "split", "demonstration"}
        What the numbers are for.
    index : int
        Which draw for that purpose: the epoch, the layer.

    Examples
    --------
    >>> first = stream(0, "weights", 1).random()
    >>> first == stream(0, "weights", 1).random(), first == stream(0, "weights", 2).random()
    (True, False)
    """
    return np.random.Generator(np.random.PCG64([seed, _PURPOSES[purpose], index]))


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
    words = np.random.PCG64([seed, _PURPOSES[purpose], index]).random_raw(n)
    return np.argsort(words, kind="stable")
