"""``pellucid completion``."""

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for your SHELL.

    \b
    bash: pellucid completion bash >> ~/.bashrc
    zsh:  pellucid completion zsh >> ~/.zshrc
    fish: pellucid completion fish > ~/.config/fish/completions/pellucid.fish
    """  # noqa: D301  # \b keeps click from joining the lines
    complete = get_completion_class(shell)
    if complete is None:  # cannot happen: click supports all the choices
        raise click.UsageError(f"no completion for {shell}")
    root = click.get_current_context().find_root().command
    click.echo(complete(root, {}, "pellucid", "_PELLUCID_COMPLETE").source())
