import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data
from pellucid.storage import save_model
from pellucid.training import build_network, train


def _trained(source, layers=(3,), dtype="float32", normalise=None, **how):
    data = load_data(source, **how)
    network = build_network(data, layers, "leaky_relu:alpha=0.2", normalise=normalise, dtype=dtype)
    return train(network, data, learning_rate=0.05, epochs=2, batch_size=4)


@pytest.fixture(scope="session")
def models():
    """A model of each kind of inputs and targets, with the raw rows that it was trained on."""
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 2))
    frame = pl.DataFrame(
        {"größe": x[:, 0], "sea": ["north", "south", None, "south"] * 10, "kind": ["ja", "nein"] * 20}
    )
    return {
        "columns": (_trained(frame, target="kind"), frame),
        "array": (_trained((x, np.arange(40) % 3), dtype="float64"), x),
        "pixels": (_trained("digits", layers=[], test_size=1700), "digits"),
        "labels": (_trained((x, x > 0.2), layers=[4]), x),
        "values": (_trained((x, x @ [[1.0, 2], [3, 4]]), task="regression"), x),
        "batch": (_trained((x, np.arange(40) % 3), [3, 4], normalise="batch:momentum=0.8"), x),
        "layer": (_trained((x, np.arange(40) % 3), dtype="float64", normalise="layer"), x),
    }


@pytest.fixture(scope="session")
def model(models):
    return models["array"][0]


@pytest.fixture
def saved(model, tmp_path):
    return save_model(model, tmp_path / "model.safetensors")
