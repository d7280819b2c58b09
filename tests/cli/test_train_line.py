"""The command that trains again says what was said, word for word."""

import shlex

import click
import pytest

from pellucid.cli.main import pellucid
from pellucid.cli.train import train
from pellucid.cli.tune import train_line

from .test_training_options import SOUND
from .test_tune import OF_ONE_RUN

# Each option of train with a value, as click has it.
OWN = {
    "data": "my table.csv", "target": ("kind [x]", "--y"), "split_column": "split", "test_size": 0.25,
    "task": "regression", "drop": ("a b", "--c"), "delimiter": ";", "header": False, "layers": [64, 32],
    "activation": ["leaky_relu:alpha=0.2", "tanh"], "output": "softmax", "cost": "mean_squared_error",
    "initializer": "he_normal", "dtype": "float64",
}  # fmt: skip


def read(line):
    program, command, *words = shlex.split(line)
    assert (program, command) == ("pellucid", "train")
    # As main would: a command keeps the names of its help from its first context.
    parent = click.Context(pellucid, **pellucid.context_settings)
    return train.make_context("train", words, parent).params


def usual(option):
    return read(train_line({"data": "digits"}))[option.name]


@pytest.mark.parametrize("option", [option for option in train.params if option.name in OWN], ids=str)
def test_each_of_its_own_options(option):
    value = OWN[option.name]
    assert value != usual(option)
    assert read(train_line({"data": "digits", option.name: value}))[option.name] == value


TRAINING = [option for option in train.params if option.opts[-1] in SOUND and option.name not in OF_ONE_RUN]


@pytest.mark.parametrize("option", TRAINING, ids=str)
def test_each_option_of_training(option):
    context = click.Context(train)
    value = option.type_cast_value(context, SOUND[option.opts[-1]])
    assert read(train_line({"data": "digits", option.name: value}))[option.name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [("layers", []), ("header", True), ("class_weight", {"yes": 2.5, "no": 1.0}), ("l2", 2.15e-07)],
)
def test_values_that_are_written_in_their_own_way(name, value):
    assert read(train_line({"data": "digits", name: value}))[name] == value


def test_nothing_said():
    assert train_line({"data": "digits", "drop": (), "target": None}) == "pellucid train digits"
