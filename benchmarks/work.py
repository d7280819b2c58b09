"""The work that contestants do: a network, data and a procedure, the same for all."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import pellucid

__all__ = ["Floats", "Work", "mnist"]

Floats = NDArray[np.float32]

# The test part is measured after each epoch of Pellucid's; it has a tenth as many examples, up to these.
_MOST_TESTED = 1000


@dataclass(frozen=True)
class Work:
    """A training task.

    Parameters
    ----------
    sizes : tuple of int
        The inputs, then the neurons of each layer; one output is a sigmoid, more are a softmax.
    examples : int
        How many examples an epoch has.
    inputs : {"mnist", "normal"}
        Images, four fifths of whose pixels are zero, or standard normal numbers, none of them zero.
    batch_size : int
    activation : str
        That of the hidden layers.
    optimizer : {"sgd", "adam"}
    rate : float
        The learning rate, the same for every update.
    nonzero : float
        The share of normal inputs that are not made 0.
    """

    sizes: tuple[int, ...]
    examples: int
    inputs: str = "mnist"
    batch_size: int = 1
    activation: str = "relu"
    optimizer: str = "sgd"
    rate: float = 0.01
    nonzero: float = 1.0

    @property
    def title(self) -> str:
        """What it is called in the table."""
        hidden = "-".join(map(str, self.sizes))
        kind = "one at a time" if self.batch_size == 1 else f"batches of {self.batch_size}"
        parts = [hidden, self.activation, kind]
        parts += ["no zeros"] if self.inputs == "normal" else []
        return ", ".join(parts + (["Adam"] if self.optimizer == "adam" else []))

    @property
    def n_weights(self) -> int:
        """How many weights the network has, biases left out."""
        return sum(n_in * n_out for n_in, n_out in pairwise(self.sizes))

    @property
    def flops(self) -> float:
        """The operations of an example: forward, gradients, and errors back to all layers but the first."""
        return 2.0 * (3 * self.n_weights - self.sizes[0] * self.sizes[1])

    @cached_property
    def data(self) -> pellucid.Dataset:
        """The examples, as Pellucid takes them; the test part is small."""
        n_test = min(max(self.examples // 10, 20), _MOST_TESTED)
        if self.inputs == "mnist":
            return mnist(self.examples, n_test)
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.examples + n_test, self.sizes[0]), dtype=np.float32)
        labels = rng.permutation(np.arange(len(x)) % max(2, self.sizes[-1]))
        data = pellucid.load_data((x, labels), test_size=n_test, task="classification")
        if self.nonzero == 1:
            return data
        # What is 0 in the table is no longer when its columns have been standardised.
        inputs = data.train.rows(slice(None), np.float32).copy()
        inputs[rng.random(inputs.shape) >= self.nonzero] = 0
        return replace(data, train=replace(data.train, inputs=inputs))

    @cached_property
    def x(self) -> Floats:
        """The training inputs as the network sees them, shape (examples, n_inputs)."""
        rows: Floats = np.ascontiguousarray(self.data.train.rows(slice(None), np.float32))
        return rows

    @cached_property
    def labels(self) -> NDArray[np.intp]:
        """The training examples' class numbers."""
        return self.data.train.known_targets

    def network(self) -> pellucid.Network:
        """Make the network that all begin with."""
        output = "sigmoid" if self.sizes[-1] == 1 else "softmax"
        network = pellucid.build_network(self.data, self.sizes[1:-1], self.activation, output=output)
        assert network.sizes == self.sizes
        return network

    def start(self) -> list[Floats]:
        """Give the first weights and biases: W1, b1, W2, ..., weights inputs-first."""
        return [array.copy() for array in self.network().parameters.values()]

    def few(self) -> "Work":
        """Give the same work on so few examples that a check against the reference takes no time.

        Each update rounds every weight once; ten of them, a row for each class, stay below 1e-4 of a change.
        """
        return replace(self, examples=10 if self.batch_size == 1 else 3 * self.batch_size)


def mnist(n_train: int, n_test: int = 10_000) -> pellucid.Dataset:
    """Give the first examples of MNIST, repeated where more are asked for than there are.

    Parameters
    ----------
    n_train, n_test : int

    Returns
    -------
    Dataset
    """
    data = pellucid.load_data("mnist")
    rows = np.arange(n_train) % len(data.train)
    return replace(data, train=data.train.take(rows), test=data.test_set.take(slice(n_test)))
