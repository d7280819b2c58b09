"""What may be wrong with the streams and the surroundings of a process."""

import gzip
import os
import re
import shlex
import subprocess
import sys

import polars as pl
import pytest

from .conftest import LONG, command, environment, write_table

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")


def start(*arguments, **more):
    env = environment(**more.pop("env", {}))
    return subprocess.Popen(command(*arguments), env=env, **more)


@pytest.mark.parametrize("arguments", [["activations"], ["activations", "--json"], ["--help"]])
def test_a_reader_that_goes_away(arguments):
    process = start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    error = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(LONG) == 1
    assert "Traceback" not in error
    assert "Exception" not in error


def test_head(shell):
    line = shlex.join(command("activations", "--json")) + " | head -c 10"
    done = subprocess.run(line, shell=True, capture_output=True, env=environment(), timeout=LONG)
    assert (done.stdout, done.stderr) == (b'[{"name": ', b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is full")
@pytest.mark.parametrize("arguments", [["costs"], ["costs", "--json"], ["--help"]])
def test_a_full_device(arguments):
    with open("/dev/full", "wb") as full:
        process = start(*arguments, stdout=full, stderr=subprocess.PIPE)
        error = process.communicate(timeout=LONG)[1].decode()
    assert process.returncode == 2
    assert error.startswith("Error: the operating system reported an error")
    assert error.count("\n") == 3
    assert "No space left" in error
    assert "standard output" in error


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_stream_that_is_closed(closed, tmp_path):
    write_table(tmp_path / "table.csv")
    line = shlex.join(command("train", "table.csv", "-e", "1", "--save", "m.pellucid")) + f" {closed}>&-"
    done = subprocess.run(
        line, shell=True, capture_output=True, cwd=tmp_path, env=environment(), timeout=LONG
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "m.pellucid").is_file()
    assert (b"Diagnosis" in done.stdout) == (closed != 1)


@pytest.mark.skipif(not os.path.exists("/dev/stdin"), reason="standard input as a file")
def test_data_through_standard_input(tmp_path):
    rows = write_table(tmp_path / "table.csv").read_bytes()
    line = command("train", "/dev/stdin", "--delimiter", ",", "-e", "1")
    done = subprocess.run(line, input=rows, capture_output=True, env=environment(), timeout=LONG)
    assert done.returncode == 0, done.stderr
    assert b"Diagnosis" in done.stdout


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_parquet_file_is_read_where_a_stream_is_closed(closed, tmp_path):
    pl.read_csv(write_table(tmp_path / "table.csv")).write_parquet(tmp_path / "table.parquet")
    line = shlex.join(command("train", "table.parquet", "-e", "1", "--save", "m.pellucid")) + f" {closed}>&-"
    done = subprocess.run(
        line, shell=True, capture_output=True, cwd=tmp_path, env=environment(), timeout=LONG
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.pellucid").is_file()


@pytest.mark.parametrize(
    ("encoding", "shade", "infinity"),
    [("ascii", "##", "(-inf, inf)"), ("latin-1", "##", "(-inf, inf)"), ("utf-8", "██", "(−∞, ∞)")],
)
def test_an_encoding_that_lacks_signs(images, encoding, shade, infinity):
    env = environment(LC_ALL="C", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    outputs = []
    for arguments in (["explain", images.path, images.data], ["activations"], ["show", images.path]):
        done = subprocess.run(command(*arguments), capture_output=True, env=env, timeout=LONG)
        assert (done.returncode, done.stderr) == (0, b"")
        outputs.append(done.stdout.decode(encoding))
    assert shade in outputs[0]
    assert infinity in outputs[1]
    assert "Diagnosis" in outputs[2]
    assert "\\u" not in "".join(outputs)


def test_a_name_that_the_encoding_lacks_stays_recognisable(tmp_path):
    env = environment(LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    done = subprocess.run(
        command("train", "Größe_中.csv"), capture_output=True, env=env, timeout=LONG, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: no such file or data set")
    assert rb"\xf6" in done.stderr or rb"\udcc3" in done.stderr


def test_a_home_that_cannot_be_written(shell, table):
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null/cache"}
    assert shell("train", table, "-e", "1", env=nowhere).status == 0
    result = shell("train", "mnist", env=nowhere)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("Error: ")
    assert "/dev/null/cache" in result.err


def in_a_terminal(arguments, size=None, **env):
    """Run a command with a pseudo-terminal for its output, of a size in lines and columns."""
    import termios  # Windows has none

    ours, theirs = os.openpty()
    if size is not None:
        termios.tcsetwinsize(theirs, size)
    process = start(*arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    shown = b""
    while True:
        try:
            block = os.read(ours, 4096)
        except OSError:  # Linux's way to say that the other side has closed it
            break
        if not block:
            break
        shown += block
    os.close(ours)
    assert process.wait(LONG) == 0
    return shown.decode()


@pytest.fixture(scope="module")
def commands(binary, images):
    """Commands of each kind: a table, panels, an image and numbers, what fails."""
    return [
        ["costs"],
        ["show", binary.path],
        ["explain", images.path, images.data],
        ["train", "no-such-file"],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("size", ["0", "1", "abc", "10000000"])
def test_a_width_that_cannot_be_meant_is_the_usual_one(run, shell, commands, size, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments in commands:
        usual, odd = run(*arguments), shell(*arguments, env={"COLUMNS": size, "LINES": size})
        assert (usual.out + usual.err).count("\n") > 1
        assert odd == usual


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (25, 80)])
def test_a_terminal_of_no_size(table, size):
    environ = {"TERM": "xterm", "COLUMNS": "", "LINES": ""}
    shown = in_a_terminal(["train", str(table), "-e", "2"], size, **environ)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert "Diagnosis" in plain
    assert "left" in plain
    lines = [line.rpartition("\r")[2] for line in plain.replace("\r\n", "\n").split("\n")]
    assert {len(line) for line in lines if line.startswith("╭")} == {80}


def test_colours_only_where_they_are_wanted():
    assert "\x1b[1;36m" in in_a_terminal(["costs"], TERM="xterm-256color")
    assert "36m" not in in_a_terminal(["costs"], TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b[" not in in_a_terminal(["costs"], TERM="dumb")


def test_the_bar_is_shown_in_a_terminal_and_gone_at_the_end(table):
    shown = in_a_terminal(["train", str(table), "-e", "3"], TERM="xterm")
    assert "━" in shown
    assert "left" in shown
    assert "Diagnosis" in shown.rpartition("━")[2]
    dumb = in_a_terminal(["train", str(table), "-e", "3"], TERM="dumb")
    assert "Diagnosis" in dumb


def test_data_from_standard_input(tmp_path):
    table = write_table(tmp_path / "table.csv").read_bytes()
    model = tmp_path / "m.pellucid"
    for arguments in (["train", "-", "--epochs", "1", "--save", model], ["predict", model, "-", "--json"]):
        line, packed = command(*map(str, arguments)), gzip.compress(table)
        done = subprocess.run(line, input=packed, capture_output=True, env=environment(), timeout=LONG)
        assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == table.count(b"\n") - 1
