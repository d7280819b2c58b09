"""Training in mini-batches in a compiled loop."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.sparse_rows import SparseRows
from pellucid.network import Network, Objective
from pellucid.passes.compiled.machine import Machine
from pellucid.passes.compiled.machine_code.kernels import kernel, programs
from pellucid.passes.compiled.memory.layout import BLOCK_BYTES, SPARSE_DEPTH, blocks_of, zeros
from pellucid.passes.compiled.running.batch_memory import BatchMemory
from pellucid.passes.compiled.running.loop_programs import batch_formulas
from pellucid.passes.compiled.running.training_loop import share_of_nonzero
from pellucid.passes.compiled.tracing.retracing import Retraced
from pellucid.passes.flags import Flags
from pellucid.passes.rule import Rule

__all__ = ["BatchLoop"]

# Listing the inputs that are not 0 pays off up to this share of them (benchmarks: zeros).
FEW = 0.4
# The largest number of rows that are listed at a time: more would not stay in the caches. Only a
# normalisation over the batch needs more rows together.
_MOST_SPARSE = 1024


class BatchLoop(BatchMemory):
    """Training in mini-batches, with any optimizer.

    Parameters
    ----------
    network, objective, machine, flags, losses
        As for `OnlineLoop`.
    batch : int
        The largest number of examples of an update, and the number unless `use` sets a smaller one.
    rule : Rule
    threads : int
    rates : sequence of float
        The dropout rate of each layer's inputs; no dropout by default.
    noise : float
        The standard deviation of the noise on the inputs.
    squared_norms : bool
        Whether to keep the squared norm of each layer's weights before each update.
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
        super().__init__(
            *(network, batch, rule, threads, machine, flags),
            losses=losses,
            rates=rates,
            noise=noise,
            squared_norms=squared_norms,
        )
        formulas = batch_formulas(network, objective, rule, losses=losses, noise=bool(noise))
        self._formulas = Retraced(formulas)
        self._kernel = kernel("batches", self.dtype, machine)
        self._bind(programs(self._formulas.programs, machine, self))

    def _bind(self, at: Mapping[str, int]) -> None:
        run = self._run
        run["error_program"], run["loss_program"] = at["errors"], at.get("losses", 0)
        run["noise_program"] = at.get("noise", 0)
        for name in ("update", "gradient", "squares"):
            run[name] = at.get(name, 0)
        for number, record in enumerate(self._layers):
            for name in ("forward", "backward", "normalise", "normalise_back", "running"):
                record[name] = at.get(f"{name}_{number}", 0)
            for name in ("normalise", "normalise_back"):
                record[f"{name}_alone"] = at.get(f"{name}_alone_{number}", record[name])
            record["limit_norms"] = at.get("limit_norms", 0)

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
        run["sparse"] = few and not (self.noise or self.rates[0])  # which need all inputs
        run["input_width"] = run["input_bytes"] // n_in
        longest = int(np.diff(inputs.starts).max()) if isinstance(inputs, SparseRows) else n_in
        block = BLOCK_BYTES // self.dtype.itemsize
        room = -(-longest // block) * block + block
        if run["sparse"] and run["list_room"] < room:
            run["list_room"] = room
            run["half_in"] = 0 if self._layers[0]["half"] else _half(n_in)
            run["other_sums"] = self._rows_for(self.network.layers[0].n_out)
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
        self._begin(order, rates)
        run = self._run
        run["divisors"] = (
            0 if divisors is None else self._hold("divisors", np.ascontiguousarray(divisors, np.float64))
        )
        run["n_examples"], run["before"] = len(order), before
        if self._norms:
            norms = zeros((len(rates), len(self._layers)), np.float64)
            run["squared_norms"] = self._hold("squared norms", norms)

    @property
    def seen_squared_norms(self) -> NDArray[np.float64]:
        """The squared norm of each layer's weights before each update of the order: (updates, layers)."""
        norms: NDArray[np.float64] = self._held["squared norms"]
        return norms

    def learn(self, first: int, last: int) -> int:
        """Make the updates ``first`` to ``last - 1``; return the number of the first that was not made."""
        self._held["status"][:] = 1
        self._held["barrier"][:] = 0
        return self._work(first, last, self.threads, (last - first) * self.batch)


def _half(n_in: int) -> int:
    """Return the number of inputs of the first half where they are listed in two; 0 where they are not.

    A half is a whole multiple of the inputs that are summed at a time; fewer than two of these are not split.
    """
    return SPARSE_DEPTH * round(n_in / (2 * SPARSE_DEPTH)) if n_in >= 2 * SPARSE_DEPTH else 0
