"""Checks before training, in one place."""

from pellucid.data import Dataset, Target
from pellucid.errors import DataError, check_type
from pellucid.evaluation import OutputHead
from pellucid.network import Cost, Network, choose_cost, costs

__all__ = ["check_learnable", "choose_head", "make_head"]


def check_learnable(network: Network) -> None:
    """Check that the network is one, and can be trained."""
    check_type(network, Network, "the network", "a Network, as build_network makes it")
    network.check_trainable()


def choose_head(network: Network, data: Dataset, cost: str | Cost | None = None) -> OutputHead:
    """Return the output head of a network, checked to fit the data."""
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
    chosen = choose_cost(target.task, network.output) if cost is None else cost
    return OutputHead(target, network, costs.get(chosen))
