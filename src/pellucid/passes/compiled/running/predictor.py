"""Predictions in machine code: what does not change from one call to the next."""

from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.sparse_rows import SparseRows
from pellucid.network import Floats, Layer, Network, Objective
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code.kernels import kernel, programs
from pellucid.passes.compiled.memory.frame import FRAME_BYTES
from pellucid.passes.compiled.memory.layout import (
    BLOCK_BYTES,
    CSR,
    INDEX_BYTES,
    LINE_INTS,
    SOURCES,
    TILE_ROWS,
    WIDE,
    address,
    blocks_of,
    rows_of,
    zeros,
)
from pellucid.passes.compiled.memory.prediction_records import (
    IN_PANELS,
    OF_ADDRESS,
    OF_OUTPUTS,
    OF_SUMS,
    ON_BLOCKS,
    PREDICTION,
    PREDICTION_LAYER,
)
from pellucid.passes.compiled.running.threads import cores, share_out
from pellucid.passes.compiled.tracing.formulas import layer_program, loss_program
from pellucid.passes.compiled.tracing.retracing import Formula, Retraced
from pellucid.passes.compiled.tracing.signatures import layer_signature
from pellucid.passes.flags import Flags
from pellucid.passes.untraceable import Untraceable

__all__ = ["Predictor"]

# The dtypes of rows that can be read as they are stored.
_KINDS = {np.dtype(name): place for place, name in enumerate(SOURCES)}

# What each call sets: the first fields of a `PREDICTION`, written at once.
_CALL = Struct("qqqdqqqqqqqqqqq")

# Listing the inputs that are not 0 pays off up to such a share of them (benchmarks: zeros): for one row
# alone; for several, which share what is read of the weights; for many, with weights in panels. The last is
# half of what pays off where all rows are alike: where some are listed and some are not, as with MNIST, fewer
# rows are multiplied together. And it pays off only where there is more than one block of sums.
FEW = (0.7, 0.25, 0.12)
# From so many rows on, weights that do not lie on whole blocks are copied to where they do first.
_PACKED_FROM = 16
# From so many rows on, weights of no more bytes than these are copied into panels.
_PANELS_FROM, _MOST_IN_PANELS = 256, 1 << 26
# Rows are carried through all layers together: so many that their numbers stay in the caches.
_NEAR_BYTES = 1 << 19
_MOST_ROWS = 128
# The multiplications that make a thread worth its while: many times what it costs to start it.
_WORTH_A_THREAD = 20_000_000


