"""Whatever a run was asked for is kept with its model, and read again."""

import os

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.errors import ConfigurationError
from pellucid.storage import load_model, save_model
from pellucid.training import Callback, build_network, train


class Said(Callback):
    def __init__(self, described):
        self.described = described

    def describe(self):
        return self.described


def test_whatever_a_run_was_asked_for_is_read_again(tmp_path):
    # A seed beyond 64 bits, and a file whose name is not text.
    source = tmp_path / os.fsdecode(b"\xff.csv")
    source.write_text("size,kind\n" + "1.5,a\n2.5,b\n3.5,a\n4.5,b\n" * 5)
    data = load_data(source, seed=2**70)
    model = train(
        build_network(data, [2]), data, epochs=1, seed=2**70, callbacks=[Said({"big": 2**70, "none": None})]
    )
    again = load_model(save_model(model, tmp_path / "m"))
    assert (again.settings, again.provenance) == (model.settings, model.provenance)
    assert again.settings["big"] == again.settings["seed"] == 2**70
    assert again.provenance["source"] == "\\udcff.csv"


@pytest.mark.parametrize("described", [{"a": np.float32(1)}, {"a": "\ud800"}, {"a": {1, 2}}, [1]], ids=repr)
def test_what_a_model_file_could_not_hold_is_refused_before_any_training(described):
    data = load_data((np.arange(20.0)[:, None], [0, 1] * 10))
    with pytest.raises(ConfigurationError, match="the description of a callback cannot be stored") as caught:
        train(build_network(data, [2]), data, epochs=1, callbacks=[Said(described)])
    assert caught.value.where == "describe() of Said"


def test_a_callback_does_not_change_what_the_settings_say():
    data = load_data((np.arange(20.0)[:, None], [0, 1] * 10))
    model = train(
        build_network(data, [2]), data, epochs=1, callbacks=[Said({"learning_rate": "x", "mine": 1})]
    )
    assert (model.settings["learning_rate"], model.settings["mine"]) == (0.01, 1)
