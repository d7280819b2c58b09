"""Model files: the arrays as safetensors, everything else as JSON in the header; no code is run."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.atomic_file import check_save_path, write_atomically
from pellucid.declarations import Declaration, Registry
from pellucid.errors import (
    ConfigurationError,
    FormatError,
    MissingFileError,
    PellucidError,
    PellucidWarning,
    StorageError,
    UnknownNameError,
    check_type,
)
from pellucid.model import Model
from pellucid.network import Floats, activations, costs, normalisations
from pellucid.storage.rebuild import checksum, rebuild

__all__ = ["FORMAT_VERSION", "load_model", "save_model"]

# Incremented when a description can no longer be read in the current format.
FORMAT_VERSION = 1
_KEY = "pellucid"
# The dtypes of networks, as safetensors names them.
_DTYPES = ("F32", "F64")


def save_model(model: Model, path: str | Path, *, force: bool = False) -> Path:
    """Save a model to a file.

    Parameters
    ----------
    model : Model
    path : str or Path
        The file to write.
    force : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ExistingFileError
        If the file exists and may not be replaced.
    StorageError
        If it cannot be written.
    ConfigurationError
        If it uses an activation or a cost of your own that is not registered.

    Warns
    -----
    PellucidWarning
        If training did not change the weights.

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

    check_type(model, Model, "the model to save", "a Model, as pellucid.train returns it")
    path = check_save_path(path, force=force)
    _check_registered(model)
    # Each array is contiguous; there is only one key, because the order of several in a header is not fixed.
    tensors = {name: np.ascontiguousarray(array) for name, array in model.network.arrays.items()}
    description = _describe(model)
    description["sha256"] = checksum(tensors, description)
    content = save(tensors, metadata={_KEY: json.dumps(description)})
    write_atomically(path, content)
    for note in model.notes:
        warnings.warn(note, PellucidWarning, stacklevel=2)
    return path


def _check_registered(model: Model) -> None:
    """Check that all declarations are registered: the file contains only their names."""
    used: list[tuple[Registry[Any], Declaration]] = [(costs, model.cost)]
    for layer in model.network.layers:
        used.append((activations, layer.activation))
        if layer.normaliser:
            used.append((normalisations, layer.normaliser.rule))
    for registry, declaration in used:
        if declaration.name not in registry or registry.get(str(declaration)) != declaration:
            raise ConfigurationError(
                f"the {registry.kind} {declaration.name!r} is not registered, so the file could not be read",
                expected=f"a registered {registry.kind}",
                received=repr(declaration),
                remedy=f"register it first: pellucid.{registry.kind}s.register({type(declaration).__name__})",
            )


def _describe(model: Model) -> dict[str, Any]:
    return {
        "version": FORMAT_VERSION,
        "sizes": list(model.network.sizes),
        "activations": [str(layer.activation) for layer in model.network.layers],
        "normalisations": [
            str(layer.normaliser.rule) if layer.normaliser else None for layer in model.network.layers
        ],
        "cost": str(model.cost),
        "inputs": model.inputs.to_dict(),
        "target": model.target.to_dict(),
        "history": model.history.rows,
        "diagnosis": None if model.diagnosis is None else model.diagnosis.to_dict(),
        "settings": model.settings,
        "provenance": model.provenance,
        "stopped": model.stopped,
        "kept_epoch": model.kept_epoch,
    }


def load_model(path: str | Path) -> Model:
    """Load a model from a file; no code in the file is run.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Model

    Raises
    ------
    MissingFileError
        If the file does not exist.
    FormatError
        If it is not a model file, is damaged, or was written by another version.
    UnknownNameError
        If it uses an activation or cost of your own that is not registered.

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
            "the model file does not exist", received=str(path), remedy="save one: pellucid train --save FILE"
        )
    description, tensors = _read(path)
    try:
        return rebuild(description, tensors)
    except UnknownNameError as error:
        error.where = str(path)
        error.remedy = "register it in Python and load the model there, or use a version that has it"
        raise
    except PellucidError as error:
        raise _damaged(path, ": ".join(filter(None, [error.problem, error.received]))) from error
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Floats]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(_KEY)
            if text is None:
                raise FormatError(
                    "not a Pellucid model file",
                    expected="a file written by pellucid train --save or pellucid.save_model",
                    received="a safetensors file from another program",
                    where=str(path),
                )
            names = list(file.keys())
            dtypes = {file.get_slice(name).get_dtype() for name in names}
            if not dtypes <= set(_DTYPES):
                raise _damaged(path, f"arrays of {', '.join(sorted(dtypes))}")
            tensors = {name: file.get_tensor(name) for name in names}
    except SafetensorError as error:
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
            "the model file has another format version",
            expected=f"version {FORMAT_VERSION}",
            received=f"version {version}",
            where=str(path),
            remedy="open it with the version of Pellucid that wrote it",
        )
    return description, tensors


def _damaged(path: Path, what: str) -> FormatError:
    return FormatError(
        "the model file is damaged, or is not a model file",
        expected="a file written by pellucid train --save or pellucid.save_model",
        received=what,
        where=str(path),
        remedy="copy it again from an intact original, or train and save the model again",
    )
