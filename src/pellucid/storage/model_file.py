"""A model as one file: the numbers as safetensors, all else as JSON in its header. Nothing in it runs."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.data import inputs_from_dict, target_from_dict
from pellucid.declarations import Declaration, Registry
from pellucid.errors import (
    ConfigurationError,
    FormatError,
    MissingFileError,
    PellucidError,
    StorageError,
    UnknownNameError,
    check_type,
)
from pellucid.evaluation import Diagnosis, History, Judge
from pellucid.model import Model
from pellucid.network import Floats, Layer, Network, activations, costs
from pellucid.whole_file import check_free, write_whole

__all__ = ["FORMAT_VERSION", "load_model", "save_model"]

# Raised when a description is no longer read the way it is written now.
FORMAT_VERSION = 1
_KEY = "pellucid"


def save_model(model: Model, path: str | Path, *, force: bool = False) -> Path:
    """Write a model to a file.

    Parameters
    ----------
    model : Model
    path : str or Path
        Where to.
    force : bool
        Whether a file that is there already may be replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    ExistingFileError
        If there is a file already.
    StorageError
        If it cannot be written.
    ConfigurationError
        If it uses an activation or a cost of one's own that is not registered.

    Examples
    --------
    >>> import pellucid, tempfile
    >>> data = pellucid.load_data("digits")
    >>> model = pellucid.train(pellucid.build_network(data, layers=[8]), data, epochs=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save_model(model, Path(folder) / "digits.pellucid")
    ...     load_model(path).network == model.network
    True
    """
    from safetensors.numpy import save

    check_type(model, Model, "the model to save", "a Model, as pellucid.train gives it")
    path = check_free(path, force=force)
    _check_registered(model)
    # In one piece of memory each; and one key, since a header with several is written in no fixed order.
    tensors = {name: np.ascontiguousarray(array) for name, array in model.network.parameters.items()}
    description = _describe(model)
    description["sha256"] = _checksum(tensors, description)
    content = save(tensors, metadata={_KEY: json.dumps(description)})
    write_whole(path, content)
    return path


def _check_registered(model: Model) -> None:
    """Refuse what could not be read again: the file holds names, and names are looked up."""
    used: list[tuple[Registry[Any], Declaration]] = [(costs, model.cost)]
    used += [(activations, layer.activation) for layer in model.network.layers]
    for registry, declaration in used:
        if declaration.name not in registry or registry.get(str(declaration)) != declaration:
            raise ConfigurationError(
                f"the {registry.kind} {declaration.name!r} could not be found again when the file is opened",
                expected=f"a registered {registry.kind}",
                received=repr(declaration),
                remedy=f"register it first: pellucid.{registry.kind}s.register({type(declaration).__name__})",
            )


def _describe(model: Model) -> dict[str, Any]:
    return {
        "version": FORMAT_VERSION,
        "sizes": list(model.network.sizes),
        "activations": [str(layer.activation) for layer in model.network.layers],
        "cost": str(model.cost),
        "inputs": model.inputs.to_dict(),
        "target": model.target.to_dict(),
        "history": model.history.rows,
        "diagnosis": model.diagnosis.to_dict(),
        "settings": model.settings,
        "provenance": model.provenance,
        "stopped": model.stopped,
        "kept_epoch": model.kept_epoch,
    }


def load_model(path: str | Path) -> Model:
    """Read a model from a file; nothing in the file is run.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Model

    Raises
    ------
    MissingFileError
        If there is none.
    FormatError
        If it is no model file, is damaged, or was written by a newer version.
    UnknownNameError
        If it uses an activation or cost of one's own that is not registered.

    Examples
    --------
    >>> import pellucid, tempfile
    >>> data = pellucid.load_data("digits")
    >>> model = pellucid.train(pellucid.build_network(data, layers=[8]), data, epochs=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     loaded = load_model(save_model(model, Path(folder) / "digits.pellucid"))
    >>> bool((loaded.predict("digits") == model.predict("digits")).all())
    True
    """
    check_type(path, str | os.PathLike, "the model file", "a path")
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(
            "there is no such model file", received=str(path), remedy="save one: pellucid train --save FILE"
        )
    description, tensors = _read(path)
    try:
        return _rebuild(description, tensors)
    except UnknownNameError as error:
        error.where = str(path)
        error.remedy = "register it in Python and load the model there, or use the version that knows it"
        raise
    except PellucidError as error:
        raise _damaged(path, error.problem) from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Floats]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(_KEY)
            if text is None:
                raise FormatError(
                    "this file holds no Pellucid model",
                    expected="a file that pellucid train --save or pellucid.save_model wrote",
                    received="tensors of something else",
                    where=str(path),
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
    except (SafetensorError, TypeError) as error:  # a TypeError for numbers that NumPy does not have
        raise _damaged(path, str(error)) from error
    except OSError as error:
        raise StorageError(
            "the model file cannot be read", received=error.strerror or str(error), where=str(path)
        ) from error
    try:
        description = json.loads(text)
        version = description["version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, f"a header that cannot be read: {error}") from error
    if version != FORMAT_VERSION:
        raise FormatError(
            "the model file is of another version of the format",
            expected=f"version {FORMAT_VERSION}",
            received=f"version {version}",
            where=str(path),
            remedy="open it with the version of Pellucid that wrote it",
        )
    return description, tensors


def _checksum(tensors: dict[str, Floats], description: dict[str, Any]) -> str:
    """Sum up numbers and description, so that a bit that flipped somewhere does not pass for the model's."""
    total = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for name in sorted(tensors):
        total.update(np.ascontiguousarray(tensors[name]).tobytes())
    return total.hexdigest()


def _rebuild(description: dict[str, Any], tensors: dict[str, Floats]) -> Model:
    if description.pop("sha256") != _checksum(tensors, description):
        raise ValueError("numbers or a description that do not match their checksum")
    network = _rebuild_network(description["sizes"], description["activations"], tensors)
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


def _rebuild_network(sizes: list[int], names: list[str], tensors: dict[str, Floats]) -> Network:
    if len(sizes) != len(names) + 1 or len(tensors) != 2 * len(names):
        raise ValueError(f"{len(sizes)} sizes, {len(names)} activations and {len(tensors)} arrays")
    kinds = {array.dtype for array in tensors.values()}
    if kinds not in ({np.dtype("float32")}, {np.dtype("float64")}):
        raise ValueError(f"arrays of {', '.join(sorted(map(str, kinds)))}")
    layers = []
    for number, name in enumerate(names, start=1):
        weights, biases = tensors[f"W{number}"], tensors[f"b{number}"]
        if weights.shape != (sizes[number - 1], sizes[number]) or biases.shape != (sizes[number],):
            raise ValueError(f"layer {number} has the shapes {weights.shape} and {biases.shape}")
        layers.append(Layer(weights, biases, activations.get(name)))
    return Network.from_layers(layers)


def _damaged(path: Path, what: str) -> FormatError:
    return FormatError(
        "the model file is damaged, or is no model file",
        expected="a file that pellucid train --save or pellucid.save_model wrote",
        received=what,
        where=str(path),
        remedy="copy it again from where it was whole, or train and save anew",
    )
