"""Random numbers that depend on the seed and their purpose, never on the order of the draws."""

import pickle
import random
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["bound", "box_muller", "draws_undone", "keys", "permutation", "stream", "words"]

T = TypeVar("T")

# Each purpose has its own number, so that an additional draw for one of them changes none of the others.
_PURPOSES = {
    "weights": 1,
    "shuffle": 2,
    "split": 3,
    "demonstration": 4,
    "dropout": 5,
    "noise": 6,
    "validation": 7,
    "search": 8,
    "measuring": 9,
}


def stream(seed: int, purpose: str, index: int = 0) -> np.random.Generator:
    """Return the random generator of a seed, a purpose and an index, such as that of the epoch or the layer.

    Examples
    --------
    >>> first = stream(0, "weights", 1).random()
    >>> first == stream(0, "weights", 1).random(), first == stream(0, "weights", 2).random()
    (True, False)
    """
    return np.random.Generator(_bits(seed, purpose, index))


def permutation(n: int, seed: int, purpose: str, index: int = 0) -> NDArray[np.intp]:
    """Shuffle the numbers 0 to n - 1.

    The order comes from sorting raw 64-bit words: NumPy guarantees that those never change, but not its own
    shuffle.

    Examples
    --------
    >>> sorted(permutation(5, seed=0, purpose="shuffle", index=1).tolist())
    [0, 1, 2, 3, 4]
    """
    words = _bits(seed, purpose, index).random_raw(n)
    order = np.argsort(words)
    placed = words[order]
    if (placed[1:] == placed[:-1]).any():  # so that ties do not depend on the sorting algorithm
        order = np.argsort(words, kind="stable")
    return order


def keys(seed: int, purpose: str, indices: NDArray[Any], n: int) -> NDArray[np.uint32]:
    """Return n keys for each of m indices, such as those of the updates, to draw random words with `words`.

    The keys have the shape (m, n, 2).

    Examples
    --------
    >>> keys(0, "dropout", np.arange(3), n=2).shape
    (3, 2, 2)
    """
    high, low = (np.uint32(half) for half in divmod(int(_bits(seed, purpose, 0).random_raw()), 2**32))
    numbers = np.asarray(indices, np.int64)[:, None] * n + np.arange(n)
    first = _mixed(_mixed(numbers.astype(np.uint32) ^ high) + (numbers >> 32).astype(np.uint32))
    return np.stack([first, _mixed(first + low)], axis=-1)


def words(key: NDArray[np.uint32], n: int) -> NDArray[np.uint32]:
    r"""Draw n words of 32 random bits; each depends on its index alone, so any can be drawn by itself.

    .. math::
        w_i = m(m(i \oplus k_1) + k_2)

    with the two halves of the key, which is one of those of `keys`, and a mixing function m.

    References
    ----------
    The constants of the mixing function: Wellons 2018, https://nullprogram.com/blog/2018/07/31/

    Examples
    --------
    >>> key = keys(0, "dropout", np.arange(1), n=1)[0, 0]
    >>> bool((words(key, 5)[:3] == words(key, 3)).all())
    True
    """
    indices = np.arange(n, dtype=np.uint64).astype(np.uint32)
    return _mixed(_mixed(indices ^ key[0]) + key[1])


def bound(share: float) -> int:
    """Return the threshold below which a given share of all words lies.

    Examples
    --------
    >>> bound(0.25) == 2**30
    True
    """
    return min(round(share * 2**32), 2**32 - 1)


def _mixed(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    for by, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> np.uint32(by))) * np.uint32(factor)
    return x ^ (x >> np.uint32(16))


def box_muller(first: Any, second: Any) -> Any:
    r"""Turn two numbers drawn uniformly from [0, 1) into a standard normal number (Box-Muller).

    .. math::
        \sqrt{-2 \ln(1 - u)} \cos(2 \pi v)

    References
    ----------
    Box and Muller 1958, https://doi.org/10.1214/aoms/1177706645

    Examples
    --------
    >>> float(box_muller(np.float64(0.0), np.float64(0.3)))
    0.0
    """
    return np.sqrt(-2 * np.log(1 - first)) * np.cos(2 * np.pi * second)


def _bits(seed: int, purpose: str, index: int) -> np.random.PCG64:
    # Purpose and index are a spawn key: appended to the seed, they could be taken for its higher words.
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_PURPOSES[purpose], index)))


def draws_undone(work: Callable[[], T]) -> tuple[T, bool]:
    """Do some work, and restore the states of the global generators of `random` and `numpy.random`.

    Return the result of the work, and whether it drew from one of them.

    Examples
    --------
    >>> draws_undone(lambda: 3), draws_undone(lambda: random.random() < 1)
    ((3, False), (True, True))
    """
    plain, of_numpy = random.getstate(), _numpy_state()
    try:
        result = work()
    finally:
        drew = random.getstate() != plain or pickle.dumps(_numpy_state()) != pickle.dumps(of_numpy)
        if drew:
            random.setstate(plain)
            np.random.set_state(of_numpy)  # noqa: NPY002 # the generator that others draw from
    return result, drew


def _numpy_state() -> Any:
    return np.random.get_state(legacy=False)  # noqa: NPY002 # as above
