"""A model saved and loaded is the same to the last bit; its file is plain safetensors with JSON."""

import copy
import dataclasses
import json
import math

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load

from pellucid.data import load_data
from pellucid.errors import (
    ConfigurationError,
    ExistingFileError,
    MissingFileError,
    StorageError,
    UnknownNameError,
)
from pellucid.network import Activation, Interval, Layer, Network, activations
from pellucid.passes.reference import backward, forward
from pellucid.storage import load_model, save_model
from pellucid.training import build_network, optimizers, train
from pellucid.training.updates.rule import UpdateRule

KINDS = ["columns", "array", "pixels", "labels", "values", "batch", "layer"]


@pytest.mark.parametrize("kind", KINDS)
class TestRoundTrip:
    def test_everything_comes_back(self, models, kind, tmp_path):
        model, rows = models[kind]
        loaded = load_model(save_model(model, tmp_path / "m"))
        assert loaded.network == model.network
        for name, array in loaded.network.arrays.items():
            assert array.tobytes() == model.network.arrays[name].tobytes()
        assert loaded.cost == model.cost
        assert loaded.history == model.history
        assert loaded.diagnosis == model.diagnosis
        assert loaded.inputs.to_dict() == model.inputs.to_dict()
        assert loaded.target.to_dict() == model.target.to_dict()
        assert (loaded.settings, loaded.provenance, loaded.stopped) == (
            model.settings, model.provenance, model.stopped,
        )  # fmt: skip
        assert loaded.outputs(rows).tobytes() == model.outputs(rows).tobytes()
        assert (loaded.predict(rows) == model.predict(rows)).all()
        assert loaded.predict(rows).dtype == model.predict(rows).dtype

    def test_equal_models_equal_bytes(self, models, kind, tmp_path):
        model, _ = models[kind]
        first = save_model(model, tmp_path / "first").read_bytes()
        assert save_model(model, tmp_path / "second").read_bytes() == first
        assert save_model(load_model(tmp_path / "first"), tmp_path / "third").read_bytes() == first

    def test_a_loaded_network_learns_as_the_one_that_was_saved(self, models, kind, tmp_path):
        model, rows = models[kind]
        loaded = load_model(save_model(model, tmp_path / "m"))
        examples = model.examples(rows)
        for network in (loaded.network, copy_of := model.network.copy()):
            trace = forward(network, examples.rows(slice(0, 4), network.dtype))
            targets = np.full_like(trace.a[-1], 1 / trace.a[-1].shape[1])
            backward(trace, targets, model.head.objective)
            rule = UpdateRule(network, optimizers.get("sgd"))
            rule.update(rule.parameters(network), trace.gradients, 0.1, 1)
        assert loaded.network == copy_of != model.network


def test_the_very_split_after_loading(models, tmp_path):
    model, frame = models["columns"]
    loaded = load_model(save_model(model, tmp_path / "m"))
    assert loaded.evaluate(frame, "test").measures == model.evaluate(frame, "test").measures


def test_weights_that_lie_otherwise_in_memory(model, tmp_path):
    layers = [Layer(np.asfortranarray(at.weights), at.biases, at.activation) for at in model.network.layers]
    turned = dataclasses.replace(model, network=Network.from_layers(layers))
    assert save_model(turned, tmp_path / "m").read_bytes() == save_model(model, tmp_path / "n").read_bytes()


def test_readable_without_pellucid(saved, model):
    arrays = load(saved.read_bytes())
    assert set(arrays) == {"W1", "b1", "W2", "b2"}
    assert all((arrays[name] == array).all() for name, array in model.network.parameters.items())
    with safe_open(saved, framework="numpy") as file:
        description = json.loads(file.metadata()["pellucid"])
    assert description["version"] == 1
    assert description["sizes"] == [2, 3, 3]
    assert description["activations"] == ["leaky_relu:alpha=0.2", "softmax"]
    assert description["history"] == model.history.rows


def test_nothing_is_unpickled(saved, monkeypatch):
    def never(*arguments, **more):
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(f"pickle.{name}", never)
    monkeypatch.setattr("builtins.eval", never)
    assert load_model(saved).network.sizes == (2, 3, 3)


def test_figures_that_are_no_numbers_come_back(model, tmp_path):
    before = dict(model.diagnosis.figures)
    model.diagnosis.figures["movement"] = math.inf
    try:
        assert load_model(save_model(model, tmp_path / "m")).diagnosis.figures["movement"] == math.inf
    finally:
        model.diagnosis.figures.update(before)


def test_an_activation_of_ones_own_must_be_known(tmp_path):
    class Cube(Activation):
        """The third power."""

        name = "cube"
        range = Interval()

        def value(self, z):
            return z**3

        def slope(self, z, a):
            return 3 * z * z

    data = load_data((np.arange(20.0).reshape(10, 2), np.arange(10) % 2))
    classes, names = activations._classes.copy(), activations._names.copy()
    activations.register(Cube)
    path = save_model(train(build_network(data, [3], "cube"), data, epochs=1), tmp_path / "m")
    assert load_model(path).network.layers[0].activation == Cube()
    activations._classes, activations._names = classes, names
    with pytest.raises(UnknownNameError, match="no activation named 'cube'") as caught:
        load_model(path)
    assert caught.value.where == str(path)
    assert caught.value.remedy.startswith("register it in Python and load the model there")


class TestPlaces:
    def test_an_existing_file_stays(self, model, saved):
        saved.write_text("mine")
        with pytest.raises(ExistingFileError) as caught:
            save_model(model, saved)
        assert isinstance(caught.value, FileExistsError)
        assert "force=True" in caught.value.remedy
        assert saved.read_text() == "mine"

    def test_unless_forced(self, model, saved):
        saved.write_text("mine")
        assert save_model(model, saved, force=True) == saved
        assert load_model(saved).network == model.network

    def test_a_folder(self, model, tmp_path):
        for force in (False, True):
            with pytest.raises(StorageError, match="the path is a folder"):
                save_model(model, tmp_path, force=force)
        with pytest.raises(MissingFileError):
            load_model(tmp_path)

    def test_a_missing_folder(self, model, tmp_path):
        with pytest.raises(MissingFileError, match="the folder to save to does not exist") as caught:
            save_model(model, tmp_path / "no" / "m")
        assert isinstance(caught.value, FileNotFoundError)
        assert list(tmp_path.iterdir()) == []

    def test_nothing_there(self, tmp_path):
        with pytest.raises(MissingFileError, match="model file does not exist"):
            load_model(tmp_path / "m")

    def test_paths_as_text_with_spaces_and_letters(self, model, tmp_path):
        path = str(tmp_path / "mein Modell — ü.safetensors")
        save_model(model, path)
        assert load_model(path).network == model.network


def test_what_is_not_registered_is_not_saved(tmp_path, models):
    model = copy.deepcopy(models["array"][0])

    class Double(Activation):
        """Twice the sum."""

        name = "double"

        def value(self, z):
            return 2 * z

        def slope(self, z, a):
            return 2 * np.ones_like(z)

    class Relu(Double):
        """Another's name."""

        name = "relu"

    for own in (Double(), Relu()):
        model.network.layers[0].activation = own
        with pytest.raises(
            ConfigurationError, match="is not registered, so the file could not be read"
        ) as caught:
            save_model(model, tmp_path / "own.pellucid")
        assert type(own).__name__ in caught.value.remedy
        assert list(tmp_path.iterdir()) == []
    activations.register(Double)
    model.network.layers[0].activation = Double()
    assert load_model(save_model(model, tmp_path / "own.pellucid")).network == model.network
