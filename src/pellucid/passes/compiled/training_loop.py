"""A network in a compiled loop: its numbers laid out for machine code, and brought back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.network import Floats, Network, Objective
from pellucid.passes.compiled import formulas
from pellucid.passes.compiled.kernels import kernel, programs
from pellucid.passes.compiled.layout import address, blocks_of, rows_of, zeros
from pellucid.passes.compiled.machine import BLOCK_BYTES, Machine
from pellucid.passes.compiled.program import Program
from pellucid.passes.compiled.records import BATCH, BATCH_LAYER, LAYER, ONLINE, SOURCES
from pellucid.passes.compiled.sweeps import TILE_ROWS
from pellucid.passes.compiled.work import Flags, share_out

__all__ = ["BatchLoop", "OnlineLoop", "Rule"]

# A list of the inputs that are not 0 pays off where no more than this share of them is.
_FEW = {"online": 0.6, "batches": 0.4}
# And only so many rows are listed at a time: more would not stay near the processor.
_MOST_LISTED = 1024


@dataclass(frozen=True)
class Rule:
    """What an update does with a gradient, for machine code.

    Parameters
    ----------
    formula : callable
        Takes the gradient, plain numbers by name and what is kept by name; gives what is to be kept by name.
    keeps : dict
        For each name of what is kept beside the weights: how it begins, a function of the weights.
    numbers : sequence of dict
        For each layer's weights, then biases, the plain numbers by name; "rate" and "t" come first, and are
        set by the loop.
    """

    formula: Callable[..., Mapping[str, Any]]
    keeps: Mapping[str, Callable[[Floats], Floats]]
    numbers: Sequence[Mapping[str, float]]


class _Loop:
    """What both loops have in common."""

    def __init__(self, network: Network, machine: Machine, flags: Flags) -> None:
        self.network, self.machine, self.flags = network, machine, flags
        self.dtype = network.dtype
        self._held: dict[str, Any] = {}
        self.weights = [self._weight_rows(layer.n_in, layer.n_out) for layer in network.layers]
        self.biases = [rows_of(1, layer.n_out, self.dtype) for layer in network.layers]
        self.take()

    def _weight_rows(self, n_in: int, n_out: int) -> Floats:
        """Make room for weights, with as many rows as pieces of products reach."""
        most = 2 * BLOCK_BYTES // self.dtype.itemsize
        return rows_of(-(-n_in // most) * most, n_out, self.dtype)

    def take(self) -> None:
        """Take the weights and biases as the network has them."""
        for layer, weights, biases in zip(self.network.layers, self.weights, self.biases, strict=True):
            weights[: layer.n_in, : layer.n_out] = layer.weights
            biases[0, : layer.n_out] = layer.biases

    def give(self) -> None:
        """Give the network the weights and biases as they are by now."""
        for layer, weights, biases in zip(self.network.layers, self.weights, self.biases, strict=True):
            layer.weights[...] = weights[: layer.n_in, : layer.n_out]
            layer.biases[...] = biases[0, : layer.n_out]

    def _hold(self, name: str, array: NDArray[Any]) -> int:
        """Keep an array alive as long as the loop may read it, and give its address."""
        self._held[name] = array
        return address(array)

    def _examples(self, record: Any, inputs: NDArray[Any], scale: float, targets: NDArray[Any]) -> None:
        """Tell a record where examples lie."""
        if str(inputs.dtype) not in SOURCES or inputs.strides[1] != inputs.itemsize:
            inputs = np.ascontiguousarray(inputs, self.dtype)
        record["source"], record["scale"] = SOURCES.index(str(inputs.dtype)), scale
        record["inputs"], record["input_row"] = self._hold("inputs", inputs), inputs.strides[0]
        if targets.ndim == 1 and targets.dtype.kind in "iub":
            targets = np.ascontiguousarray(targets, np.int64)
        else:
            targets = np.ascontiguousarray(targets, self.dtype).reshape(len(inputs), -1)
        record["targets"] = self._hold("targets", targets)
        record["target_row"] = targets.strides[0] if targets.ndim == 2 else 0


def share_of_nonzero(inputs: NDArray[Any]) -> float:
    """Estimate, from some of the rows, how many inputs are not 0."""
    some = inputs[:: max(1, len(inputs) // 256)]
    return float(np.count_nonzero(some)) / max(1, some.size)


class OnlineLoop(_Loop):
    """Textbook gradient descent, one example at a time.

    Parameters
    ----------
    network : Network
        Its numbers are taken; `give` brings them back.
    objective : Objective
    inputs : array of uint8 or float, shape (n, n_in)
    scale : float
        What a stored input is multiplied by.
    targets : array, shape (n, n_out), or (n,) for class numbers
    weights : array, shape (n,), or None
        How much each example counts.
    machine : Machine
    flags : Flags
        Whether to stop, and how far it is.

    Raises
    ------
    Untraceable
        If a declaration cannot be compiled.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        inputs: NDArray[Any],
        scale: float,
        targets: NDArray[Any],
        weights: NDArray[Any] | None,
        machine: Machine,
        flags: Flags,
    ) -> None:
        super().__init__(network, machine, flags)
        self._kernel = kernel("online", self.dtype, machine)
        few = share_of_nonzero(inputs) <= _FEW["online"]
        self._layers = np.zeros(len(network.layers), LAYER)
        at = programs(self._programs(objective), machine)
        for number in range(len(network.layers)):
            self._fill(number, at, listed=few)
        self._run = self._record(objective, at)
        self._examples(self._run[0], inputs, scale, targets)
        counting = np.ones(1, self.dtype) if weights is None else np.ascontiguousarray(weights, self.dtype)
        self._run["weights"] = self._hold("weights", counting)
        self._run["weight_bytes"] = 0 if weights is None else self.dtype.itemsize
        self._hold_judge()

    def _programs(self, objective: Objective) -> list[Program]:
        layers = self.network.layers
        forward = [formulas.forward_program(layer.activation, self.dtype, f"forward_{k}") for k, layer in enumerate(layers)]
        backward = [formulas.backward_program(layer.activation, self.dtype, f"backward_{k}") for k, layer in enumerate(layers[:-1])]
        return [*forward, *backward, formulas.error_program(objective, self.dtype, "errors")]

    def _fill(self, number: int, at: Mapping[str, int], *, listed: bool) -> None:
        layer, record = self.network.layers[number], self._layers[number]
        weights = self.weights[number]
        record["n_in"], record["n_out"] = layer.n_in, layer.n_out
        record["blocks"], record["row"] = blocks_of(layer.n_out, self.dtype), weights.shape[1]
        record["weights"], record["biases"] = address(weights), address(self.biases[number])
        block = BLOCK_BYTES // self.dtype.itemsize
        for name in ("sums", "outputs", "slopes", "errors", "products", "step", "live_slopes"):
            record[name] = self._hold(f"{name} {number}", rows_of(1, layer.n_out + block, self.dtype))
        for name in ("values", "values_before"):
            record[name] = self._hold(f"{name} {number}", rows_of(1, layer.n_in + block, self.dtype))
        for name in ("index", "index_before"):
            record[name] = self._hold(f"{name} {number}", zeros(layer.n_in + block, np.int32))
        live = zeros(layer.n_out + block, np.int32)
        live[:] = np.arange(len(live))
        live[layer.n_out :] = 0
        record["live"] = self._hold(f"live {number}", live)
        record["listed"] = listed if number == 0 else formulas.rests(self.network.layers[number - 1].activation)
        record["dies"] = formulas.rests(layer.activation)
        record["forward"] = at[f"forward_{number}"]
        record["backward"] = at.get(f"backward_{number}", 0)
        record["whole_backward"] = whole = formulas.has_own_backward(layer.activation)
        third = record["products"] if whole else record["slopes"]
        places = np.array([record["sums"], record["outputs"], third, record["errors"]], np.int64)
        record["places"] = self._hold(f"places {number}", places)

    def _record(self, objective: Objective, at: Mapping[str, int]) -> NDArray[Any]:
        run = np.zeros(1, ONLINE)
        run["n_layers"], run["judge"] = len(self._layers), at["errors"]
        run["target"] = self._hold("target", rows_of(1, self.network.sizes[-1], self.dtype))
        run["strides"] = self._hold("strides", np.zeros(8, np.int64))
        run["stop"], run["done"] = self.flags.stop_at, self.flags.done_at
        return run

    def _hold_judge(self) -> None:
        last, run = self._layers[-1], self._run[0]
        places = [last["sums"], last["outputs"], run["target"], run["weights"], last["errors"]]
        self._run["judge_places"] = self._hold("judge places", np.array(places, np.int64))

    def learn(self, order: NDArray[np.int64], rates: Floats) -> int:
        """Learn from examples in an order, each at its rate; give how many updates were made."""
        run = self._run
        run["order"], run["rates"] = address(order), address(rates)
        run["first"], run["last"] = 0, len(order)
        self.flags.done = 0
        where = address(run), address(self._layers)

        def stop() -> None:
            self.flags.stop = True

        return share_out(lambda thread: self._kernel(*where, thread), 1, stop)


