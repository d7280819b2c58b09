"""Running the command line: in this process for most tests, in one of its own where that matters."""

import json
import os
import random
import struct
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from pellucid.cli.main import main

LONG = 120  # seconds that no command of these tests needs


@dataclass
class Result:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def records(self):
        """Standard output as one JSON value a line; NaN and infinity are no JSON."""

        def refuse(token):
            raise ValueError(f"{token} is no JSON")

        return [json.loads(line, parse_constant=refuse) for line in self.out.splitlines()]


def environment(**more):
    """The environment for a process: plain, 80 columns wide, nothing of whoever runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PELLUCID_", "PYTHON", "COVERAGE"))
        and name not in ("NO_COLOR", "FORCE_COLOR", "TERM")
    }
    # No bytecode: a process whose files may not grow would leave half a module behind.
    plain = {"COLUMNS": "80", "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": "1"}
    return kept | plain | more


def command(*arguments):
    """The real command."""
    return [sys.executable, "-m", "pellucid", *map(str, arguments)]


def in_process(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["pellucid", *map(str, arguments)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as leave:
        main()
    out, err = capsys.readouterr()
    return Result(leave.value.code, out, err)


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("NO_COLOR", "FORCE_COLOR", "PELLUCID_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # train changes it


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command in this process."""
    return lambda *arguments: in_process(monkeypatch, capsys, *arguments)


# The limit is set by the process itself: to set it between fork and exec is unsafe beside other threads.
_LIMITED = """
import resource, runpy, sys
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
runpy.run_module("pellucid", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def shell(tmp_path):
    """Run a command in a process of its own, in an empty folder."""

    def start(*arguments, env=None, largest_file=None, **more):
        line = command(*arguments)
        if largest_file is not None:
            line[1:3] = ["-c", _LIMITED, str(largest_file)]
        done = subprocess.run(
            line,
            capture_output=True,
            cwd=tmp_path,
            env=environment(**(env or {})),
            timeout=LONG,
            **more,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return start


def write_table(path, n=60, seed=0):
    """Numbers, words and a target of two classes; brackets in all names, as they must survive."""
    draw = random.Random(seed)
    lines = ["size[m],col[/bold]our,weight,kind"]
    for _ in range(n):
        size, colour = draw.random(), draw.choice(["red", "[blue]", ":smile:"])
        kind = "yes[1]" if size + 0.2 * draw.random() > 0.6 else "no[/]"
        lines.append(f"{size:.3f},{colour},{draw.gauss(70, 10):.1f},{kind}")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def table(tmp_path):
    """A CSV file with the target kind, two classes."""
    return write_table(tmp_path / "table[dim].csv")


@dataclass
class Trained:
    """A saved model, and the data that it learned from."""

    path: Path
    data: str
    out: str = ""


def _train(folder, data, *options):
    path = folder / "model[red].pellucid"
    done = subprocess.run(
        command("train", data, "--save", path, *options), capture_output=True, env=environment(), timeout=LONG
    )
    assert done.returncode == 0, done.stderr.decode()
    return Trained(path, str(data), done.stdout.decode())


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    """Ten classes of images, two hidden layers."""
    return _train(tmp_path_factory.mktemp("digits"), "digits", "-l", "24,16", "-a", "tanh,relu", "-e", "2")


def write_images(folder):
    """An idx folder: a bright bar on the left or on the right, 4 x 6 pixels."""
    draw = random.Random(0)
    for part, n in (("train", 40), ("t10k", 10)):
        labels = bytes(k % 2 for k in range(n))
        images = b"".join(
            bytes(draw.randrange(0, 100) if (column < 3) == bool(label) else 255 for column in range(6))
            for label in labels
            for _ in range(4)
        )
        head = struct.pack(">BBBB", 0, 0, 8, 3) + struct.pack(">3I", n, 4, 6)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + images)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">BBBBI", 0, 0, 8, 1, n) + labels)
    return folder


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """Two classes of small images, from idx files."""
    folder = tmp_path_factory.mktemp("images")
    return _train(folder, write_images(folder), "-l", "4", "--output", "softmax", "-e", "2")


@pytest.fixture(scope="session")
def binary(tmp_path_factory):
    """Two classes with one output, words among the columns."""
    folder = tmp_path_factory.mktemp("binary[x]")
    return _train(folder, write_table(folder / "table[dim].csv"), "-t", "kind", "-l", "4", "-e", "5")


@pytest.fixture(scope="session")
def regression(tmp_path_factory):
    """A number to predict."""
    folder = tmp_path_factory.mktemp("regression")
    return _train(folder, write_table(folder / "table.csv"), "-t", "weight", "-l", "4", "-e", "3")
