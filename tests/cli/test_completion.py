import os
import shlex
import shutil
import subprocess

import pytest

from pellucid.network import activations

from .conftest import LONG, command, environment


@pytest.mark.parametrize(
    ("shell", "says"), [("bash", "complete -o nosort"), ("zsh", "compdef"), ("fish", "complete")]
)
def test_prints_what_the_shell_reads(run, shell, says):
    result = run("completion", shell)
    assert (result.status, result.err) == (0, "")
    assert says in result.out
    assert "_PELLUCID_COMPLETE" in result.out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=result.out.encode(), timeout=LONG).returncode == 0


def test_another_shell_is_refused(run):
    result = run("completion", "cmd")
    assert (result.status, result.out) == (2, "")
    assert "'bash', 'zsh', 'fish'" in result.err


def completed(*words):
    """What completes the last of these words."""
    done = subprocess.run(
        command(),
        capture_output=True,
        text=True,
        timeout=LONG,
        env=environment(
            _PELLUCID_COMPLETE="bash_complete",
            COMP_WORDS=" ".join(["pellucid", *words]),
            COMP_CWORD=str(len(words)),
        ),
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()], done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ex"], ["explain"]),
        (["train", "--lay"], ["--layers"]),
        (["train", "--activation", "so"], [name for name in activations.names if name.startswith("so")]),
        (["train", "--activation", "relu,tan"], ["relu,tanh"]),
        (["train", "--cost", "hu"], ["huber"]),
        (["train", "--initializer", "he"], ["he_normal", "he_uniform"]),
        (["train", "--schedule", "l"], ["linear"]),
        (["train", "--dtype", "f"], ["float32", "float64"]),
        (["train", "--task", "c"], ["classification"]),
        (["demo", "s"], ["square"]),
    ],
)
def test_completes(words, expected):
    assert completed(*words)[0] == expected


def test_completes_data_by_name_or_file():
    names, text = completed("train", "dig")
    assert names[0] == "digits"
    assert "file,dig" in text


def test_in_bash(run, tmp_path):
    (tmp_path / "complete.bash").write_text(run("completion", "bash").out)
    (tmp_path / "pellucid").write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n')
    (tmp_path / "pellucid").chmod(0o755)
    script = (
        "source ./complete.bash; COMP_WORDS=(pellucid train --activation sof); COMP_CWORD=3;"
        ' _pellucid_completion pellucid; echo "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment(PATH=path)
    )
    assert done.stdout.split() == ["softplus", "softsign", "softmax"]
