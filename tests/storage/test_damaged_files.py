"""Damaged, truncated, foreign and newer files: one clear error, whatever the bytes."""

import hashlib
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from pellucid.errors import FormatError, PellucidError, UnknownNameError
from pellucid.storage import load_model
from pellucid.storage.model_file import _describe
from pellucid.storage.rebuild import checksum

LEFT_OUT = "left out"
PIXELS = {"kind": "pixels", "shape": [2, 2], "scale": 1.0}


@pytest.fixture
def written(model, tmp_path):
    """Write a model's file with changes."""

    def write(arrays=None, text=None, **changes):
        kept = {**model.network.parameters, **(arrays or {})}
        kept = {name: np.ascontiguousarray(array) for name, array in kept.items() if array is not LEFT_OUT}
        described = {**_describe(model), **changes}
        described = {key: value for key, value in described.items() if value is not LEFT_OUT}
        content = json.dumps(described, sort_keys=True).encode()
        content += b"".join(kept[name].tobytes() for name in sorted(kept))
        described = {"sha256": hashlib.sha256(content).hexdigest(), **described}
        path = tmp_path / "m.safetensors"
        path.write_bytes(save(kept, metadata={"pellucid": json.dumps(described) if text is None else text}))
        return path

    return write


def damaged(path):
    with pytest.raises(FormatError) as caught:
        load_model(path)
    error = caught.value
    assert error.where == str(path)
    assert error.received
    return error


def test_unchanged_it_loads(written, model):
    assert load_model(written()).network == model.network


def test_a_file_from_before_there_were_normalisations(written, model):
    assert load_model(written(normalisations=LEFT_OUT)).network == model.network


@pytest.mark.parametrize(
    "arrays",
    [
        {"gain1": np.ones(2)},
        {"mean1": LEFT_OUT},
        {"unseen1": np.ones(2)},
        {"variance2": LEFT_OUT},
        {"gain3": np.ones(3)},
    ],
)
def test_numbers_of_a_normalisation_that_do_not_fit(models, tmp_path, arrays):
    model = models["batch"][0]
    kept = {
        **model.network.arrays,
        **{k: v if v is LEFT_OUT else v.astype("float32") for k, v in arrays.items()},
    }
    kept = {name: np.ascontiguousarray(array) for name, array in kept.items() if array is not LEFT_OUT}
    described = _describe(model)
    described["sha256"] = checksum(kept, described)
    path = tmp_path / "m.safetensors"
    path.write_bytes(save(kept, metadata={"pellucid": json.dumps(described)}))
    damaged(path)


@pytest.mark.parametrize("bit", range(8))
def test_a_bit_that_flipped_among_the_numbers(saved, bit):
    content = bytearray(saved.read_bytes())
    content[-3] ^= 1 << bit  # the numbers stand at the end
    saved.write_bytes(content)
    assert "checksum" in damaged(saved).received


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": [2]},
        {"sizes": [2, 3]},
        {"sizes": [2, 3, 4]},
        {"sizes": [2, 3, 3, 3]},
        {"sizes": []},
        {"sizes": 5},
        {"sizes": LEFT_OUT},
        {"activations": []},
        {"activations": ["relu"]},
        {"activations": ["relu", 5]},
        {"activations": ["relu", "leaky_relu:alpha=-1"]},
        {"activations": "relu"},
        {"normalisations": [None]},
        {"normalisations": ["batch", None]},  # its numbers are not there
        {"normalisations": ["layer:epsilon=0", None]},
        {"normalisations": 5},
        {"cost": 5},
        {"cost": "hinge"},  # it cannot judge a softmax
        {"cost": LEFT_OUT},
        {"inputs": PIXELS},  # four of them
        {"inputs": {"kind": "smells"}},
        {"inputs": []},
        {"target": {"task": "classification", "name": None, "labels": [0, 1]}},
        {"target": {"task": "classification", "name": None, "labels": []}},
        {"target": {"task": "guessing"}},
        {"target": LEFT_OUT},
        {"history": {"a": 1}},
        {"history": [{"epoch": 0}, {"cost": 1}]},
        {"history": [1]},
        {"diagnosis": {"verdict": "good"}},
        {"diagnosis": []},
        {"settings": LEFT_OUT},
    ],
    ids=str,
)
def test_a_description_that_does_not_fit(written, changes):
    damaged(written(**changes))


