"""The pieces by hand, and the average of the weights against its sum written out."""

import numpy as np
import pytest

from pellucid.training import optimizers
from pellucid.training.penalties import penalties
from pellucid.training.updates.pieces import (
    Average,
    ClipNorm,
    ClipValue,
    Decay,
    MaxNorm,
    Move,
    Penalise,
    Piece,
    Step,
    follow,
)

W, G = np.array([[3.0, -1.0], [4.0, 0.5]]), np.array([[0.5, -2.0], [0.0, 1.0]])
NUMBERS = {
    "rate": 0.1,
    "t": 1,
    "l1": 0.2,
    "l2": 0.5,
    "decay": 0.3,
    "shrink": 0.25,
    "divisor": 5.0,
    "max_norm": 2.5,
}

# Each piece, the values that it sees, and what it makes of them.
BY_HAND = [
    (Penalise(penalties.get("l1")), {}, {"gradient": [[0.7, -2.2], [0.2, 1.2]]}),
    (Penalise(penalties.get("l2")), {}, {"gradient": [[2.0, -2.5], [2.0, 1.25]]}),
    # 0.5 / 5 of each weight
    (Penalise(penalties.get("l2"), divided=True), {}, {"gradient": [[0.8, -2.1], [0.4, 1.05]]}),
    (ClipValue(0.75), {}, {"gradient": [[0.5, -0.75], [0.0, 0.75]]}),
    (ClipNorm(1.0), {}, {"gradient": [[0.125, -0.5], [0.0, 0.25]]}),
    # v = 0.9 x 1 + g
    (
        Step(optimizers.get("momentum")),
        {"state": {"v": np.ones((2, 2))}},
        {"change": [[-0.14, 0.11], [-0.09, -0.19]], "state": {"v": [[1.4, -1.1], [0.9, 1.9]]}},
    ),
    (Decay(), {"change": np.zeros((2, 2))}, {"change": [[-0.09, 0.03], [-0.12, -0.015]]}),
    (Move(), {"change": np.ones((2, 2))}, {"weights": [[4.0, 0.0], [5.0, 1.5]]}),
    # The first column is 5 long; the second, sqrt(1.25), is short enough.
    (MaxNorm((2.5,), biases=False), {}, {"weights": [[1.5, -1.0], [2.0, 0.5]]}),
    # With its bias of 12 the first is 13 long.
    (
        MaxNorm((2.5,), biases=True),
        {"biases": np.array([12.0, 0.0])},
        {"weights": [[7.5 / 13, -1.0], [10 / 13, 0.5]], "biases": [30 / 13, 0.0]},
    ),
    # A third of the way: 0.5 / (1 - 0.5 ** 1) would be all of it, with half remaining; here none does.
    (Average(0.5), {"average": np.ones((2, 2))}, {"average": [[2.0, 0.0], [2.5, 0.75]]}),
]


def test_every_piece_is_worked_by_hand():
    def kinds(kind):
        return {kind, *(deeper for under in kind.__subclasses__() for deeper in kinds(under))}

    assert {type(piece) for piece, _, _ in BY_HAND} == kinds(Piece) - {Piece}


def each(given, change):
    return {
        name: each(value, change) if isinstance(value, dict) else change(value)
        for name, value in given.items()
    }


def leaves(given):
    return list(given.values()) if isinstance(given, dict) else [given]


@pytest.mark.parametrize(("piece", "more", "expected"), BY_HAND, ids=lambda given: type(given).__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_by_hand(piece, more, expected, dtype):
    at = each({"weights": W, "gradient": G, **more}, lambda array: array.astype(dtype))
    before = each(at, np.copy)
    found = piece.apply(at, {**NUMBERS, "remaining": 0.0})
    np.testing.assert_equal(at, before)
    assert found.keys() == expected.keys()
    tolerance = 1e-6 if dtype == "float32" else 1e-12
    for name, array in found.items():
        for one, other in zip(*(leaves(given) for given in (array, expected[name])), strict=True):
            np.testing.assert_allclose(one, other, rtol=tolerance)
            assert one.dtype == dtype


def test_a_piece_leaves_out_an_array_without_its_strength():
    at = {"weights": W, "gradient": G, "change": G}
    pieces = [Penalise(penalties.get("l2")), Decay()]
    assert follow(pieces, at, {"rate": 0.1, "t": 1}) == at
    assert follow(pieces, at, {"rate": 0.1, "t": 1, "decay": 0.5})["change"] is not G


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_average_against_its_sum(keep, n):
    seen, piece = np.random.default_rng(0).normal(size=(n, 3, 4)), Average(keep)
    average = np.full((3, 4), 100.0)  # what was before the first update does not count
    for t, weights in enumerate(seen, start=1):
        at = {"average": average, "weights": weights}
        average = piece.apply(at, {"remaining": piece.remaining(t)})["average"]
    shares = np.array([keep ** (n - k) for k in range(1, n + 1)]) * (1 - keep) / (1 - keep**n)
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(average, np.tensordot(shares, seen, 1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_what_remains_is_multiplied_one_by_one_until_it_makes_no_difference(keep):
    left = 1.0
    for t in range(6000):
        if t % 100 < 3:
            assert 1 - Average(keep).remaining(t) == 1 - left
        left *= keep
    assert Average(keep).remaining(10**18) < 1e-15