class Predictor:
    """Carries rows through a network. Its arrays stay where they are; the numbers in them may change.

    One call may run at a time.

    Parameters
    ----------
    network : Network
    machine : Machine

    Attributes
    ----------
    threads : int
        The number of threads of the last call.

    Raises
    ------
    Untraceable
        If no machine code can be made of one of its activations or normalisations, or of its dtype.
    """

    kinds = _KINDS

    def __init__(self, network: Network, machine: Machine) -> None:
        self.machine, self.dtype, self.sizes = machine, network.dtype, network.sizes
        _check_dtype(network)
        # First: without a kernel, every prediction fails here, and should do so before any other work.
        self._kernel = kernel("prediction", self.dtype, machine)
        self._held: list[NDArray[Any]] = []
        self._copied: list[tuple[NDArray[Any], NDArray[Any]]] = []
        self._flags = Flags()
        self._layers = np.zeros(len(network.layers), PREDICTION_LAYER)
        for record, layer in zip(self._layers, network.layers, strict=True):
            self._fill(record, layer)
        self._formulas = _formulas_of(network)
        self._bind()
        self._record = np.zeros(1, PREDICTION)
        self._run, self._call = self._record[0], self._record.view(np.uint8).data
        self._lay_out()
        self._room_for = 0
        self.threads = 1
        self._objective: Objective | None = None
        self._losses: Retraced | None = None
        self._where = address(self._record), address(self._layers)
        self._multiplications = sum(layer.weights.size for layer in network.layers)

    def _bind(self) -> None:
        for record, program in zip(self._layers, self._formulas.programs, strict=True):
            record["forward"] = programs([program], self.machine, self)["layer"]

    def follow(self) -> None:
        """Compile the declarations whose formulas have changed since, and call those programs from now on."""
        if self._formulas.changed():
            self._bind()

    def _hold(self, array: NDArray[Any]) -> int:
        """Keep an array alive as long as machine code may read it, and return its address."""
        self._held.append(array)
        return address(array)

    def _fill(self, record: Any, layer: Layer) -> None:
        n_in, n_out = layer.weights.shape
        row = blocks_of(n_out, self.dtype) * BLOCK_BYTES // self.dtype.itemsize
        record["n_in"], record["n_out"], record["row"] = n_in, n_out, row
        record["blocks"] = blocks_of(n_out, self.dtype)
        weights = self._readable(layer.weights)
        distance = weights.strides[0] // self.dtype.itemsize
        record["weights"], record["weights_row"] = self._hold(weights), distance
        # The last row ends with the array: whole blocks can be read as long as they end before that.
        record["body"] = max(0, n_in - -(-(row - n_out) // distance))
        if row != n_out:
            record["packed"] = self._hold(rows_of(n_in, n_out, self.dtype))
        used = layer.normaliser.used if layer.normaliser else {}
        lie = [self._hold(self._readable(vector)) for vector in (layer.biases, *used.values())]
        go = lie if row == n_out else [self._hold(rows_of(1, n_out, self.dtype)) for _ in lie]
        pairs = np.array([*zip(lie, go, strict=True)], np.int64)
        record["vectors"], record["n_vectors"], record["biases"] = self._hold(pairs), len(lie), go[0]
        signature = layer_signature([*used])
        places = dict(zip(used, go[1:], strict=True))
        kinds = {"sums": OF_SUMS, "z": OF_SUMS, "a": OF_OUTPUTS}
        operands = [(places.get(name, 0), kinds.get(name, OF_ADDRESS)) for name in signature.arrays]
        record["operands"] = self._hold(np.array(operands, np.int64))
        record["n_operands"] = len(operands)

    def _readable(self, array: Floats) -> Floats:
        """Return an array that machine code can read: itself, or a copy that each call updates."""
        item = self.dtype.itemsize
        whole = array.ndim == 1 or (array.strides[0] >= item * array.shape[1] and not array.strides[0] % item)
        if whole and array.strides[-1] == item and array.flags.aligned:
            return array
        copy = np.zeros(array.shape, self.dtype)
        self._copied.append((copy, array))
        return copy

    def _lay_out(self) -> None:
        """Lay out a thread's memory: a frame, rows of inputs, a list, a layer's sums and outputs."""
        run, item = self._run, self.dtype.itemsize
        n_in, *others = self.sizes
        widest = max(blocks_of(n_out, self.dtype) for n_out in others) * BLOCK_BYTES
        rows = _NEAR_BYTES // (n_in * item + 2 * widest) // TILE_ROWS * TILE_ROWS
        rows = min(_MOST_ROWS, max(TILE_ROWS, rows))
        run["n_layers"], run["chunk"] = len(others), rows
        lists = blocks_of(others[0], self.dtype) > 1
        self._few = [int(share * n_in) if lists else -1 for share in FEW]
        run["barrier"] = self._hold(zeros(2 * LINE_INTS, np.int64))
        run["stop"] = self._flags.stop_at
        parts = {
            "input_rows": rows * n_in * item,
            "index": INDEX_BYTES * n_in + BLOCK_BYTES,
            "values": item * n_in + BLOCK_BYTES,
            "sums": rows * widest,
            "outputs": rows * widest,
            "target": rows * widest,
        }
        taken = FRAME_BYTES
        for name, size in parts.items():
            run[name] = taken
            taken += -(-size // BLOCK_BYTES) * BLOCK_BYTES
        run["memory_bytes"] = taken

    def predict(self, rows: NDArray[Any] | SparseRows, scale: float) -> Floats:
        """Return the outputs for some rows.

        Parameters
        ----------
        rows : array of uint8, float32 or float64, shape (n, n_in), or SparseRows
        scale : float
            What a stored number is multiplied by.

        Returns
        -------
        array of the network's dtype, shape (n, n_out)
        """
        return self._carry(rows, scale, np.empty((len(rows), self.sizes[-1]), self.dtype))

    def predict_with_losses(
        self,
        rows: NDArray[Any] | SparseRows,
        scale: float,
        objective: Objective,
        target: Any,
        empty: Callable[..., Floats] = np.empty,
    ) -> tuple[Floats, Floats]:
        """Return the outputs for some rows, and the losses.

        Parameters
        ----------
        rows, scale
            As for `predict`.
        objective, target
            As for the reference's `predict_with_losses`.
        empty : callable
            Makes arrays of a shape and a dtype for the results.

        Raises
        ------
        DataError
            If there is not one target for each output of each example.
        Untraceable
            If no machine code can be made of the cost.
        """
        if self._losses is None or objective is not self._objective:
            write = partial(loss_program, objective, self.dtype, "losses")
            self._losses = Retraced([Formula([objective.cost], write)])
            self._objective, changed = objective, True
        else:
            changed = self._losses.changed()
        if changed:
            self._losses_at = programs(self._losses.programs, self.machine, self)["losses"]
        outputs = empty((len(rows), self.sizes[-1]), self.dtype)
        target = np.ascontiguousarray(objective.cost.as_outputs(target, outputs))
        losses = empty(len(rows), self.dtype)
        judged = self._losses_at, address(losses), address(target), target.strides[0]
        return self._carry(rows, scale, outputs, judged), losses

    def _carry(
        self,
        rows: NDArray[Any] | SparseRows,
        scale: float,
        outputs: Floats,
        judged: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> Floats:
        n = len(rows)
        if n == 0:
            return outputs
        if isinstance(rows, SparseRows):
            values = rows.values if scale == 1.0 else rows.values * scale
            stored, scale, kind, row_bytes = np.ascontiguousarray(values, self.dtype), 1.0, CSR, 0
            lists = address(rows.columns), address(rows.starts)
        else:
            if rows.strides[1] != rows.itemsize or not rows.flags.aligned:
                rows = np.ascontiguousarray(rows)
            stored, kind, row_bytes, lists = rows, self.kinds[rows.dtype], rows.strides[0], (0, 0)
        for copy, array in self._copied:
            copy[...] = array
        work = n * self._multiplications
        threads = 1
        if work >= _WORTH_A_THREAD:
            threads = max(1, min(cores(), work // _WORTH_A_THREAD, -(-n // TILE_ROWS)))
        self.threads = threads
        if threads > self._room_for:
            self._memory = zeros((threads, int(self._run["memory_bytes"])), np.uint8)
            self._run["memory"], self._room_for = address(self._memory), threads
        packs = self._packs(n)
        _CALL.pack_into(
            self._call,
            0,
            *(kind, address(stored), row_bytes, scale, n, address(outputs), threads, packs),
            *judged,
            *lists,
            self._few[2 if packs == IN_PANELS else n > 1],
        )
        if work < _WORTH_A_THREAD:
            self._kernel(*self._where)
            return outputs
        try:
            share_out(lambda thread: self._kernel(*self._where, thread), threads, self._flags.ask_to_stop)
        finally:
            self._flags.stop = False  # the next call is another
        return outputs

    def _packs(self, n: int) -> int:
        """Return where all weights are copied for n rows: `ON_BLOCKS`, `IN_PANELS`, or 0 for nowhere."""
        if n < _PANELS_FROM or self._multiplications * self.dtype.itemsize > _MOST_IN_PANELS:
            return ON_BLOCKS if n >= _PACKED_FROM else 0
        if not self._layers[0]["panels"]:
            for record in self._layers:
                columns = BLOCK_BYTES // self.dtype.itemsize * WIDE
                panels = -(-record["n_out"] // columns)
                record["panels"] = self._hold(zeros((panels, record["n_in"], columns), self.dtype))
        return IN_PANELS


def _formulas_of(network: Network) -> Retraced:
    formulas = []
    for layer in network.layers:
        rule = [layer.normaliser.rule] if layer.normaliser else []
        # Without the network itself, which this must not keep alive.
        write = partial(layer_program, layer.activation, layer.normaliser, network.dtype, "layer")
        formulas.append(Formula([layer.activation, *rule], write))
    return Retraced(formulas)


def _check_dtype(network: Network) -> None:
    kinds = {array.dtype for array in network.arrays.values()}
    if (
        kinds != {network.dtype}
        or network.dtype not in (np.float32, np.float64)
        or not network.dtype.isnative
    ):
        raise Untraceable(f"numbers of the dtype {', '.join(sorted(map(str, kinds)))}")
