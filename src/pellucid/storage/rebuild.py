"""From the description and the numbers in a file back to a model."""

import hashlib
import json
from typing import Any

import numpy as np

from pellucid.data import inputs_from_dict, target_from_dict
from pellucid.evaluation import Diagnosis, History, Judge
from pellucid.model import Model
from pellucid.network import Floats, Layer, Network, Normaliser, activations, costs, normalisations

__all__ = ["checksum", "rebuild"]


def checksum(tensors: dict[str, Floats], description: dict[str, Any]) -> str:
    """Sum up numbers and description, so that a bit that flipped somewhere does not pass for the model's."""
    total = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for name in sorted(tensors):
        total.update(np.ascontiguousarray(tensors[name]).tobytes())
    return total.hexdigest()


def rebuild(description: dict[str, Any], tensors: dict[str, Floats]) -> Model:
    """Make a model of its description and numbers; whatever does not fit raises some error."""
    if description.pop("sha256") != checksum(tensors, description):
        raise ValueError("numbers or a description that do not match their checksum")
    network = _rebuild_network(description, tensors)
    cost = costs.get(description["cost"])
    inputs, target = inputs_from_dict(description["inputs"]), target_from_dict(description["target"])
    if inputs.n_inputs != network.sizes[0]:
        raise ValueError(f"{inputs.n_inputs} inputs for a network of {network.sizes[0]}")
    Judge(target, network, cost)  # refuses outputs that fit neither the target nor the cost
    return Model(
        network=network,
        cost=cost,
        inputs=inputs,
        target=target,
        history=History(description["history"]),
        diagnosis=Diagnosis.from_dict(description["diagnosis"]),
        settings=description["settings"],
        provenance=description["provenance"],
        stopped=description["stopped"],
        kept_epoch=description.get("kept_epoch"),
    )


def _rebuild_network(description: dict[str, Any], tensors: dict[str, Floats]) -> Network:
    sizes, names = description["sizes"], description["activations"]
    # Files from before there were normalisations say nothing of them.
    rules = description.get("normalisations") or [None] * len(names)
    if not len(sizes) - 1 == len(names) == len(rules):
        raise ValueError(f"{len(sizes)} sizes, {len(names)} activations and {len(rules)} normalisations")
    kinds = {array.dtype for array in tensors.values()}
    if kinds not in ({np.dtype("float32")}, {np.dtype("float64")}):
        raise ValueError(f"arrays of {', '.join(sorted(map(str, kinds)))}")
    layers = []
    for number, (name, rule) in enumerate(zip(names, rules, strict=True), start=1):
        weights, biases = tensors[f"W{number}"], tensors[f"b{number}"]
        if weights.shape != (sizes[number - 1], sizes[number]) or biases.shape != (sizes[number],):
            raise ValueError(f"layer {number} has the shapes {weights.shape} and {biases.shape}")
        normaliser = None if rule is None else _rebuild_normaliser(rule, number, sizes[number], tensors)
        layers.append(Layer(weights, biases, activations.get(name), normaliser))
    network = Network.from_layers(layers)
    if set(network.arrays) != set(tensors):
        raise ValueError(
            f"the arrays {', '.join(sorted(set(network.arrays) ^ set(tensors)))} too many or few"
        )
    return network


def _rebuild_normaliser(rule: str, number: int, n_out: int, tensors: dict[str, Floats]) -> Normaliser:
    normaliser = Normaliser.begin(normalisations.get(rule), n_out, tensors[f"W{number}"].dtype)
    for name, array in (normaliser.learned | normaliser.kept).items():
        saved = tensors[f"{name}{number}"]
        if saved.shape != array.shape:
            raise ValueError(f"{name}{number} has the shape {saved.shape}")
        array[...] = saved
    return normaliser
