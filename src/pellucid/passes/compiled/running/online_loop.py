"""Training one example at a time in a compiled loop."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.sparse_rows import SparseRows
from pellucid.network import Layer, Network, Objective
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code.kernels import kernel, programs
from pellucid.passes.compiled.memory.frame import MOST_ARRAYS
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, address, rows_of, zeros
from pellucid.passes.compiled.memory.online_records import ONLINE, ONLINE_LAYER
from pellucid.passes.compiled.running.loop_programs import online_formulas
from pellucid.passes.compiled.running.training_loop import TrainingLoop, share_of_nonzero
from pellucid.passes.compiled.tracing import formulas
from pellucid.passes.compiled.tracing.retracing import Retraced
from pellucid.passes.compiled.tracing.signatures import ERRORS, FORWARD, LOSSES
from pellucid.passes.flags import Flags

__all__ = ["OnlineLoop"]

# Listing the inputs that are not 0 pays off up to this share of them (benchmarks: zeros).
FEW = 0.7


class OnlineLoop(TrainingLoop):
    """Textbook gradient descent, one example at a time.

    Parameters
    ----------
    network : Network
        Its numbers are copied; `give` copies them back.
    objective : Objective
    machine : Machine
    flags : Flags
    losses : bool
        Whether to keep the loss of each example before its update.

    Raises
    ------
    Untraceable
        If a declaration cannot be compiled.
    """

    def __init__(
        self, network: Network, objective: Objective, machine: Machine, flags: Flags, *, losses: bool = False
    ) -> None:
        super().__init__(network, machine, flags, (ONLINE, ONLINE_LAYER), losses=losses)
        self._formulas = Retraced(online_formulas(network, objective, losses=losses))
        self._kernel = kernel("online", self.dtype, machine)
        for number in range(len(network.layers)):
            self._fill(number)
        self._run["target"] = self._hold("target", rows_of(1, network.sizes[-1], self.dtype))
        self._run["strides"] = self._hold("strides", np.zeros(MOST_ARRAYS, np.int64))
        self._bind(programs(self._formulas.programs, machine, self))

    def _room_for_weights(self, layer: Layer) -> NDArray[Any]:
        return rows_of(layer.n_in, layer.n_out, self.dtype, apart=True)

    def examples(
        self,
        inputs: NDArray[Any] | SparseRows,
        scale: float,
        targets: NDArray[Any],
        weights: NDArray[Any] | None,
    ) -> None:
        """Set the training examples.

        Parameters
        ----------
        inputs : array of uint8 or float, shape (n, n_in), or SparseRows
            As they are stored.
        scale : float
            What a stored input is multiplied by.
        targets : array, shape (n, n_out), or (n,) for class numbers
        weights : array, shape (n,), or None
            How much each example counts.
        """
        run = self._run[0]
        self._examples(run, inputs, scale, targets)
        counting = np.ones(1, self.dtype) if weights is None else np.ascontiguousarray(weights, self.dtype)
        run["sample_weights"] = self._hold("weights", counting)
        run["sample_weight_bytes"] = 0 if weights is None else self.dtype.itemsize
        self._layers[0]["sparse"] = share_of_nonzero(inputs) <= FEW
        last = self._layers[-1]
        compared = {"z": last["sums"], "a": last["outputs"], "y": run["target"]}
        errors = ERRORS.addresses({**compared, "weight": run["sample_weights"], "delta": last["errors"]})
        run["error_operands"] = self._hold("operands of errors", errors)
        losses = LOSSES.addresses({**compared, "loss": 0})  # another for each example
        run["loss_operands"] = self._hold("operands of losses", losses)

    def _fill(self, number: int) -> None:
        layer, record = self.network.layers[number], self._layers[number]
        record["row"] = self.weights[number].shape[1]
        block = BLOCK_BYTES // self.dtype.itemsize
        for name in ("sums", "outputs", "slopes", "errors", "products", "step", "live_slopes"):
            record[name] = self._hold(f"{name} {number}", rows_of(1, layer.n_out + block, self.dtype))
        for name in ("values", "values_before"):
            record[name] = self._hold(f"{name} {number}", rows_of(1, layer.n_in + block, self.dtype))
        for name in ("index", "index_before"):
            record[name] = self._hold(f"{name} {number}", zeros(layer.n_in + block, np.int32))
        record["live"] = self._hold(f"live {number}", zeros(layer.n_out + block, np.int32))
        record["whole_backward"] = whole = formulas.has_own_backward(layer.activation)
        of = {"z": record["sums"], "a": record["outputs"]}
        if whole:
            of |= {"slope_in_a": record["products"], "delta": record["errors"]}
        else:
            of |= {"slope": record["slopes"]}
        operands = formulas.backward_signature(layer.activation).addresses(of)
        record["operands"] = self._hold(f"operands {number}", operands)

    def _bind(self, at: Mapping[str, int]) -> None:
        self._run["error_program"], self._run["loss_program"] = at["errors"], at.get("losses", 0)
        for number, (layer, record) in enumerate(zip(self.network.layers, self._layers, strict=True)):
            if number > 0:
                record["sparse"] = self._layers[number - 1]["sparse_slopes"]
            record["sparse_slopes"] = formulas.rests(layer.activation)
            # The loop leaves its lists, and the address of the outputs, as the last example had them.
            self._held[f"live {number}"][: layer.n_out] = np.arange(layer.n_out)
            record["outputs"] = address(self._held[f"outputs {number}"])
            self._held[f"operands {number}"][FORWARD.slots.a] = record["outputs"]
            record["forward"] = at[f"forward_{number}"]
            record["backward"] = at.get(f"backward_{number}", 0)

    def begin(
        self,
        order: NDArray[np.int64],
        rates: NDArray[np.float64],
        before: int,
        divisors: NDArray[np.float64] | None = None,
    ) -> None:
        """Set the order of the examples and their learning rates; the parameters are those of `BatchLoop`."""
        self._begin(order, rates if divisors is None else rates / divisors)

    def learn(self, first: int, last: int) -> int:
        """Make the updates ``first`` to ``last - 1``; return the number of the first that was not made."""
        return self._work(first, last, 1, last - first)
