"""The command ``pellucid``: its subcommands, and how errors reach the user."""

import io
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
import click.shell_completion

from pellucid.interruption import Interruption, on_interruption

if TYPE_CHECKING:
    from pellucid.errors import PellucidError

__all__ = ["main"]

# Each command's module is imported when it is called, so that the help answers at once.
_COMMANDS = {
    "train": "Train a network on data, and say how good it is and why.",
    "tune": "Search the network and the settings that do best.",
    "evaluate": "Tell how good a model is on data.",
    "predict": "Predict with a model.",
    "show": "Show what a model is.",
    "explain": "Follow one example through a model, forward and back.",
    "activations": "List the activation functions.",
    "costs": "List the cost functions.",
    "normalisations": "List the normalisations of hidden layers.",
    "optimizers": "List the optimizers.",
    "schedules": "List the learning-rate schedules.",
    "demo": "Watch a network learn, with everything explained.",
    "completion": "Print what completes commands in your shell.",
}
_MODULES = dict.fromkeys(("activations", "costs", "normalisations", "optimizers", "schedules"), "listing")


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"pellucid.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        # Click would import every command for its help.
        item = click.shell_completion.CompletionItem
        commands = [item(name, help=text) for name, text in _COMMANDS.items() if name.startswith(incomplete)]
        return commands or click.Command.shell_complete(self, ctx, incomplete)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from pellucid.errors import did_you_mean

            raise click.UsageError(
                f"there is no command {args[0]!r}; {did_you_mean(args[0], _COMMANDS)}", ctx
            )
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version  # its own start-up cost, for this one option

        click.echo(f"pellucid {version('pellucid')}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
def pellucid() -> None:
    """Fully connected neural networks you can see through.

    \b
    pellucid train                    train on the digits that come along
    pellucid train data.csv -t price  train on a file of your own
    pellucid demo                     watch it learn, with everything explained
    """  # noqa: D301  # \b is the character that keeps click from joining the lines


def main() -> None:
    """Run the command line, and exit with its status.

    An error is one clear message and the status 2; after a signal that asks to end, such as Ctrl-C, it is 128
    and the signal's number.
    """
    from pellucid.cli.streams import prepare_streams

    prepare_streams()
    with on_interruption(_break_off) as interruption:
        status = _status(interruption)
        if interruption.number is not None:
            status = status or 128 + interruption.number
            interruption.ignore()
    sys.exit(status)


def _break_off(again: bool) -> None:
    raise KeyboardInterrupt


def _status(interruption: Interruption) -> int:
    """Run the command, tell what went wrong, and give the exit status."""
    from pellucid.errors import PellucidError, visible

    try:
        # Click does not raise a command's exit status here, it gives it back.
        status = pellucid.main(prog_name="pellucid", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        click.echo(visible(shown.getvalue()), err=True, nl=False)  # it may repeat the name of a file
        return 2
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__, EOFError):  # click takes it for the end of what is typed
            return _failed(PellucidError("a file ends too early", received=str(error.__cause__)))
        number = interruption.number or signal.SIGINT
        by = "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"
        click.echo(f"stopped{by}", err=True)
        return 128 + number
    except PellucidError as error:
        return _failed(error)
    except BrokenPipeError:
        _leave_stdout()
        return 1
    except MemoryError as error:
        return _failed(
            PellucidError(
                "there is not enough memory",
                received=str(error) or None,
                remedy="fewer or smaller layers, a smaller batch size, or fewer rows",
            )
        )
    except OSError as error:
        where = error.filename if error.filename is not None else "standard output"
        problem = PellucidError("the system refused", received=error.strerror or str(error), where=str(where))
        if error.filename is None:
            _leave_stdout()
        return _failed(problem)


def _failed(error: "PellucidError") -> int:
    from pellucid.cli.output import print_error

    print_error(error)
    return 2


def _leave_stdout() -> None:
    """Give up on standard output, or Python would complain once more while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
