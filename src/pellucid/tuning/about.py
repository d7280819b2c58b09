"""The identity of a search: what must be equal for trials to be comparable."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np

from pellucid.data.sparse_rows import SparseRows
from pellucid.tuning.candidate import Plan
from pellucid.tuning.space import Space

__all__ = ["about_search", "plain"]


def about_search(plan: Plan, space: Space) -> dict[str, Any]:
    """Return what must be equal for trials to be comparable; study files contain these keys and values."""
    return {
        "the split": {
            name: plan.data.provenance.get(name) for name in ("test_size", "validation_size", "seed")
        },
        "the data": f"rows of the fingerprint {_fingerprint(plan)}",
        "the figure monitored": plan.monitor,
        "the patience": plan.patience,
        "what is fixed": {name: plain(value) for name, value in sorted(space.fixed.items())},
        "what is searched": space.to_dict(),
    }


def _fingerprint(plan: Plan) -> str:
    """Return a hash of the training and the validation set."""
    digest = sha256()
    learning, choosing = plan.data.train, plan.data.validation
    assert choosing is not None  # the plan was checked
    for part, counts in ((learning, True), (choosing, "_weighted_" in plan.monitor)):
        inputs = part.inputs
        rows = (inputs.starts, inputs.columns, inputs.values) if isinstance(inputs, SparseRows) else (inputs,)
        for array in (*rows, part.targets, part.weights if counts else None):
            digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def plain(value: Any) -> Any:
    """Return an option, ready for JSON: declarations become their names.

    Examples
    --------
    >>> from pellucid.network import activations
    >>> plain({"layers": (16, 8), "activation": activations.get("relu"), "dropout": 0.0})
    {'layers': [16, 8], 'activation': 'relu', 'dropout': 0.0}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    return value if isinstance(value, int | float | bool | None) else str(value)
