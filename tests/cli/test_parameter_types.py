"""How the text of options is read."""

import click
import pytest

from pellucid.cli.parameter_types import CLASS_WEIGHTS, GOAL, NEURON, NUMBERS, SIZES, Names
from pellucid.network import activations

READ = [
    (SIZES, "128,64", [128, 64]),
    (SIZES, " None ", []),
    (NUMBERS, "0.2", 0.2),
    (NUMBERS, "0.2,0.5", (0.2, 0.5)),
    (CLASS_WEIGHTS, "balanced", "balanced"),
    (CLASS_WEIGHTS, "yes=5, no=1", {"yes": 5.0, "no": 1.0}),
    (CLASS_WEIGHTS, "a,b=2,c=d=3", {"a,b": 2.0, "c=d": 3.0}),
    (GOAL, "test_cost = 0.1", ("test_cost", 0.1)),
    (NEURON, "1.3", (1, 3)),
    (Names(activations), "relu", "relu"),
    (Names(activations), "relu, elu:alpha=2", ["relu", "elu:alpha=2"]),
    (SIZES, [3], [3]),  # a default that is not text
]
REFUSED = [
    (SIZES, "64,", "comma-separated whole numbers"),
    (NUMBERS, "x", "a number, or one per layer"),
    (CLASS_WEIGHTS, "yes", "CLASS=WEIGHT"),
    (CLASS_WEIGHTS, "yes=a", "CLASS=WEIGHT"),
    (CLASS_WEIGHTS, "yes=1,yes=2", "one weight per class"),
    (GOAL, "test_cost", "METRIC=NUMBER"),
    (NEURON, "13", "LAYER.NEURON"),
    (NEURON, "1.", "LAYER.NEURON"),
]


@pytest.mark.parametrize(("kind", "text", "value"), READ)
def test_is_read(kind, text, value):
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize(("kind", "text", "expected"), REFUSED)
def test_says_what_was_expected_and_received(kind, text, expected):
    with pytest.raises(click.BadParameter, match=expected) as refusal:
        kind.convert(text, None, None)
    assert repr(text) in refusal.value.message
