"""Shipped machine code is used where it runs, and only if it is of these sources and whole."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from pellucid.passes.compiled.machine_code import shipped
from pellucid.passes.compiled.machine_code.shipped import TARGETS, find_shipped, untested_target

FLOAT = np.dtype("float32")
V3, V4, ARM = (TARGETS[f"linux-{name}"].machine for name in ("x86-64-v3", "x86-64-v4", "aarch64"))


def with_more(machine, *more):
    """A processor of another name with further features, those that it lacks included, as LLVM lists them."""
    return replace(machine, cpu="another", features=",".join([*more, machine.features, "-tbm"]))


def ship(place, contents, sources="now"):
    """Ship machine code as a build does."""
    checksums = {name: hashlib.sha256(code).hexdigest() for name, code in contents.items()}
    for name, code in contents.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(code)
    (place / "index.json").write_text(json.dumps({"sources": sources, "checksums": checksums}))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder in the place of the package's own, with code for every target."""
    monkeypatch.setattr(shipped, "PLACE", tmp_path)
    monkeypatch.delenv("PELLUCID_UNTESTED", raising=False)
    ship(tmp_path, {f"{name}/online-float32.o": name.encode() for name in TARGETS})
    return tmp_path


@pytest.mark.parametrize(
    ("machine", "code"),
    [
        (V3, b"linux-x86-64-v3"),
        (V4, b"linux-x86-64-v4"),
        (with_more(V3, "+sse4a", "+xop"), b"linux-x86-64-v3"),
        (with_more(V4, "+avx512vnni"), b"linux-x86-64-v4"),
        (replace(with_more(V4), vector_bytes=32), b"linux-x86-64-v3"),  # narrower vectors were asked for
        (replace(V3, triple="x86_64-conda-linux-gnu"), b"linux-x86-64-v3"),
        (replace(V4, vector_bytes=16), None),
        (replace(V4, features=V4.features.replace("+avx512vl", "-avx512vl")), None),
        (replace(V3, features=V3.features.replace("+fma,", "+fma4,")), None),
        (replace(V3, triple="x86_64-pc-windows-msvc"), None),
        (replace(V3, triple="x86_64-apple-darwin"), None),
        (replace(V3, triple="i686-unknown-linux-gnu"), None),
        (ARM, None),  # untested
    ],
)
def test_who_gets_which(machine, code, place):
    assert find_shipped("online", FLOAT, machine, "now") == code


@pytest.mark.parametrize(("said", "code"), [("1", b"linux-aarch64"), ("0", None), ("", None)])
def test_untested_code_only_if_it_is_asked_for(said, code, place, monkeypatch):
    monkeypatch.setenv("PELLUCID_UNTESTED", said)
    assert find_shipped("online", FLOAT, with_more(ARM, "+lse", "+sve"), "now") == code


def test_the_untested_target_of_a_processor():
    assert untested_target(with_more(ARM, "+lse")) == "linux-aarch64"
    assert untested_target(V3) is None
    assert untested_target(replace(ARM, triple="arm64-apple-darwin")) is None


def test_what_was_made_of_other_sources_is_not_used(place):
    assert find_shipped("online", FLOAT, V3, "later") is None


@pytest.mark.parametrize(("name", "dtype"), [("batches", "float32"), ("online", "float64")])
def test_another_loop_or_dtype_is_not_there(name, dtype, place):
    assert find_shipped(name, np.dtype(dtype), V3, "now") is None


@pytest.mark.parametrize("content", [b"", b"linux-x86-64-v", b"linux-x86-64-v4"])
def test_damaged_code_is_not_used(content, place):
    (place / "linux-x86-64-v3" / "online-float32.o").write_bytes(content)
    assert find_shipped("online", FLOAT, V3, "now") is None


def test_code_without_a_checksum_is_not_used(place):
    (place / "linux-x86-64-v3" / "batches-float32.o").write_bytes(b"no checksum")
    assert find_shipped("batches", FLOAT, V3, "now") is None


@pytest.mark.parametrize("content", [None, "", '{"sources": "no'])
def test_without_an_index_nothing_is_used(content, place):
    index = place / "index.json"
    index.unlink() if content is None else index.write_text(content)
    assert find_shipped("online", FLOAT, V3, "now") is None


def test_the_features_of_the_targets_are_those_of_the_levels():
    # The levels of the x86-64 psABI, https://gitlab.com/x86-psABIs/x86-64-ABI, in LLVM's words: OSXSAVE is
    # xsave, LAHF-SAHF sahf, CMPXCHG16B cx16, FPU x87, which LLVM does not list; SSE4.2 comes with crc32.
    baseline = {"cmov", "cx8", "fxsr", "mmx", "sse", "sse2"}
    v2 = baseline | {"cx16", "sahf", "popcnt", "sse3", "sse4.1", "sse4.2", "crc32", "ssse3"}
    v3 = v2 | {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave"}
    v4 = v3 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
    for machine, features in ((V3, v3), (V4, v4), (ARM, {"fp-armv8", "neon"})):
        assert set(machine.features.split(",")) == {f"+{name}" for name in features}