@pytest.mark.parametrize(
    "arrays",
    [
        {"W1": LEFT_OUT},
        {"b2": LEFT_OUT},
        {"W3": np.zeros((3, 3))},
        {"W1": np.zeros((3, 2))},
        {"W1": np.zeros(6)},
        {"b1": np.zeros(2)},
        {"b1": np.zeros((3, 1))},
        {"W1": np.zeros((2, 3), np.float32)},
        {name: np.zeros(shape, np.int64) for name, shape in
         {"W1": (2, 3), "b1": 3, "W2": (3, 3), "b2": 3}.items()},
        {name: np.zeros(shape, np.float16) for name, shape in
         {"W1": (2, 3), "b1": 3, "W2": (3, 3), "b2": 3}.items()},
    ],
    ids=lambda arrays: " ".join(f"{k}:{getattr(v, 'shape', v)}" for k, v in arrays.items()),
)  # fmt: skip
def test_arrays_that_do_not_fit(written, arrays):
    damaged(written(arrays))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "5", "{}", '"version"', "[" * 100_000, '{"version": 1}']
)
def test_a_header_that_is_no_description(written, text):
    damaged(written(text=text))


@pytest.mark.parametrize("version", [0, 2, 99, "1", LEFT_OUT, None, [1]])
def test_another_version(written, version):
    if version is LEFT_OUT:
        assert "version" in damaged(written(version=LEFT_OUT)).received
        return
    error = damaged(written(version=version))
    assert error.problem == "the model file has another format version"
    assert (error.expected, error.received) == ("version 1", f"version {version}")


def test_a_name_that_is_not_registered(written):
    with pytest.raises(UnknownNameError, match="no cost named 'mine'"):
        load_model(written(cost="mine"))


def test_numbers_that_numpy_does_not_have(written):
    content = written().read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + length].replace(b'"F64"', b'"BF16"').replace(b"[2,3]", b"[8,3]")
    header = header.replace(b"[3,3]", b"[12,3]").replace(b"[3]", b"[12]")
    path = written()
    path.write_bytes(len(header).to_bytes(8, "little") + header + content[8 + length :])
    damaged(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\0" * 8,
        b"\xff" * 64,
        b"PK\x03\x04" + b"\0" * 60,
        b"\x80\x04\x95" + b"\0" * 60,
        b"a,b\n1,2\n",
    ],
)
def test_foreign_bytes(tmp_path, content):
    path = tmp_path / "m"
    path.write_bytes(content)
    damaged(path)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_arrays_of_something_else(tmp_path, metadata):
    path = tmp_path / "m"
    path.write_bytes(save({"layer.weight": np.zeros((2, 2))}, metadata=metadata))
    assert damaged(path).problem == "not a Pellucid model file"


def test_cut_off_anywhere(saved):
    content = saved.read_bytes()
    for length in {*range(0, len(content), 23), *range(60), *range(len(content) - 60, len(content))}:
        saved.write_bytes(content[:length])
        damaged(saved)


def test_bytes_too_many(saved):
    saved.write_bytes(saved.read_bytes() + b"\0")
    damaged(saved)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_random_bytes(tmp_path, content):
    path = tmp_path / "m"
    path.write_bytes(content)
    damaged(path)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_changed_bytes(tmp_path, model, written, data):
    # In the header anything may break; whatever is left is a model or one error of Pellucid's own.
    content = bytearray(written().read_bytes())
    header = 8 + int.from_bytes(content[:8], "little")
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed"
    path.write_bytes(content)
    try:
        assert load_model(path).network.sizes == model.network.sizes
    except PellucidError as error:
        assert str(error)  # noqa: PT017  # some changes do no harm, so nothing need be raised
