"""The reconstruction of a model from the description and the arrays in a file."""

import hashlib
import json
from typing import Any

import numpy as np

from pellucid.data import READ_OPTIONS, inputs_from_dict, target_from_dict
from pellucid.described import (
    anything,
    fields,
    list_of,
    mapping_of,
    number_from,
    or_none,
    text,
    whole,
)
from pellucid.evaluation import Diagnosis, History, OutputHead
from pellucid.model import Model
from pellucid.network import Floats, Layer, Network, Normaliser, activations, costs, normalisations

__all__ = ["checksum", "rebuild"]


_SIZE = number_from(above=0)  # a share of the rows, or a number of rows
# The fields that Pellucid relies on. A model can have more, which are shown as they are.
_SETTINGS = fields(
    {},
    {
        "learning_rate": number_from(above=0),
        "schedule": text,
        "epochs": whole(1),
        "seed": whole(),
        "optimizer": text,
    },
    others=anything,
)
_PROVENANCE = fields(
    {
        "source": text,
        **{name: option.stored for name, option in READ_OPTIONS.items() if option.in_all_files},
        "test_size": or_none(_SIZE),
        "seed": whole(),
        "fingerprint": text,
    },
    # Older files lack these fields.
    {
        **{name: option.stored for name, option in READ_OPTIONS.items() if not option.in_all_files},
        **dict.fromkeys(("validation", "validation_fingerprint", "test", "test_fingerprint"), or_none(text)),
        "validation_size": or_none(_SIZE),
    },
    others=anything,
)


def _provenance(value: Any, where: str) -> None:
    # A data set constructed by hand has no provenance.
    (_PROVENANCE if value else fields({}))(value, where)


_DESCRIPTION = fields(
    {
        "sha256": text,
        "sizes": list_of(whole(1), least=2),
        "activations": list_of(text, least=1),
        "cost": text,
        "inputs": mapping_of(anything),
        "target": mapping_of(anything),
        "history": list_of(mapping_of(anything)),
        "diagnosis": or_none(mapping_of(anything)),
        "settings": _SETTINGS,
        "provenance": _provenance,
        "stopped": or_none(text),
    },
    {"normalisations": list_of(or_none(text)), "kept_epoch": or_none(whole())},
    others=anything,
)


def checksum(tensors: dict[str, Floats], description: dict[str, Any]) -> str:
    """Return the SHA-256 of arrays and description, to detect flipped bits."""
    total = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for name in sorted(tensors):
        total.update(np.ascontiguousarray(tensors[name]).tobytes())
    return total.hexdigest()


def rebuild(description: dict[str, Any], tensors: dict[str, Floats]) -> Model:
    """Rebuild a model from its description and arrays; anything invalid raises an error.

    Everything is checked here, so that all of a loaded model can be used.
    """
    _DESCRIPTION(description, "description")
    if description.pop("sha256") != checksum(tensors, description):
        raise ValueError("the arrays or the description do not match their checksum")
    network = _rebuild_network(description, tensors)
    cost = costs.get(description["cost"])
    inputs, target = inputs_from_dict(description["inputs"]), target_from_dict(description["target"])
    if inputs.n_inputs != network.sizes[0]:
        raise ValueError(f"{inputs.n_inputs} inputs for a network with {network.sizes[0]}")
    if description["provenance"].get("task", target.task) != target.task:
        raise ValueError(f"provenance.task is not {target.task}, the task of the target")
    OutputHead(target, network, cost)  # checks that the outputs match the target and the cost
    diagnosis = description["diagnosis"]
    history, kept_epoch = History.from_list(description["history"]), description.get("kept_epoch")
    if kept_epoch is not None and kept_epoch > history.n_epochs:
        raise ValueError(f"kept_epoch is {kept_epoch}, and the history has {history.n_epochs} epochs")
    return Model(
        network=network,
        cost=cost,
        inputs=inputs,
        target=target,
        history=history,
        diagnosis=None if diagnosis is None else Diagnosis.from_dict(diagnosis),
        settings=description["settings"],
        provenance=description["provenance"],
        stopped=description["stopped"],
        kept_epoch=kept_epoch,
    )


def _rebuild_network(description: dict[str, Any], tensors: dict[str, Floats]) -> Network:
    sizes, names = description["sizes"], description["activations"]
    rules = description.get("normalisations") or [None] * len(names)
    if not len(sizes) - 1 == len(names) == len(rules):
        raise ValueError(f"{len(sizes)} sizes, {len(names)} activations and {len(rules)} normalisations")
    if len({array.dtype for array in tensors.values()}) != 1:
        raise ValueError("arrays of float32 and of float64")
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains values that are not finite")
    layers = []
    for number, (name, rule) in enumerate(zip(names, rules, strict=True), start=1):
        weights, biases = tensors[f"W{number}"], tensors[f"b{number}"]
        if weights.shape != (sizes[number - 1], sizes[number]) or biases.shape != (sizes[number],):
            raise ValueError(f"layer {number} has the shapes {weights.shape} and {biases.shape}")
        normaliser = None
        if rule is not None:
            normalisation = normalisations.get(rule)
            needed = Normaliser.names(normalisation)
            normaliser = Normaliser(normalisation, **{array: tensors[f"{array}{number}"] for array in needed})
        layers.append(Layer(weights, biases, activations.get(name), normaliser))
    network = Network.from_layers(layers)
    network.check_trainable()  # explanations use gradients
    if set(network.arrays) != set(tensors):
        raise ValueError(
            f"unexpected or missing arrays: {', '.join(sorted(set(network.arrays) ^ set(tensors)))}"
        )
    return network
