"""JAX, many networks at once: the epoch, mapped over networks and rates, in one compiled scan."""

import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.agreement import distance
from benchmarks.peers.jax_peer import compile_epoch, first_state, in_steps
from benchmarks.sweep import RATES, digits, digits_network, train_at
from pellucid.random import permutation

__all__ = ["Vmapped"]


class Vmapped:
    """All networks in step; each epoch has one order for all, Pellucid's."""

    def __init__(self, epochs: int) -> None:
        self.epochs, self.data = epochs, digits()
        train = self.data.train
        self.x = jnp.asarray(train.rows(slice(None), np.float32))
        self.labels = jnp.asarray(train.known_targets, dtype="int32")
        each = jax.vmap(compile_epoch("relu", "sgd"), in_axes=(0, None, None, None, 0))
        self.epoch = jax.jit(each, donate_argnums=0)
        self.start = [array.copy() for array in digits_network(self.data).parameters.values()]
        self.run()

    def disagreement(self) -> float:
        """Compare the first and the last rate's network with Pellucid's."""
        state = self._train_all()
        return max(
            distance(
                [np.asarray(array[k]) for layer in state[0] for array in layer],
                train_at(RATES[k], self.data, self.epochs),
                self.start,
            )
            for k in (0, len(RATES) - 1)
        )

    def run(self) -> float:
        """Give the seconds of all networks."""
        began = time.perf_counter()
        self._train_all()
        return time.perf_counter() - began

    def details(self) -> dict[str, Any]:
        """Say which version it is."""
        return {"version": jax.__version__}

    def _train_all(self) -> Any:
        n = len(self.data.train)
        rates = np.repeat(np.array(RATES, np.float32)[:, None], n, axis=1)
        one = first_state(self.start, "sgd")
        state = jax.tree.map(lambda array: jnp.repeat(array[None], len(RATES), axis=0), one)
        for epoch in range(1, self.epochs + 1):
            order = in_steps(permutation(n, 0, "shuffle", epoch), 1)
            state = self.epoch(state, self.x, self.labels, order, rates)
        return jax.block_until_ready(state)
