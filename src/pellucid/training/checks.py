"""Checks before training, in one place."""

from pellucid.data import Dataset, Target
from pellucid.errors import ConfigurationError, DataError, check_type
from pellucid.evaluation import OutputHead
from pellucid.network import Cost, Network, choose_cost, costs
from pellucid.training.config import TrainingConfig

__all__ = [
    "check_learnable",
    "check_measured",
    "choose_head",
    "make_head",
]


def check_learnable(network: Network) -> None:
    """Check that the network is one, and can be trained."""
    check_type(network, Network, "the network", "a Network, as build_network makes it")
    network.check_trainable()


def choose_head(network: Network, data: Dataset, cost: str | Cost | None = None) -> OutputHead:
    """Return the output head of a network, checked to fit the data."""
    check_type(data, Dataset, "the data", "a Dataset, or a pair of arrays (x, y)")
    if network.sizes[0] != data.n_inputs:
        raise DataError(
            "the network does not fit the data",
            expected=f"{data.n_inputs} inputs",
            received=f"{network.sizes[0]}",
            remedy="make it with build_network(data), or with that many inputs",
        )
    head = make_head(network, data.target, cost)
    for examples in data.sets.values():
        head.check(examples.known_targets)
    return head


def make_head(network: Network, target: Target, cost: str | Cost | None = None) -> OutputHead:
    """Return the output head of a network; by default the task and the output layer choose the cost."""
    return OutputHead(
        target, network, costs.get(choose_cost(target.task, network.output) if cost is None else cost)
    )


def check_measured(settings: TrainingConfig, measure_every: int | None) -> None:
    """Check that epochs are measured if the schedule depends on their figures."""
    if settings.schedule.looks_back and not measure_every:
        raise ConfigurationError(
            f"the schedule {settings.schedule.name} depends on the figures of the epochs: none is measured",
            expected="measure_every of 1 or more, or another schedule",
            received=f"measure_every={measure_every!r}",
        )
