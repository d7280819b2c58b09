import subprocess
import sys

import click
import pytest

from pellucid.cli import main as main_module
from pellucid.cli.main import pellucid

from .conftest import command, environment

COMMANDS = pellucid.list_commands(click.Context(pellucid))


class TestHelp:
    def test_names_every_command(self, run):
        result = run("--help")
        assert result.status == 0
        assert len(COMMANDS) == 14
        assert all(f"  {name} " in result.out for name in COMMANDS)

    def test_keeps_its_examples_on_lines_of_their_own(self, run):
        lines = [line.split("  ")[1] for line in run("--help").out.splitlines() if "pellucid " in line[:12]]
        assert lines == ["pellucid train", "pellucid train data.csv -t price", "pellucid demo"]

    @pytest.mark.parametrize("name", COMMANDS)
    def test_of_a_command_names_all_its_options(self, run, name):
        options = pellucid.get_command(click.Context(pellucid), name).params
        for flag in ("-h", "--help"):
            result = run(name, flag)
            assert result.status == 0
            assert all(
                option.opts[-1] in result.out
                for option in options
                if isinstance(option, click.Option) and not option.hidden
            )
            assert max(map(len, result.out.splitlines())) <= 80

    def test_of_train_has_what_was_asked_for(self, run):
        asked = (
            "target split-column test-size layers activation output cost learning-rate batch-size epochs seed"
            " initializer dtype save task json force"
        )
        said = run("train", "--help").out
        assert [option for option in asked.split() if f"--{option} " not in said] == []

    def test_imports_nothing_heavy(self):
        look = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
        code = (
            "import sys; sys.argv = ['pellucid', '--help']\n"
            "from pellucid.cli.main import main\n"
            "try: main()\n"
            f"except SystemExit: {look}"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True
        )
        loaded = set(done.stdout.splitlines()[-1].split())
        assert "click" in loaded
        assert not loaded & {"numpy", "polars", "sklearn", "scipy", "rich", "safetensors", "pandas"}

    def test_without_a_command(self, run):
        result = run()
        assert "Commands:" in result.out + result.err

    def test_version(self, run):
        from importlib.metadata import version

        assert run("--version").out == f"pellucid {version('pellucid')}\n"


def test_the_script_is_the_module():
    done = [
        subprocess.run(call, capture_output=True, env=environment(), check=True).stdout
        for call in (command("--help"), [f"{sys.prefix}/bin/pellucid", "--help"])
    ]
    assert done[0] == done[1]
    assert done[0].startswith(b"Usage: pellucid [OPTIONS]")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("trian", "train"), ("Explain", "explain"), ("cost", "costs"), ("evalute", "evaluate")],
)
def test_a_near_command_is_suggested(run, wrong, near):
    result = run(wrong)
    assert (result.status, result.out) == (2, "")
    assert f"there is no command '{wrong}'; did you mean '{near}'?" in result.err


@pytest.mark.parametrize(
    ("wrong", "near"), [("--layer", "--layers"), ("--epoch", "--epochs"), ("--sede", "--seed")]
)
def test_a_near_option_is_suggested(run, wrong, near):
    result = run("train", wrong, "3")
    assert (result.status, result.out) == (2, "")
    assert f"No such option '{wrong}'" in result.err
    assert f"'{near}'" in result.err


class TestWhatNobodyForesaw:
    @pytest.mark.parametrize(
        ("trouble", "says"),
        [
            (MemoryError("Unable to allocate 74 GiB"), "not enough memory"),
            (PermissionError(13, "Permission denied", "secret.csv"), "secret.csv"),
        ],
    )
    def test_is_one_clear_error(self, run, monkeypatch, trouble, says):
        def fail(**_):
            raise trouble

        monkeypatch.setattr(main_module.pellucid, "main", fail)
        result = run("costs")
        assert (result.status, result.out) == (2, "")
        assert result.err.startswith("Error: ")
        assert says in result.err

    def test_a_file_that_ends_too_early_is_no_interrupt(self, run, monkeypatch):
        def fail():
            raise EOFError("EOF read where not expected")

        monkeypatch.setattr(main_module.pellucid, "invoke", lambda ctx: fail())
        result = run("costs")
        assert (result.status, result.out) == (2, "")
        assert "Error: unexpected end of file" in result.err

    def test_an_interrupt_anywhere(self, run, monkeypatch):
        def interrupt(**_):
            raise KeyboardInterrupt

        monkeypatch.setattr(main_module.pellucid, "main", interrupt)
        result = run("costs")
        assert (result.status, result.out, result.err) == (130, "", "stopped\n")
