"""Damaged and hostile inputs through the real command: one clear error or harmless words, in bounded memory.

The inputs are made anew, each of a kind that once ended in a traceback, an abort, or without memory.
"""

import gzip
import json
import sqlite3
import struct
import subprocess
import sys
import zipfile
from contextlib import closing

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import save

from pellucid.data.readers.idx import FILES
from pellucid.storage.rebuild import checksum

from .conftest import LONG, command, environment, write_table

MOST_MEMORY = 1 << 30


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A sound model's description and arrays."""
    from safetensors import safe_open

    path = tmp_path_factory.mktemp("model") / "m"
    line = command("train", "digits", "-e", "1", "-l", "4", "--save", path)
    subprocess.run(line, check=True, capture_output=True, env=environment(), timeout=LONG)
    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a mapping
        return json.loads(file.metadata()["pellucid"]), arrays


def signed(model, arrays=None, **changes):
    """A model's file with some parts changed, and a right checksum."""
    description, kept = {**model[0], **changes}, {**model[1], **(arrays or {})}
    del description["sha256"]
    description["sha256"] = checksum(kept, description)
    return save(kept, metadata={"pellucid": json.dumps(description)})


def zero_width(model):
    arrays = {"W1": np.zeros((10**12, 0), np.float32), "b1": np.zeros(0, np.float32)}
    arrays |= {"W2": np.zeros((0, 10), np.float32)}
    inputs = {"kind": "pixels", "shape": [10**6, 10**6], "scale": 1.0}
    return signed(model, arrays, sizes=[10**12, 0, 10], inputs=inputs)


def raw_f8(model):
    content = signed(model)
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    first, last = header["b2"]["data_offsets"]
    header["b2"] |= {"dtype": "F8_E5M2", "shape": [last - first]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


DIAGNOSIS = {
    "verdict": "good",
    "reasons": ["\x1b]0;title\x07", "\x1b]52;c;Y2xpcA==\x07"],
    "advice": ["\x9b31m"],
}
MODELS = {
    "a layer of width 0 and 10^12 inputs": zero_width,
    "escapes in its words": lambda model: signed(model, diagnosis=DIAGNOSIS),
    "an empty history": lambda model: signed(model, history=[]),
    "a shape that is not whole": lambda model: signed(
        model, inputs={"kind": "pixels", "shape": [8.0, 8], "scale": 0.0625}
    ),
    "numbers of 8 bits": raw_f8,
    "a source that would have to be downloaded": lambda model: signed(
        model, provenance={**model[0]["provenance"], "source": "mnist"}
    ),
}


def npz(edit):
    """An archive with a sound x and y, its bytes changed."""

    def write(folder):
        path = folder / "data.npz"
        np.savez(path, x=np.arange(20.0).reshape(10, 2), y=np.arange(10) % 2)
        path.write_bytes(edit(path.read_bytes()))
        return path

    return write


def gzip_bomb(folder):
    """An idx file whose header claims one pixel, and that unpacks to 400 MB."""
    images = struct.pack(">BBBB3I", 0, 0, 8, 3, 1, 1, 1) + bytes(400 << 20)
    for part, name in FILES.items():
        labels = struct.pack(">BBBBI", 0, 0, 8, 1, 1) + b"\0"
        content = images if part == "training images" else labels if "labels" in part else images[:17]
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, 1))
    return folder


def many_rows(folder):
    path = folder / "rows.parquet"
    pl.select(
        x=pl.repeat(1, 60_000_000, dtype=pl.Int8), y=pl.repeat(2, 60_000_000, dtype=pl.Int8)
    ).write_parquet(path, compression="zstd", row_group_size=60_000_000)
    return path


def broken_parquet(folder):
    path = folder / "broken.parquet"
    pl.DataFrame({"a": [1.5, 2.5], "kind": ["x", "y"]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    content[-40:-8] = b"\xff" * 32
    path.write_bytes(content)
    return path


def many_columns(folder):
    path = folder / "columns.csv"
    path.write_text(",".join(map(str, range(1_000_000))) + "\n" + "1," * 999_999 + "1\n")
    return path


DATA = {
    "an npz header that is not a header": npz(lambda content: content.replace(b"'descr'", b"'d[]cr'")),
    "an npz that says it is encrypted": npz(
        lambda content: content.replace(b"PK\x03\x04\x2d\0\0\0", b"PK\x03\x04\x2d\0\1\0").replace(
            b"PK\x01\x02\x2d\x03\x2d\0\0\0", b"PK\x01\x02\x2d\x03\x2d\0\1\0"
        )
    ),
    "an npz with changed bytes": npz(lambda content: content[:200] + b"\xff\xfe" + content[202:]),
    "an idx file that unpacks to more than it says": gzip_bomb,
    "a small Parquet file of many rows": many_rows,
    "a Parquet file with a broken footer": broken_parquet,
    "a CSV file of a million columns": many_columns,
}


# Until a process runs its own program, the memory of its parent counts as its own: the parent must be small.
_MEASURED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[2:]).returncode
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""


def run_bounded(folder, *words):
    """Run the real command; give its status, what it said, and the most memory that it took."""
    memory = folder / "memory"
    line = [sys.executable, "-c", _MEASURED, memory, *command(*words)]
    done = subprocess.run(line, capture_output=True, cwd=folder, env=environment(), timeout=LONG)
    return done.returncode, (done.stdout + done.stderr).decode(), int(memory.read_text()) * 1024


def is_harmless(said):
    """Whether there is neither a traceback nor a control among the words."""
    return "Traceback" not in said and not any(sign != "\n" and not sign.isprintable() for sign in said)


@pytest.mark.parametrize("kind", MODELS)
def test_models(kind, model, tmp_path):
    (tmp_path / "m").write_bytes(MODELS[kind](model))
    for words in (["show", "m"], ["predict", "m"], ["evaluate", "m"], ["explain", "m"]):
        status, said, memory = run_bounded(tmp_path, *words)
        assert is_harmless(said), said
        assert (status, said.count("Error: ")) in ((0, 0), (2, 1)), said
        assert memory < MOST_MEMORY


@pytest.mark.parametrize("kind", DATA)
def test_data(kind, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    status, said, memory = run_bounded(tmp_path, "train", DATA[kind](folder), "-e", "1")
    assert is_harmless(said), said
    assert (status, said.count("Error: ")) == (2, 1), said
    assert memory < MOST_MEMORY


def test_a_study(tmp_path):
    table, study = write_table(tmp_path / "table.csv"), tmp_path / "s.db"
    words = ["tune", table, "-t", "kind", "-e", "1", "-l", "3", "--workers", "1", "--study", study]
    assert run_bounded(tmp_path, *words, "-n", "1")[0] == 0
    with closing(sqlite3.connect(study)) as base:
        base.execute("UPDATE trial_user_attributes SET value_json = '{\"a\"'")
        base.commit()
    status, said, memory = run_bounded(tmp_path, *words, "-n", "2")
    assert is_harmless(said), said
    assert (status, said.count("Error: the study is damaged")) == (2, 1), said
    assert memory < MOST_MEMORY


def test_the_archives_of_these_tests_are_what_they_say(tmp_path):
    assert zipfile.is_zipfile(npz(lambda content: content)(tmp_path))
    sound = run_bounded(tmp_path, "train", tmp_path / "data.npz", "-e", "1")
    assert sound[0] in (0, 2)
    assert "Error" not in sound[1]
