"""The command ``pellucid``: its subcommands and its error messages."""

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

# A command's module is imported when the command is called, so that --help is fast.
_COMMANDS = {
    "look": "Show what would be made of data, column by column, without training.",
    "train": "Train a network, evaluate it and diagnose the training.",
    "tune": "Search for the best network and training settings.",
    "evaluate": "Evaluate a model on data.",
    "predict": "Predict with a model.",
    "show": "Show a model: layers, data, training, results.",
    "explain": "Explain a prediction: forward pass, backward pass and update.",
    "activations": "List the activation functions.",
    "costs": "List the cost functions.",
    "normalisations": "List the normalisations of hidden layers.",
    "optimizers": "List the optimizers.",
    "schedules": "List the learning-rate schedules.",
    "demo": "Watch a network learn, with explanations.",
    "completion": "Print the completion script for your shell.",
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
        # Click would import all commands to read their help texts.
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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pellucid", message="%(package)s %(version)s", help="Show the version.")
def pellucid() -> None:
    """Fully connected neural networks you can see through.

    \b
    pellucid train                    train on the built-in digits
    pellucid train data.csv -t price  train on your own file
    pellucid demo                     watch a network learn, with explanations
    """  # noqa: D301  # \b keeps click from joining the lines


def main() -> None:
    """Run the command line, and exit with its status.

    The status is 2 after an error, and 128 plus the number of the signal after a signal such as Ctrl-C.
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
    """Run the command, print errors, and return the exit status."""
    from pellucid.errors import PellucidError, visible

    try:
        # Click returns the exit status of a command here instead of raising it.
        status = pellucid.main(prog_name="pellucid", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        click.echo(visible(shown.getvalue()), err=True, nl=False)  # it may contain the name of a file
        return 2
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__, EOFError):  # click treats it as the end of input
            return _failed(PellucidError("unexpected end of file", received=str(error.__cause__)))
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
                "not enough memory",
                received=str(error) or None,
                remedy="use fewer or smaller layers, a smaller batch size, or fewer rows",
            )
        )
    except OSError as error:
        where = error.filename if error.filename is not None else "standard output"
        problem = PellucidError(
            "the operating system reported an error", received=error.strerror or str(error), where=str(where)
        )
        if error.filename is None:
            _leave_stdout()
        return _failed(problem)


def _failed(error: "PellucidError") -> int:
    from pellucid.cli.output import print_error

    print_error(error)
    return 2


def _leave_stdout() -> None:
    """Redirect standard output to nothing, or Python would report another error while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
