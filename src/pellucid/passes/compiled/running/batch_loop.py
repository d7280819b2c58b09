"""Training in mini-batches in a compiled loop."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.sparse_rows import SparseRows
from pellucid.network import Layer, Network, Normaliser, Objective
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code.kernels import kernel, programs
from pellucid.passes.compiled.memory.batch_records import BATCH, BATCH_LAYER, PARTS
from pellucid.passes.compiled.memory.frame import FRAME_BYTES, MOST_NUMBERS
from pellucid.passes.compiled.memory.layout import (
    BLOCK_BYTES,
    PACKED_BYTES,
    PACKED_ROWS,
    SPARSE_DEPTH,
    SPARSE_WIDE,
    TILE_ROWS,
    WIDE,
    address,
    blocks_of,
    panels_of,
    rows_of,
    zeros,
)
from pellucid.passes.compiled.running.batch_programs import formulas_of
from pellucid.passes.compiled.running.training_loop import TrainingLoop, share_of_nonzero
from pellucid.passes.compiled.tracing.formulas import statistics_shape
from pellucid.passes.compiled.tracing.retracing import Retraced
from pellucid.passes.compiled.tracing.signatures import (
    LIMIT_NORMS,
    RUNNING_STATISTICS,
    UPDATE,
    normalise_back_signature,
    normalise_signature,
    update_signature,
)
from pellucid.passes.flags import Flags
from pellucid.passes.rule import Rule
from pellucid.random import bound

__all__ = ["BatchLoop"]

# Listing the inputs that are not 0 pays off up to this share of them (benchmarks: zeros).
FEW = 0.4
# The largest number of rows that are listed at a time: more would not stay in the caches. Only a
# normalisation over the batch needs more rows together.
_MOST_SPARSE = 1024

# An update with more multiplications for each thread than these takes all gradients before it applies one: an
# update that has begun to change weights cannot be given up, and would keep whoever stops it waiting.
_LONG = 3 << 30

# A layer of so many blocks of columns is split in two: each half of its weights stays with the same threads,
# and in their caches. Halves of fewer blocks would be slower to multiply.
_HALVED = 15


class BatchLoop(TrainingLoop):
    """Training in mini-batches, with any optimizer.

    Parameters
    ----------
    network : Network
        Its numbers are copied; `give` copies them back.
    objective : Objective
    batch : int
        The largest number of examples of an update, and the number unless `use` sets a smaller one.
    rule : Rule
    threads : int
    machine : Machine
    flags : Flags
    losses : bool
        Whether to keep the loss of each example before its update.
    rates : sequence of float
        The dropout rate of each layer's inputs; no dropout by default.
    noise : float
        The standard deviation of the noise on the inputs.
    squared_norms : bool
        Whether to keep the squared norm of each layer's weights before each update.

    Raises
    ------
    Untraceable
        If a declaration cannot be compiled.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        batch: int,
        rule: Rule,
        threads: int,
        machine: Machine,
        flags: Flags,
        *,
        losses: bool = False,
        rates: Sequence[float] = (),
        noise: float = 0.0,
        squared_norms: bool = False,
    ) -> None:
        super().__init__(network, machine, flags)
        self.batch, self.rule, self.threads, self.losses = batch, rule, threads, losses
        self.rates, self.noise = list(rates) or [0.0] * len(network.layers), noise
        self._norms = squared_norms
        self._reads_all = bool(noise or self.rates[0])
        self._layers = np.zeros(len(network.layers), BATCH_LAYER)
        self._run = np.zeros(1, BATCH)
        # A batch is carried in parts that stay in the caches, unless a normalisation compares its examples.
        compares = any(layer.normaliser and layer.normaliser.rule.over_examples for layer in network.layers)
        self._part = batch if compares else min(batch, PACKED_ROWS)
        self._rows = -(-self._part // TILE_ROWS) * TILE_ROWS
        work = batch * sum(layer.weights.size for layer in network.layers)
        self._adds_up = batch > PACKED_ROWS or work > _LONG * threads
        self._formulas = Retraced(formulas_of(network, objective, rule, losses=losses, noise=bool(noise)))
        self._kernel = kernel("batches", self.dtype, machine)
        for number, layer in enumerate(network.layers):
            record = self._layers[number]
            self._fill(number)
            if squared_norms:
                parts = self.weights[number][..., 0].size // (BLOCK_BYTES // self.dtype.itemsize)
                record["norm_parts"] = self._hold(f"norm parts {number}", zeros(parts, np.float64))
            if layer.normaliser is not None:
                self._fill_normaliser(number, layer.normaliser)
            self._fill_parts(number, record)
            if rule.shorten is not None:
                self._fill_norm_limit(number)
        self._record()
        self._bind(programs(self._formulas.programs, machine, self))

    def _room_for_weights(self, layer: Layer) -> NDArray[Any]:
        return panels_of(layer.n_in, layer.n_out, self.dtype)

    def _bind(self, at: Mapping[str, int]) -> None:
        run = self._run
        run["error_program"], run["loss_program"], run["update"] = (
            at["errors"],
            at.get("losses", 0),
            at.get("update", 0),
        )
        run["gradient"], run["squares"] = at.get("gradient", 0), at.get("squares", 0)
        run["noise_program"] = at.get("noise", 0)
        for number, record in enumerate(self._layers):
            for name in ("forward", "backward", "normalise", "normalise_back", "running"):
                record[name] = at.get(f"{name}_{number}", 0)
            for name in ("normalise", "normalise_back"):
                record[f"{name}_alone"] = at.get(f"{name}_alone_{number}", record[name])
            record["limit_norms"] = at.get("limit_norms", 0)

    def _fill(self, number: int) -> None:
        layer, record = self.network.layers[number], self._layers[number]
        weights = self.weights[number]
        record["n_in"], record["n_out"] = layer.n_in, layer.n_out
        record["blocks"] = blocks_of(layer.n_out, self.dtype)
        record["row"] = rows_of(1, layer.n_out, self.dtype, apart=True).shape[1]
        record["weights"], record["biases"] = address(weights), address(self.biases[number])
        record["panel"], record["weight_row"] = weights[0].size, weights.shape[2]
        for name in ("sums", "outputs", "output_slopes"):
            record[name] = self._rows_for(f"{name} {number}", layer.n_out)
        # Errors may overwrite the sums that they come from: that memory is in the caches.
        one_by_one = number + 1 < len(self.network.layers) and not layer.activation.acts_on_layer
        if one_by_one and layer.normaliser is None:
            record["errors"] = record["sums"]
        else:
            record["errors"] = self._rows_for(f"errors {number}", layer.n_out)
        record["weighted_sums"], record["weighted_errors"] = record["sums"], record["errors"]
        record["input_row"] = rows_of(1, layer.n_in, self.dtype, apart=True).shape[1]
        if rate := self.rates[number]:
            record["mask"] = self._rows_for(f"mask {number}", layer.n_in)
            record["threshold"], record["keep_scale"] = bound(rate), 1 / (1 - rate)
        if number == 0 or rate:
            record["inputs"] = self._rows_for(f"inputs {number}", layer.n_in)
        else:
            record["inputs"] = self._layers[number - 1]["outputs"]
        record["acts_on_layer"] = layer.activation.acts_on_layer
        record["half"] = self._half_of(number)
        if number > 0 and record["half"]:
            self._layers[number - 1]["other_slopes"] = self._rows_for(f"other slopes {number}", layer.n_in)

    def _half_of(self, number: int) -> int:
        """Return the block at which the columns of a layer may be split in two; 0 for nowhere."""
        layer = self.network.layers[number]
        blocks = blocks_of(layer.n_out, self.dtype)
        if layer.activation.acts_on_layer or layer.normaliser is not None or blocks < _HALVED:
            return 0
        # Sparse rows, which the first layer may have, are summed in whole panels.
        return blocks // 2 if number else WIDE * round(blocks / (2 * WIDE))

    def _rows_for(self, name: str, n: int) -> int:
        """Make a row of n numbers for each example of a batch, and return the address."""
        return self._hold(name, rows_of(self._rows, n, self.dtype, apart=True))

    def _fill_normaliser(self, number: int, normaliser: Normaliser) -> None:
        layer, record = self.network.layers[number], self._layers[number]
        over_examples = normaliser.rule.over_examples
        record["normalises"] = 2 if over_examples else 1
        record["weighted_sums"] = self._rows_for(f"weighted sums {number}", layer.n_out)
        record["weighted_errors"] = self._rows_for(f"weighted errors {number}", layer.n_out)
        record["gain_slopes"] = self._rows_for(f"gain slopes {number}", layer.n_out)
        values = self._rows_for(f"values {number}", layer.n_out)
        n = layer.n_out if over_examples else self._rows
        mean, variance, deviation = (
            self._hold(f"{name} of {number}", rows_of(1, n, self.dtype))
            for name in ("mean", "variance", "deviation")
        )
        own = {name: address(array) for name, array in self.normalisers[number].items()}
        record["gain"], record["shift"] = own["gain"], own["shift"]
        statistics, single = {"batch_mean": mean, "batch_variance": variance}, statistics_shape(normaliser)
        arrays = {
            "sums": record["weighted_sums"],
            "gain": own["gain"],
            "shift": own["shift"],
            "mean": own.get("mean", own["gain"]),  # read by a normalisation over the batch alone
            "variance": own.get("variance", own["gain"]),
            "z": record["sums"],
            "values": values,
            "deviation": deviation,
            **statistics,
        }
        operands = normalise_signature(single).operands(arrays)
        record["normalise_operands"] = self._hold(f"normalise {number}", operands)
        arrays = {
            "delta": record["errors"],
            "values": values,
            "deviation": deviation,
            "gain": own["gain"],
            "slopes": record["weighted_errors"],
            "gain_slopes": record["gain_slopes"],
        }
        operands = normalise_back_signature(single).operands(arrays)
        record["normalise_back_operands"] = self._hold(f"normalise back {number}", operands)
        if over_examples:
            running = {name: own[name] for name in normaliser.kept}
            new = {f"new_{name}": at for name, at in running.items()}
            operands = RUNNING_STATISTICS.operands({**running, **statistics, **new})
            record["running_operands"] = self._hold(f"running statistics {number}", operands)

    def _fill_parts(self, number: int, record: Any) -> None:
        """Make, for all that a layer learns, the state and the operands of its updates."""
        rule = self.rule
        learned = {"W": self.weights[number], "b": self.biases[number], **self.normalisers[number]}
        for part, name in zip(PARTS, ("W", "b", "gain", "shift"), strict=True):
            if name not in learned:
                continue
            array = learned[name]
            if self._adds_up:
                record[f"{part}_whole"] = self._hold(f"{part} whole {number}", zeros(array.shape, self.dtype))
            if rule.formula is None:
                continue
            for which, start in rule.starts.items():
                self.state[number, name, which] = zeros(array.shape, self.dtype)
                self.state[number, name, which][...] = start(array)
            kept = {"weights": array} | {which: self.state[number, name, which] for which in rule.starts}
            signature = update_signature([*kept], rule.plain)
            operands = {which: address(each) for which, each in kept.items()}
            operands |= {f"new_{which}": at for which, at in operands.items()}
            operands["gradient"] = 0  # another in each call
            record[f"{part}_operands"] = self._hold(
                f"{part} operands {number}", signature.addresses(operands)
            )
            own = np.zeros((self.threads, MOST_NUMBERS))
            for which, value in rule.numbers[number][name].items():
                own[:, signature.numbers.index(which)] = value
            record[f"{part}_numbers"] = self._hold(f"{part} numbers {number}", own)
            if rule.gradient is not None:
                record[f"{part}_gradient"] = self._hold(
                    f"{part} gradient {number}", zeros(array.shape, self.dtype)
                )
                record[f"{part}_squares"] = self._hold(
                    f"{part} squares {number}", zeros(array.shape[:-1], self.dtype)
                )

    def _fill_norm_limit(self, number: int) -> None:
        record = self._layers[number]
        of = {"weights": record["weights"], "biases": record["biases"]}
        operands = LIMIT_NORMS.operands(of | {f"new_{name}": at for name, at in of.items()})
        record["norm_operands"] = self._hold(f"norm operands {number}", operands)
        record["max_norm"] = self.rule.lengths[number]

    def _record(self) -> None:
        run, layers = self._run, self.network.layers
        run["n_layers"], run["threads"] = len(layers), self.threads
        run["batch"], run["part"] = self.batch, self._part
        run["barrier"] = self._hold("barrier", zeros(16, np.int64))
        run["longest"] = self.rule.longest
        if self.noise:
            run["noise_size"] = self.noise
            for name in ("noise", "second_noise"):
                run[name] = self._rows_for(name, layers[0].n_in)
        run["target"] = self._rows_for("target", layers[-1].n_out)
        run["sample_weight"] = self._hold("sample_weight", zeros(self._rows, self.dtype))
        run["direct"], run["adds_up"] = self.rule.formula is None, self._adds_up
        run["n_operands"] = len(update_signature(["weights", *self.rule.starts], UPDATE.numbers).arrays)
        one = zeros(16, self.dtype)
        one[0] = 1
        run["one"] = self._hold("one", one)
        run["zeros"] = self._hold("zeros", zeros(8 * BLOCK_BYTES, np.uint8))
        widest = max(layer.n_out for layer in layers)
        # The frame of calls, pieces of a gradient, and the weights that the way back transposes at a time.
        turned = WIDE * (widest + BLOCK_BYTES // self.dtype.itemsize)
        room = FRAME_BYTES + BLOCK_BYTES * (TILE_ROWS * SPARSE_WIDE + turned)
        run["scratch_bytes"] = room = -(-room // BLOCK_BYTES) * BLOCK_BYTES
        run["scratch"] = self._hold("scratch", zeros((self.threads, room), np.uint8))
        run["packed_bytes"] = room = PACKED_BYTES + BLOCK_BYTES * WIDE * min(self._rows, PACKED_ROWS)
        run["packed"] = self._hold("packed", zeros((self.threads, room), np.uint8))
        run["stop"], run["done"] = self.flags.stop_at, self.flags.done_at
        run["status"] = self._hold("status", zeros(24, np.int64))

    def examples(
        self,
        inputs: NDArray[Any] | SparseRows,
        scale: float,
        targets: NDArray[Any],
        weights: NDArray[Any] | None,
    ) -> None:
        """Set the training examples; the parameters are those of `OnlineLoop`."""
        run, n_in = self._run[0], self.network.layers[0].n_in
        self._examples(run, inputs, scale, targets)
        run["sample_weights"] = (
            0 if weights is None else self._hold("weights", np.ascontiguousarray(weights, np.float64))
        )
        few = self._part <= _MOST_SPARSE and share_of_nonzero(inputs) <= FEW
        run["sparse"] = few and not self._reads_all
        run["input_width"] = run["input_bytes"] // n_in
        longest = int(np.diff(inputs.starts).max()) if isinstance(inputs, SparseRows) else n_in
        block = BLOCK_BYTES // self.dtype.itemsize
        room = -(-longest // block) * block + block
        if run["sparse"] and run["list_room"] < room:
            run["list_room"] = room
            run["half_in"] = 0 if self._layers[0]["half"] else _half(n_in)
            run["other_sums"] = self._rows_for("other sums", self.network.layers[0].n_out)
            run["rows"], lists = self._rows, 2 * self._rows if run["half_in"] else self._rows
            run["index"] = self._hold("index", zeros((lists, room), np.int32))
            run["values"] = self._hold("values", zeros((lists, room), self.dtype))
            run["lists"] = self._hold("lists", zeros(lists, np.int64))
            run["until_room"] = blocks = blocks_of(n_in, self.dtype) + 1
            run["until"] = self._hold("until", zeros((lists, blocks), np.int32))
            # An odd number of blocks apart, as rows are: many lists are written to in turn.
            run["column_room"] = many = block // 2 * (-(-2 * self._part // block) | 1)
            run["column_lists"] = self._hold("column lists", zeros((n_in, 2 * many), self.dtype))
            run["column_counts"] = self._hold("column counts", zeros(n_in, np.int64))

    def use(self, batch: int) -> None:
        """Set the number of examples of an update, no more than there is room for."""
        self._run["batch"] = batch

    def disturb(self, mask_keys: NDArray[np.uint32], noise_keys: NDArray[np.uint32]) -> None:
        """Set the random keys of dropout and noise for the updates from now on.

        Parameters
        ----------
        mask_keys : array of uint32, shape (updates, layers, 2)
        noise_keys : array of uint32, shape (updates, 2, 2)
        """
        self._run["mask_keys"] = self._hold("mask keys", mask_keys)
        self._run["noise_keys"] = self._hold("noise keys", noise_keys)

    def begin(
        self,
        order: NDArray[np.int64],
        rates: NDArray[np.float64],
        before: int,
        divisors: NDArray[np.float64] | None = None,
    ) -> None:
        """Set the order of the examples, and the learning rate of each update.

        Parameters
        ----------
        order : array of int64
            The indices of the examples.
        rates : array of float64
            One for each batch of the order.
        before : int
            The number of updates before this order.
        divisors : array of float64, optional
            For each batch, what the sum of its examples' gradients is divided by, above 0; by default the
            number of its examples.
        """
        run = self._run
        run["order"], run["rates"] = self._hold("order", order), self._hold("rates", rates)
        run["divisors"] = 0 if divisors is None else self._hold("divisors", divisors)
        run["n_examples"], run["before"] = len(order), before
        if self._norms:
            norms = zeros((len(rates), len(self._layers)), np.float64)
            run["squared_norms"] = self._hold("squared norms", norms)
        if self.losses:
            run["losses"] = self._hold("losses", zeros(len(order), self.dtype))
        self.flags.done = 0

    @property
    def seen_squared_norms(self) -> NDArray[np.float64]:
        """The squared norm of each layer's weights before each update of the order: (updates, layers)."""
        norms: NDArray[np.float64] = self._held["squared norms"]
        return norms

    def learn(self, first: int, last: int) -> int:
        """Make the updates ``first`` to ``last - 1``; return the number of the first that was not made."""
        run = self._run
        run["first"], run["last"] = first, last
        self._held["status"][:] = 1
        self._held["barrier"][:] = 0
        return self._work(self.threads)


def _half(n_in: int) -> int:
    """Return the number of inputs of the first half where they are listed in two; 0 where they are not.

    A half is a whole multiple of the inputs that are summed at a time; fewer than two of these are not split.
    """
    return SPARSE_DEPTH * round(n_in / (2 * SPARSE_DEPTH)) if n_in >= 2 * SPARSE_DEPTH else 0