class BatchLoop(_Loop):
    """Any rule of descent, a batch at a time; its parameters are those of `OnlineLoop`, and besides:

    Parameters
    ----------
    batch : int
        How many examples an update learns from.
    rule : Rule or None
        What an update does; textbook gradient descent unless said.
    threads : int
    losses : bool
        Whether the loss of each example is kept, as it was before it was learned from.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        batch: int,
        rule: Rule | None,
        threads: int,
        machine: Machine,
        flags: Flags,
        *,
        losses: bool = False,
    ) -> None:
        super().__init__(network, machine, flags)
        self._kernel = kernel("batches", self.dtype, machine)
        self.batch, self.rule, self.threads, self.losses = batch, rule, threads, losses
        self._layers = np.zeros(len(network.layers), BATCH_LAYER)
        self._run = np.zeros(1, BATCH)
        at = programs(self._programs(objective), machine)
        self._rows = -(-batch // TILE_ROWS) * TILE_ROWS
        for number in range(len(network.layers)):
            self._fill(number, at)
        self._record(at)
        self.n_updates = 0

    def _programs(self, objective: Objective) -> list[Program]:
        layers, dtype = self.network.layers, self.dtype
        wanted = [formulas.forward_program(layer.activation, dtype, f"forward_{k}") for k, layer in enumerate(layers)]
        wanted += [
            formulas.whole_backward_program(layer.activation, dtype, f"backward_{k}") for k, layer in enumerate(layers[:-1])
        ]
        wanted.append(formulas.error_program(objective, dtype, "errors", shared=True))
        if self.losses:
            wanted.append(formulas.loss_program(objective, dtype, "losses"))
        if self.rule is not None:
            numbers = list(self.rule.numbers[0])
            wanted.append(
                formulas.update_program(self.rule.formula, dtype, "update", ["weights", *self.rule.keeps], numbers)
            )
        return wanted

    def _fill(self, number: int, at: Mapping[str, int]) -> None:
        layer, record = self.network.layers[number], self._layers[number]
        weights, biases = self.weights[number], self.biases[number]
        record["n_in"], record["n_out"] = layer.n_in, layer.n_out
        record["blocks"], record["row"] = blocks_of(layer.n_out, self.dtype), weights.shape[1]
        record["weights"], record["biases"] = address(weights), address(biases)
        for name in ("sums", "outputs", "output_slopes", "errors"):
            record[name] = self._hold(f"{name} {number}", rows_of(self._rows, layer.n_out, self.dtype))
        if number == 0:
            inputs = rows_of(self._rows, layer.n_in, self.dtype)
            record["inputs"], record["input_row"] = self._hold("input rows", inputs), inputs.shape[1]
        else:
            before = self._layers[number - 1]
            record["inputs"], record["input_row"] = before["outputs"], before["row"]
        record["forward"], record["backward"] = at[f"forward_{number}"], at.get(f"backward_{number}", 0)
        record["acts_on_layer"] = layer.activation.acts_on_layer
        if self.rule is None:
            return
        for kind, array, numbers in zip(
            ("weight", "bias"), (weights, biases), self.rule.numbers[2 * number :][:2], strict=True
        ):
            kept = [array]
            for name, start in self.rule.keeps.items():
                kept.append(np.zeros_like(array, subok=False))
                kept[-1] = self._like(array)
                kept[-1][...] = start(array)
                self._held[f"{name} of {kind} {number}"] = kept[-1]
            places = [0] + 2 * [address(each) for each in kept]
            record[f"{kind}_places"] = self._hold(f"{kind} places {number}", np.array(places, np.int64))
            own = np.zeros((self.threads, 16))
            own[:, : len(numbers)] = list(numbers.values())
            record[f"{kind}_numbers"] = self._hold(f"{kind} numbers {number}", own)

    def _like(self, array: Floats) -> Floats:
        return zeros(array.shape, self.dtype)

    def _record(self, at: Mapping[str, int]) -> None:
        run, layers = self._run, self.network.layers
        run["n_layers"], run["threads"], run["batch"] = len(layers), self.threads, self.batch
        run["meeting"] = self._hold("meeting", zeros(16, np.int64))
        run["judge"], run["losses"], run["update"] = at["errors"], at.get("losses", 0), at.get("update", 0)
        run["target"] = self._hold("target", rows_of(self._rows, layers[-1].n_out, self.dtype))
        run["counting"] = self._hold("counting", zeros(self._rows, self.dtype))
        run["direct"] = self.rule is None
        run["n_places"] = 0 if self.rule is None else 1 + 2 * (1 + len(self.rule.keeps))
        one = zeros(16, self.dtype)
        one[0] = 1
        run["one"] = self._hold("one", one)
        run["nothing"] = self._hold("nothing", zeros(8 * BLOCK_BYTES, np.uint8))
        widest = max(layer.n_out for layer in layers)
        block = BLOCK_BYTES // self.dtype.itemsize
        room = 512 + TILE_ROWS * 128 + 1024 + 128 * (-(-widest // block) * block)
        run["scratch"] = self._hold("scratch", zeros((self.threads, room // 64 * 64 + 64), np.uint8))
        run["scratch_bytes"] = room // 64 * 64 + 64
        run["stop"], run["done"] = self.flags.stop_at, self.flags.done_at
        run["sound"] = self._hold("sound", zeros(16, np.int64))

    def examples(
        self, inputs: NDArray[Any], scale: float, targets: NDArray[Any], weights: NDArray[Any] | None
    ) -> None:
        """Say what is learned from; the parameters are those of `OnlineLoop`."""
        run, layer = self._run[0], self.network.layers[0]
        self._examples(run, inputs, scale, targets)
        run["weights"] = 0 if weights is None else self._hold("weights", np.ascontiguousarray(weights, np.float64))
        few = share_of_nonzero(inputs) <= _FEW["batches"] and self.batch <= _MOST_LISTED
        run["listed"] = few
        if few and "index" not in self._held:
            block = BLOCK_BYTES // self.dtype.itemsize
            room = -(-layer.n_in // block) * block + block
            run["list_room"] = room
            run["index"] = self._hold("index", zeros((self._rows, room), np.int32))
            run["values"] = self._hold("values", zeros((self._rows, room), self.dtype))
            run["counts"] = self._hold("counts", zeros(self._rows, np.int64))
            run["column_index"] = self._hold("column index", zeros((layer.n_in, self.batch), np.int32))
            run["column_values"] = self._hold("column values", zeros((layer.n_in, self.batch), self.dtype))
            run["column_counts"] = self._hold("column counts", zeros(layer.n_in, np.int64))

    def learn(self, order: NDArray[np.int64], rates: Floats) -> int:
        """Learn from examples in an order, each batch at its rate; give how many updates were made."""
        run = self._run
        run["order"], run["rates"], run["n_examples"] = address(order), address(rates), len(order)
        run["first"], run["last"], run["before"] = 0, len(rates), self.n_updates
        if self.losses:
            self.seen = zeros(len(order), self.dtype)
            run["losses_to"] = address(self.seen)
        self._held["sound"][8] = 1
        self._held["meeting"][:] = 0
        self.flags.done = 0
        where = address(run), address(self._layers)

        def stop() -> None:
            self.flags.stop = True

        finished = share_out(lambda thread: self._kernel(*where, thread), self.threads, stop)
        self.n_updates += finished
        return finished
