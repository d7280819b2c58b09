"""A network in a compiled loop: its numbers laid out for machine code, and copied back."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.sparse_rows import SparseRows
from pellucid.network import Floats, Layer, Network
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code.kernels import programs
from pellucid.passes.compiled.memory.layout import (
    CSR,
    SOURCES,
    address,
    blocks_of,
    lay_out,
    read_back,
    rows_of,
    views_of,
    zeros,
)
from pellucid.passes.compiled.running.threads import share_out
from pellucid.passes.compiled.tracing.retracing import Retraced
from pellucid.passes.flags import Flags

__all__ = ["TrainingLoop", "share_of_nonzero"]

# Learning from examples with so many parameters in all takes a few milliseconds, and starting a thread for it
# a tenth of one.
_BRIEF = 2_000_000


class TrainingLoop(ABC):
    """The common part of both loops, whose parameters are described there."""

    _kernel: Callable[..., int]
    _formulas: Retraced

    def __init__(
        self,
        network: Network,
        machine: Machine,
        flags: Flags,
        records: "tuple[np.dtype[Any], np.dtype[Any]]",
        *,
        losses: bool,
    ) -> None:
        self.network, self.machine, self.flags, self.losses = network, machine, flags, losses
        self.dtype = network.dtype
        self._held: dict[str, Any] = {}
        self._n_parameters = network.n_parameters
        self.weights = [self._room_for_weights(layer) for layer in network.layers]
        self.biases = [rows_of(1, layer.n_out, self.dtype) for layer in network.layers]
        self.normalisers = [self._normaliser_rows(layer) for layer in network.layers]
        self.state: dict[tuple[int, str, str], Floats] = {}
        # The network's arrays as they were seen last; one may take another's place between two epochs.
        self._seen: list[tuple[Floats, Floats]] = []
        self._seen_views: list[tuple[Floats, Floats]] = []
        self.take()
        self._run, self._layers = np.zeros(1, records[0]), np.zeros(len(network.layers), records[1])
        self._run["n_layers"] = len(network.layers)
        self._run["stop"], self._run["done"] = flags.stop_at, flags.done_at
        for layer, record, *learned in zip(
            network.layers, self._layers, self.weights, self.biases, strict=True
        ):
            record["n_in"], record["n_out"] = layer.n_in, layer.n_out
            record["blocks"] = blocks_of(layer.n_out, self.dtype)
            record["weights"], record["biases"] = map(address, learned)

    def _normaliser_rows(self, layer: Layer) -> dict[str, Floats]:
        if layer.normaliser is None:
            return {}
        arrays = layer.normaliser.learned | layer.normaliser.kept
        return {name: rows_of(1, array.size, self.dtype) for name, array in arrays.items()}

    @abstractmethod
    def _room_for_weights(self, layer: Layer) -> NDArray[Any]:
        """Make memory for a layer's weights in the loop's layout."""

    @abstractmethod
    def _bind(self, at: Mapping[str, int]) -> None:
        """Set the addresses of the programs that the loop calls, by name."""

    def follow(self) -> None:
        """Compile the declarations whose formulas have changed since, and call those programs from now on."""
        if self._formulas.changed():
            self._bind(programs(self._formulas.programs, self.machine, self))

    def take(self) -> None:
        """Copy the numbers from the network."""
        for here, there in self._views():
            there[...] = here

    def give(self) -> None:
        """Copy the numbers back to the network."""
        for here, there in self._views():
            here[...] = there

    def read_state(self, layer: int, name: str, which: str, array: Floats) -> None:
        """Copy the optimizer's state of one of a layer's arrays, or its average, to another array."""
        read_back(self.state[layer, name, which], array)

    def write_state(self, layer: int, name: str, which: str, array: Floats) -> None:
        """Copy an array to the optimizer's state, or to the average."""
        lay_out(array, self.state[layer, name, which])

    def copy(self) -> list[Floats]:
        """Return copies of all numbers that updates change."""
        return [array.copy() for array in self._changed()]

    def restore(self, copies: list[Floats]) -> None:
        """Restore numbers that `copy` returned."""
        for array, copied in zip(self._changed(), copies, strict=True):
            array[...] = copied

    def is_finite(self) -> bool:
        """Return whether all numbers that updates change are finite."""
        return all(np.isfinite(array).all() for array in self._changed())

    def _changed(self) -> list[Floats]:
        normalisers = [array for arrays in self.normalisers for array in arrays.values()]
        return [*self.weights, *self.biases, *normalisers, *self.state.values()]

    def _views(self) -> list[tuple[Floats, Floats]]:
        """Return views of the network's arrays, each with that of the memory for the same numbers."""
        pairs = list(self._pairs())
        if [id(theirs) for theirs, _ in pairs] != [id(theirs) for theirs, _ in self._seen]:
            self._seen, self._seen_views = pairs, [view for pair in pairs for view in views_of(*pair)]
        return self._seen_views

    def _pairs(self) -> Iterator[tuple[Floats, Floats]]:
        """Walk over the network's arrays, each with the loop's own for the same numbers."""
        for number, layer in enumerate(self.network.layers):
            yield layer.weights, self.weights[number]
            yield layer.biases, self.biases[number]
            for name, row in self.normalisers[number].items():
                yield layer.arrays[name], row

    @property
    def seen_losses(self) -> Floats:
        """The loss of each example in the order, as it was before it was learned from."""
        losses: Floats = self._held["losses"]
        return losses

    def _hold(self, name: str, array: NDArray[Any]) -> int:
        """Keep an array alive as long as the loop may read it, and return its address."""
        self._held[name] = array
        return address(array)

    def _begin(self, order: NDArray[np.int64], rates: NDArray[np.float64]) -> None:
        """Set the order of the examples and the learning rates, and make room for the losses."""
        self._run["order"], self._run["rates"] = self._hold("order", order), self._hold("rates", rates)
        if self.losses:
            self._run["losses"] = self._hold("losses", zeros(len(order), self.dtype))
        self.flags.done = 0

    def _work(self, first: int, last: int, threads: int, n_examples: int) -> int:
        """Run the loop and return its result; if the waiting is interrupted, the loop is asked to stop."""
        self._run["first"], self._run["last"] = first, last
        brief = n_examples * self._n_parameters < _BRIEF
        run = partial(self._kernel, address(self._run), address(self._layers))
        return share_out(run, threads, self.flags.ask_to_stop, brief=brief)

    def _examples(
        self, record: Any, inputs: NDArray[Any] | SparseRows, scale: float, targets: NDArray[Any]
    ) -> None:
        """Set in a record where the examples lie."""
        if isinstance(inputs, SparseRows):
            self._sparse(record, inputs, scale)
        else:
            self._dense(record, inputs, scale)
        if targets.ndim == 1 and targets.dtype.kind in "iub":
            targets = np.ascontiguousarray(targets, np.int64)
        else:
            targets = np.ascontiguousarray(targets, self.dtype).reshape(len(inputs), -1)
        record["targets"] = self._hold("targets", targets)
        record["target_row"] = targets.strides[0] if targets.ndim == 2 else 0

    def _dense(self, record: Any, inputs: NDArray[Any], scale: float) -> None:
        if str(inputs.dtype) not in SOURCES or inputs.strides[1] != inputs.itemsize:
            inputs = np.ascontiguousarray(inputs, self.dtype)
        record["source"], record["scale"] = SOURCES.index(str(inputs.dtype)), scale
        record["inputs"], record["input_row"] = self._hold("inputs", inputs), inputs.strides[0]
        record["input_bytes"] = inputs.shape[1] * inputs.itemsize

    def _sparse(self, record: Any, inputs: SparseRows, scale: float) -> None:
        values = inputs.values if scale == 1.0 else inputs.values * scale
        record["source"], record["scale"] = CSR, 1.0
        record["inputs"] = self._hold("inputs", np.ascontiguousarray(values, self.dtype))
        record["columns"] = self._hold("columns", np.ascontiguousarray(inputs.columns))
        record["starts"] = self._hold("starts", np.ascontiguousarray(inputs.starts))
        record["input_row"] = record["input_bytes"] = 0


def share_of_nonzero(inputs: NDArray[Any] | SparseRows) -> float:
    """Estimate the share of inputs that are not 0 from some of the rows."""
    if isinstance(inputs, SparseRows):
        return inputs.kept / max(1, inputs.size)
    some = inputs[:: max(1, len(inputs) // 256)]
    return float(np.count_nonzero(some)) / max(1, some.size)
