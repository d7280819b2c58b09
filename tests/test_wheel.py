"""The wheel in an empty environment: no Numba, no folder for machine code, no wait, the same bits."""

import json
import os
import re
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from pathlib import Path

import pytest

from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.machine_code.shipped import TARGETS

REPOSITORY = Path(__file__).resolve().parents[1]
SHIPPED = "pellucid/passes/compiled/shipped/"

# One example at a time and in batches; numbers of all weights, and of predictions.
TRAIN = """
import hashlib, json, sys, time
import pellucid
from sklearn.datasets import load_iris

digest = hashlib.sha256()
begun = time.perf_counter()
for data, settings in (
    (pellucid.load_data(load_iris(return_X_y=True)), {"epochs": 5}),
    (pellucid.load_data("digits"), {"epochs": 3, "batch_size": 32, "optimizer": "adam"}),
):
    for dtype in ("float32", "float64"):
        network = pellucid.build_network(data, layers=[16], dtype=dtype)
        model = pellucid.train(network, data, **settings)
        for numbers in model.network.parameters.values():
            digest.update(numbers.tobytes())
        digest.update(pellucid.passes.predict(model.network, data.test.inputs).tobytes())
seconds, numba = time.perf_counter() - begun, "numba" in sys.modules
print(json.dumps([pellucid.__file__, numba, digest.hexdigest(), seconds]))
"""

FALL_BACK = """
import pellucid

data = pellucid.load_data("digits")
model = pellucid.train(pellucid.build_network(data, layers=[4]), data, epochs=1)
pellucid.passes.predict(model.network, data.test.inputs)
"""

# The widths of vectors, in float32, for which the wheel contains machine code that runs here.
WIDTHS = [
    str(width)
    for width in (4, 8, 16)
    if any(target.tested and target.includes(this_machine(width)) for target in TARGETS.values())
]


def run(*command, cwd=REPOSITORY, **environment):
    """Run a command that must succeed, outside of this source tree, and return what it printed."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}"
    return done.stdout


def built(python, kind, source, place):
    """Build an sdist or a wheel without anything from the network; return its path and what was said."""
    said = run(python, "-m", "hatchling", "build", "--target", kind, "--directory", place, cwd=source)
    [path] = place.iterdir()
    return path, said


def installed(place, *what):
    """Make an empty environment and install something there, in the locked versions; return its Python."""
    venv.create(place / "env", with_pip=True)
    python = place / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    locked = (REPOSITORY / "requirements" / "test.txt").read_text()
    (place / "locked.txt").write_text("\n".join(re.findall(r"^[\w.-]+==[^\\\n]+", locked, re.MULTILINE)))
    run(python, "-m", "pip", "install", "--quiet", "--constraint", place / "locked.txt", *what)
    return python


def trained(python, **environment):
    """Train in a process of its own: where Pellucid lies, whether Numba was used, a digest, and seconds."""
    said = run(python, "-W", "error::UserWarning", "-c", TRAIN, **environment)
    return json.loads(said.splitlines()[-1])


@pytest.mark.long
@pytest.mark.skipif(not WIDTHS, reason="no machine code is shipped for this processor")
def test_a_wheel_without_numba(tmp_path, capsys):
    times, begun = {}, time.monotonic()

    def took(what):
        nonlocal begun
        times[what], begun = time.monotonic() - begun, time.monotonic()

    # Built of the sdist, it contains a loop for each target and dtype.
    sdist, _ = built(sys.executable, "sdist", REPOSITORY, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    wheel, _ = built(sys.executable, "wheel", source, tmp_path / "wheel")
    names = {name.removeprefix(SHIPPED) for name in zipfile.ZipFile(wheel).namelist() if SHIPPED in name}
    loops = {f"{name}-float{bits}.o" for name in ("online", "batches", "prediction") for bits in (32, 64)}
    assert names == {"index.json", *(f"{target}/{loop}" for target in TARGETS for loop in loops)}
    took("building it")

    python = installed(tmp_path, wheel, "hatchling", "pytest")
    listed = run(python, "-m", "pip", "--disable-pip-version-check", "list", "--format", "freeze")
    packages = {line.partition("==")[0] for line in listed.splitlines()}
    assert "llvmlite" in packages
    assert "numba" not in packages
    took("installing it and all that it needs")

    # Without a cache that can be written, every process starts from nothing.
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "cache")
    here, _, digest, _ = trained(sys.executable, PYTHONPATH=str(REPOSITORY / "src"))
    for width in WIDTHS:
        place, numba, same, seconds = trained(python, PELLUCID_CACHE=nowhere, PELLUCID_VECTOR_WIDTH=width)
        assert Path(place).is_relative_to(tmp_path / "env")
        assert Path(here).is_relative_to(REPOSITORY)
        assert not numba
        assert same == digest
        times[f"four first trainings, vectors of {width}"] = seconds
    begun = time.monotonic()

    # Every kind of training has the bits that it has everywhere.
    cache = str(tmp_path / "cache")
    run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/digests", PELLUCID_CACHE=cache)
    took("the digests of every kind of training")

    # What was not shipped for is left to the reference, and one warning says what to install.
    said = run(python, "-c", FALL_BACK, PELLUCID_VECTOR_WIDTH="4", PELLUCID_CACHE=nowhere)
    assert said.count("PellucidWarning") == said.count("pip install 'pellucid[compile]'") == 1

    # Without Numba a wheel can be built all the same.
    wheel, said = built(python, "wheel", source, tmp_path / "bare")
    assert not any(SHIPPED in name for name in zipfile.ZipFile(wheel).namelist())
    assert "This wheel contains no machine code" in said

    with capsys.disabled():
        print("\nThe wheel, in seconds:", ", ".join(f"{what} {value:.1f}" for what, value in times.items()))
