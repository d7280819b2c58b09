"""Saving a model while the disk is full: the old file stays."""

import os
import subprocess
import sys

import pytest

from pellucid.storage import load_model, save_model

OLD = b"the old one"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    return path


PROGRAM = """
import resource, signal, sys
from pellucid.errors import StorageError
from pellucid.storage import load_model, save_model

model = load_model(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
try:
    save_model(model, sys.argv[2], force=True)
except StorageError as error:
    print(error.problem, "|", error.received)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
"""


@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of a file there")
def test_a_real_limit_while_saving(model, saved, path):
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, saved, path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "the file could not be written | File too large\n"
    assert path.read_bytes() == OLD
    assert sorted(os.listdir(path.parent)) == ["file", "model.safetensors"]
    assert load_model(save_model(model, path, force=True)).network == model.network
