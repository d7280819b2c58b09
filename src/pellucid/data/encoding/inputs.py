"""The encoding of features: fitted to the training set, stored with the model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import short_list
from pellucid.data.encoding.column_inputs import ColumnInputs
from pellucid.data.encoding.number_inputs import ArrayInputs, PixelInputs
from pellucid.data.encoding.sparse_inputs import SparseInputs
from pellucid.data.encoding.stored import restored
from pellucid.data.raw import RawData
from pellucid.data.sparse_rows import SparseRows

__all__ = [
    "ArrayInputs",
    "ColumnInputs",
    "Inputs",
    "PixelInputs",
    "SparseInputs",
    "fit_inputs",
    "inputs_from_dict",
]

Inputs = PixelInputs | ArrayInputs | ColumnInputs | SparseInputs
_KINDS: tuple[type[Inputs], ...] = (PixelInputs, ArrayInputs, ColumnInputs, SparseInputs)


def fit_inputs(raw: RawData, train: NDArray[np.intp]) -> tuple[Inputs, list[str]]:
    """Fit the encoding of the features to the training set; return notes for the user too.

    Examples
    --------
    >>> fit_inputs(RawData("x", np.array([[1.0], [3.0], [9.0]])), np.array([0, 1]))[0].mean
    array([2.])
    """
    if isinstance(raw.rows, SparseRows):
        return SparseInputs.fit(raw.rows[train]), []
    if not isinstance(raw.rows, np.ndarray):
        return ColumnInputs.fit(raw.rows, train, raw.ignored, raw.place, raw.origin, raw.target, raw.words)
    if raw.image_shape is None:
        inputs = ArrayInputs.fit(raw.rows[train])
        return inputs, [*_notes(inputs), *inputs.far_notes(raw.rows, raw.place)]
    scale = raw.scale
    if scale is None:
        scale = 1.0 / (float(np.abs(raw.rows[train]).max()) or 1.0)
    return PixelInputs(raw.image_shape, scale), []


def _notes(inputs: ArrayInputs) -> list[str]:
    constant = [name for name, scale in zip(inputs.names, inputs.scale, strict=True) if not scale]
    if not constant:
        return []
    return [
        f"{len(constant):,} of {inputs.n_inputs:,} columns are constant in the training set, so nothing can "
        f"be learned from them, and are 0 for the network: {short_list(constant)}"
    ]


def inputs_from_dict(parts: Mapping[str, Any]) -> Inputs:
    """Rebuild inputs from the result of their `to_dict`.

    Examples
    --------
    >>> inputs_from_dict({"kind": "pixels", "shape": [8, 8], "scale": 0.0625}).n_inputs
    64
    """
    return restored(_KINDS, parts)
