"""Predictors kept from one call to the next, as long as their networks live and stay what they are."""

import operator
import threading
import weakref
from typing import Any

from pellucid.network import Network
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running.predictor import Predictor
from pellucid.passes.untraceable import Untraceable

__all__ = ["predictor_of"]


class _Kept(threading.local):
    """The predictors of one Python thread, each as long as its network lives.

    Threads share none: two calls at once would write into the same memory.
    """

    def __init__(self) -> None:
        self.by_network: dict[int, tuple[weakref.ref[Network], list[Any], Predictor | Untraceable]] = {}


_kept = _Kept()


def predictor_of(network: Network) -> Predictor:
    """Return a network's predictor: that of the call before, as long as its arrays are the same ones."""
    parts, kept, key = _parts(network), _kept.by_network, id(network)
    found = kept.get(key)
    if found is None or found[0]() is not network or not _same(parts, found[1]):
        found = weakref.ref(network, lambda _: kept.pop(key, None)), parts, _made(network)
        kept[key] = found
    predictor = found[2]
    if isinstance(predictor, Untraceable):
        raise Untraceable(str(predictor))
    try:
        predictor.follow()
    except Untraceable as error:
        kept[key] = *found[:2], error
        raise
    return predictor


def _made(network: Network) -> Predictor | Untraceable:
    """Make a predictor, or return why there can be none."""
    try:
        return Predictor(network, this_machine())
    except Untraceable as error:
        return error


def _parts(network: Network) -> list[Any]:
    """Return all that a predictor depends on: where any of it is another, so must the predictor be."""
    parts: list[Any] = []
    for layer in network.layers:
        parts += (layer.weights, layer.biases, layer.activation)
        if (normaliser := layer.normaliser) is not None:
            parts += (
                normaliser.rule,
                normaliser.gain,
                normaliser.shift,
                normaliser.mean,
                normaliser.variance,
            )
    return parts


def _same(parts: list[Any], others: list[Any]) -> bool:
    return len(parts) == len(others) and all(map(operator.is_, parts, others))
