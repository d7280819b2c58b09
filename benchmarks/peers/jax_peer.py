"""JAX: a whole epoch in one compiled scan, its state given back to it so that nothing is copied."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from benchmarks.agreement import of_updates, order_of
from benchmarks.race import Race
from benchmarks.work import Floats, Work

__all__ = ["Learning", "Training", "compile_epoch", "first_state"]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": lambda z: jnp.maximum(z, 0),
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
}


def _loss(z: Any, labels: Any) -> Any:
    """Give the mean loss of weighted sums, in its joint form with the output activation."""
    if z.shape[-1] == 1:
        z = z[..., 0]
        return jnp.mean(jnp.logaddexp(0, z) - labels * z)
    right = jnp.take_along_axis(z, labels[..., None], -1)[..., 0]
    return jnp.mean(jax.nn.logsumexp(z, axis=-1) - right)


def _adam(state: Any, gradient: Any, rate: Any) -> Any:
    p, m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda a, g: 0.999 * a + 0.001 * g * g, v, gradient)
    p = jax.tree.map(
        lambda w, a, b: w - rate * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8), p, m, v
    )
    return p, m, v, t


def _momentum(state: Any, gradient: Any, rate: Any) -> Any:
    p, v = state
    v = jax.tree.map(lambda a, g: 0.9 * a + g, v, gradient)
    return jax.tree.map(lambda w, a: w - rate * a, p, v), v


def _sgd(state: Any, gradient: Any, rate: Any) -> Any:
    p, *rest = state
    return jax.tree.map(lambda w, g: w - rate * g, p, gradient), *rest


def compile_epoch(activation: str, optimizer: str) -> Any:
    """Make the function of an epoch.

    Returns
    -------
    function of (state, x, labels, order, rates)
        Gives the new state; an order of one dimension is of single examples, one of two of batches.
    """
    hidden = ACTIVATIONS[activation]
    step = {"sgd": _sgd, "momentum": _momentum, "adam": _adam}[optimizer]

    def loss(p: Any, x: Any, labels: Any) -> Any:
        for W, b in p[:-1]:
            x = hidden(x @ W + b)
        W, b = p[-1]
        return _loss(x @ W + b, labels)

    def epoch(state: Any, x: Any, labels: Any, order: Any, rates: Any) -> Any:
        def update(state: Any, now: Any) -> Any:
            rows, rate = now
            return step(state, jax.grad(loss)(state[0], x[rows], labels[rows]), rate), None

        return jax.lax.scan(update, state, (order, rates))[0]

    return jax.jit(epoch, donate_argnums=0)


def first_state(start: Sequence[Floats], optimizer: str) -> Any:
    """Give the state of training before any: weights and biases, and what the optimizer keeps."""
    p = [(jnp.asarray(W), jnp.asarray(b)) for W, b in zip(start[::2], start[1::2], strict=True)]
    if optimizer == "sgd":
        return (p,)
    if optimizer == "momentum":
        return p, jax.tree.map(jnp.zeros_like, p)
    return p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.zeros((), "int32")


def in_steps(order: NDArray[np.intp], batch_size: int) -> NDArray[np.int32]:
    """Cut an order into the steps of a scan, which are all of one size: what is left over is left out."""
    if batch_size == 1:
        return order.astype(np.int32)
    return order[: len(order) // batch_size * batch_size].reshape(-1, batch_size).astype(np.int32)


class Training:
    """An epoch of a work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.epoch = compile_epoch(work.activation, work.optimizer)
        self.x, self.labels = jnp.asarray(work.x), jnp.asarray(work.labels, dtype="int32")
        self.state = first_state(work.start(), work.optimizer)
        self.rng = np.random.default_rng(0)
        self.run()

    def disagreement(self) -> float:
        """Compare a few updates with the reference."""
        return of_updates(self.work, self._learn)

    def run(self) -> float:
        """Give the seconds an example of one epoch, the drawing of its order included."""
        began = time.perf_counter()
        order = in_steps(self.rng.permutation(self.work.examples), self.work.batch_size)
        rates = np.full(len(order), self.work.rate, np.float32)
        self.state = jax.block_until_ready(self.epoch(self.state, self.x, self.labels, order, rates))
        return (time.perf_counter() - began) / order.size

    def details(self) -> dict[str, Any]:
        """Say which version it is."""
        return {"version": jax.__version__}

    def _learn(self, work: Work) -> list[Floats]:
        order = in_steps(order_of(work), work.batch_size)
        rates = np.full(len(order), work.rate, np.float32)
        state = first_state(work.start(), work.optimizer)
        state = self.epoch(state, jnp.asarray(work.x), jnp.asarray(work.labels, dtype="int32"), order, rates)
        return [np.asarray(array) for layer in state[0] for array in layer]


def _accuracy(p: Any, x: Any, labels: Any) -> Any:
    (W1, b1), (W2, b2) = p
    return jnp.mean(jnp.argmax(jnp.maximum(x @ W1 + b1, 0) @ W2 + b2, axis=1) == labels)


class Learning(Race):
    """MNIST to the goal."""

    def prepare(self) -> None:
        """Compile the epoch."""
        self.epoch = compile_epoch("relu", self.procedure.optimizer)
        train, test = self.data.train, self.data.test_set
        self.x, self.test_x = (jnp.asarray(part.rows(slice(None), np.float32)) for part in (train, test))
        self.labels, self.test_labels = (jnp.asarray(part.targets, dtype="int32") for part in (train, test))
        self.begin(0)
        self.learn(self.rates[0])

    def begin(self, seed: int) -> None:
        """Start anew."""
        self.rng = np.random.default_rng(seed)
        self.state = first_state(self.first_weights(seed), self.procedure.optimizer)

    def learn(self, rates: Floats) -> float:
        """Go through an epoch."""
        began = time.perf_counter()
        order = in_steps(self.rng.permutation(self.examples), self.procedure.batch_size)
        self.state = jax.block_until_ready(self.epoch(self.state, self.x, self.labels, order, rates))
        return time.perf_counter() - began

    def accuracy(self) -> float:
        """Look at the test set."""
        return float(jax.jit(_accuracy)(self.state[0], self.test_x, self.test_labels))
