"""What is said of the processor."""

import llvmlite.binding as llvm
import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.passes.compiled.machine import Machine, _processor, this_machine


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    """Forget what was said before."""
    monkeypatch.delenv("PELLUCID_VECTOR_WIDTH", raising=False)
    _processor.cache_clear()
    yield
    _processor.cache_clear()


@pytest.mark.parametrize("width", [4, 8, 16])
def test_a_width_that_is_said(width, monkeypatch):
    machine = this_machine(width)
    assert machine.lanes(np.dtype("float32")) == width
    assert machine.lanes(np.dtype("float64")) == width // 2
    monkeypatch.setenv("PELLUCID_VECTOR_WIDTH", str(width))
    assert this_machine() == machine


@pytest.mark.parametrize(
    ("features", "vector_bytes"),
    [
        ({"avx512f": True, "avx2": True}, 64),
        ({"avx512f": False, "avx2": True}, 32),
        ({"neon": True}, 16),
        ({}, 16),
    ],
)
def test_the_width_that_the_processor_has(features, vector_bytes, monkeypatch):
    monkeypatch.setattr(llvm, "get_host_cpu_features", lambda: llvm.FeatureMap(features))
    assert this_machine().vector_bytes == vector_bytes


@pytest.mark.parametrize("said", ["5", "64", "wide", ""])
def test_another_width_is_refused(said, monkeypatch):
    monkeypatch.setenv("PELLUCID_VECTOR_WIDTH", said)
    with pytest.raises(ConfigurationError, match="the environment variable PELLUCID_VECTOR_WIDTH"):
        this_machine()


def test_a_width_refused_names_no_environment():
    with pytest.raises(ConfigurationError) as caught:
        this_machine(5)
    assert "5" in str(caught.value)
    assert "PELLUCID" not in str(caught.value)


@pytest.mark.parametrize(
    ("triple", "features", "registers"),
    [
        ("x86_64-unknown-linux-gnu", "+avx2,+avx512f", 32),
        ("x86_64-unknown-linux-gnu", "+avx2,-avx512f", 16),
        ("arm64-apple-darwin", "+neon", 32),
    ],
)
def test_how_many_vectors_are_held(triple, features, registers):
    assert Machine(triple, "any", features, 64).registers == registers


@pytest.mark.parametrize(
    ("triple", "is_x86", "has_windows"),
    [
        ("x86_64-unknown-linux-gnu", True, False),
        ("x86_64-pc-windows-msvc", True, True),
        ("aarch64-unknown-linux-gnu", False, False),
    ],
)
def test_what_the_triple_says(triple, is_x86, has_windows):
    machine = Machine(triple, "any", "", 16)
    assert (machine.is_x86, machine.has_windows) == (is_x86, has_windows)
