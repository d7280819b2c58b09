"""Checks before training, in one place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Dataset, Target
from pellucid.errors import ConfigurationError, DataError, check_type
from pellucid.evaluation import OutputHead
from pellucid.network import Cost, Network, choose_cost, costs
from pellucid.training.config import TrainingConfig
from pellucid.training.number import check_number

__all__ = [
    "check_endless",
    "check_first_batch",
    "check_learnable",
    "check_measured",
    "check_sample_weight",
    "choose_head",
    "make_head",
]


def check_learnable(network: object, settings: object) -> None:
    """Check that the network can be trained, and that the settings are settings.

    Raises
    ------
    ConfigurationError
    """
    check_type(network, Network, "the network", "a Network, as build_network makes it")
    check_type(settings, TrainingConfig, "the settings", "TrainingConfig(epochs=5), say")
    assert isinstance(network, Network)
    network.check_trainable()


def choose_head(network: Network, data: Dataset, cost: str | Cost | None = None) -> OutputHead:
    """Return the output head of a network for some data, checked before training begins.

    Parameters
    ----------
    network : Network
    data : Dataset
    cost : str or Cost, optional
        By default chosen by the task and the output layer.

    Raises
    ------
    ConfigurationError
        If a layer cannot be trained, or the cost does not fit the outputs.
    DataError
        If the network does not fit the data.
    """
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
    """Check that epochs are measured if the schedule depends on their figures.

    Raises
    ------
    ConfigurationError
    """
    if settings.schedule.looks_back and not measure_every:
        raise ConfigurationError(
            f"the schedule {settings.schedule.name} depends on the figures of the epochs: none is measured",
            expected="measure_every of 1 or more, or another schedule",
            received=f"measure_every={measure_every!r}",
        )


def check_endless(settings: TrainingConfig, updates_per_epoch: object) -> None:
    """Check that no setting needs to know all examples, for a stream without an end.

    Raises
    ------
    ConfigurationError
    """
    schedule = settings.schedule
    if settings.optimizer.full_batch or schedule.needs_end or schedule.looks_back:
        what = settings.optimizer if settings.optimizer.full_batch else schedule
        raise ConfigurationError(
            f"{what.name} needs to know all examples of a run, and a stream has no end",
            expected="an optimizer for batches, and a schedule such as constant or inverse",
            received=str(what),
        )
    check_number(updates_per_epoch, "updates_per_epoch", least=1, whole=True)


def check_first_batch(network: Network, size: int) -> None:
    """Check that batch normalisation does not begin with a batch of one example.

    Raises
    ------
    ConfigurationError
    """
    for layer in network.layers:
        unseen = None if layer.normaliser is None else layer.normaliser.unseen
        if size < 2 and unseen is not None and unseen[0] == 1:
            raise ConfigurationError(
                "batch normalisation has seen no batch yet, and cannot begin with a single example",
                expected="a chunk of 2 examples or more to begin with",
                received="1",
                remedy="begin with a chunk, or normalise by layer",
            )


def check_sample_weight(sample_weight: Any, n: int) -> NDArray[np.float64]:
    """Return how much each of n examples counts.

    Raises
    ------
    DataError
        If there is not one finite number, 0 or more, for each.
    """
    given = np.atleast_1d(np.asarray(sample_weight))
    if given.dtype.kind not in "biuf" or given.shape != (n,) or not (np.isfinite(given) & (given >= 0)).all():
        raise DataError(
            "the weights do not fit the examples",
            expected=f"{n} finite numbers, 0 or more",
            received=f"shape {given.shape} of {given.dtype}",
        )
    return given.astype(np.float64)
