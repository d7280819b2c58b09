"""Data and first weights from whole numbers by a fixed recipe, the same with any version of any library."""

import numpy as np

N_INPUTS = 24
# The columns of sparse data: enough to be taken in two halves.
N_SPARSE = 300


def whole_numbers(shape, low, high, seed):
    """Draw whole numbers from low to below high: splitmix64 of their places, Steele et al. 2014."""
    z = np.arange(1, np.prod(shape, dtype=int) + 1, dtype=np.uint64) + np.uint64(seed << 32)
    z *= np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    z ^= z >> np.uint64(31)
    return (low + (z % np.uint64(high - low)).astype(np.int64)).reshape(shape)


def inputs_of(kind, n, seed):
    """Return n rows of inputs; sparse ones are written out, with their zeros."""
    if kind == "bytes":
        pixels = whole_numbers((n, N_INPUTS), 0, 256, seed)
        return np.where(pixels < 100, 0, pixels).astype(np.uint8)
    if kind == "one-hot":
        chosen = whole_numbers((n, 4), 0, N_INPUTS // 4, seed)
        return (chosen[:, :, None] == np.arange(N_INPUTS // 4)).reshape(n, N_INPUTS).astype(np.float32)
    sparse = kind.startswith("sparse")
    shape = n, N_SPARSE if sparse else N_INPUTS
    numbers = whole_numbers(shape, -64, 65, seed) / 32
    if kind.endswith("float64"):  # more digits than a float32 has, and few enough for sums without rounding
        numbers += whole_numbers(shape, -128, 129, seed + 1) / 2**28
    if sparse:
        numbers[whole_numbers(shape, 0, 10, seed + 2) > 0] = 0
    return numbers.astype(kind.removeprefix("sparse "))


def targets_of(kind, x):
    """Return targets that the inputs tell something of: sums without any rounding."""
    x = x.astype(np.float64)
    a, b, c = x[:, 0::3].sum(axis=1), x[:, 1::3].sum(axis=1), x[:, 2::3].sum(axis=1)
    if kind == "classes":
        return 2 * (a > b) + (b > c)
    if kind == "uneven classes":  # so many of each that their weights are fractions of powers of two
        return np.repeat(np.arange(4), np.array([8, 4, 2, 2]) * (len(x) // 16))
    if kind == "two classes":
        return (a > b).astype(np.int64)
    if kind == "labels":
        return np.stack([a > b, b > c, a > c], axis=1)
    if kind == "value":
        return ((a - b) / 8)[:, None]
    if kind == "counts":
        return np.abs(np.rint(np.stack([a - b, b - c], axis=1) / 2))
    return np.stack([a - b, b - c, a * c / 8], axis=1) / 8  # values


def weights_of(n_in, n_out, seed):
    """Return first weights of about the usual size, multiples of a power of two."""
    scale = 2.0 ** -(6 + np.ceil(np.log2(n_in) / 2))
    return whole_numbers((n_in, n_out), -96, 97, seed) * scale
