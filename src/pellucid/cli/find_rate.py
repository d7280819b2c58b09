"""``pellucid train --find-rate``: the learning-rate range test instead of training."""

from typing import Any

from rich.text import Text

from pellucid.cli.output import console, emit, print_notes
from pellucid.cli.warm_start import was_said
from pellucid.data import Dataset
from pellucid.errors import ConfigurationError
from pellucid.network import Network
from pellucid.training import TrainingConfig, find_learning_rate

__all__ = ["check_find_rate", "find_rate"]

# Options that have no effect in a range test.
_OF_A_RUN = (
    "save", "log", "tensorboard", "checkpoint", "learning_rate", "schedule", "epochs", "average",
    "measure_every", "measure_rows",
)  # fmt: skip


def check_find_rate() -> None:
    """Check that no option without effect in a range test is given."""
    for name in _OF_A_RUN:
        if was_said(name):
            option = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"{option} has no effect with --find-rate, which does not train",
                expected=f"either --find-rate or {option}",
                received="both",
            )


def find_rate(
    network: Network,
    dataset: Dataset,
    settings: TrainingConfig,
    cost: str | None,
    class_weight: Any,
    *,
    as_json: bool,
) -> None:
    """Run the range test, and print its curve and the suggested learning rate."""
    print_notes(dataset.notes)
    found = find_learning_rate(
        network,
        dataset,
        cost=cost,
        optimizer=settings.optimizer,
        batch_size=settings.batch_of(len(dataset.train)),
        regularisation=settings.regularisation,
        clipping=settings.clipping,
        class_weight=class_weight,
        seed=settings.seed,
    )
    if as_json:
        emit({"event": "rates", "rates": found.rates, "costs": found.costs, "suggestion": found.suggestion})
        return
    console.print(Text(f"{'rate':>9}  {'cost':>10}", style="bold"))
    console.print(Text(str(found)))
