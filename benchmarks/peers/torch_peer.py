"""PyTorch: a plain loop with a fused optimizer, on the number of threads that suits it best."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from benchmarks.agreement import of_updates, order_of
from benchmarks.forecast import Forecast, seconds_of
from benchmarks.peers.threads import fastest
from benchmarks.race import Race
from benchmarks.work import Floats, Work

__all__ = ["Learning", "Prediction", "Training", "make_module"]

# Examples that each number of threads is tried on.
_TRIED = 2000


def make_module(start: Sequence[Floats], activation: str) -> Any:
    """Make a module of weights and biases; it gives the weighted sums of the last layer."""
    hidden = {
        "relu": torch.nn.ReLU,
        "tanh": torch.nn.Tanh,
        "sigmoid": torch.nn.Sigmoid,
        "gelu": torch.nn.GELU,
    }
    layers: list[Any] = []
    for W, b in zip(start[::2], start[1::2], strict=True):
        linear = torch.nn.Linear(*W.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(W.T.copy()))
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, hidden[activation]()]
    return torch.nn.Sequential(*layers[:-1])


def make_optimizer(module: Any, name: str, rate: float) -> Any:
    """Make a fused optimizer."""
    if name == "adam":
        return torch.optim.Adam(module.parameters(), lr=rate, fused=True)
    momentum = 0.9 if name == "momentum" else 0.0
    return torch.optim.SGD(module.parameters(), lr=rate, momentum=momentum, fused=True)


def cost_of(module: Any) -> Any:
    """Give the cost of weighted sums, in its joint form with the output activation."""
    if module[-1].out_features > 1:
        return torch.nn.functional.cross_entropy
    binary = torch.nn.functional.binary_cross_entropy_with_logits
    return lambda z, labels: binary(z[:, 0], labels.float())


def go_through(
    module: Any, optimizer: Any, x: Any, labels: Any, order: Any, size: int, rates: Sequence[float] = ()
) -> None:
    """Learn from the examples in order, batch after batch, each at its own rate where rates are given."""
    cost = cost_of(module)
    for number, start in enumerate(range(0, len(order), size)):
        rows = order[start : start + size]
        if rates:
            optimizer.param_groups[0]["lr"] = rates[number]
        optimizer.zero_grad()
        cost(module(x[rows]), labels[rows]).backward()
        optimizer.step()


class Training:
    """An epoch of a work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.x, self.labels = torch.from_numpy(work.x), torch.from_numpy(work.labels)
        self.module = make_module(work.start(), work.activation)
        self.optimizer = make_optimizer(self.module, work.optimizer, work.rate)
        tried = max(_TRIED, 10 * work.batch_size)
        self.threads = fastest(lambda: self._pass(tried), torch.set_num_threads)

    def disagreement(self) -> float:
        """Compare a few updates with the reference."""
        return of_updates(self.work, _learn)

    def run(self) -> float:
        """Give the seconds an example of one epoch, the drawing of its order included."""
        began = time.perf_counter()
        self._pass(self.work.examples)
        return (time.perf_counter() - began) / self.work.examples

    def details(self) -> dict[str, Any]:
        """Say which version it is and how many threads were best."""
        return {"version": torch.__version__, "threads": self.threads}

    def _pass(self, examples: int) -> None:
        order = torch.randperm(self.work.examples)[:examples]
        go_through(self.module, self.optimizer, self.x, self.labels, order, self.work.batch_size)


def _learn(work: Work) -> list[Floats]:
    module = make_module(work.start(), work.activation)
    optimizer = make_optimizer(module, work.optimizer, work.rate)
    x, labels, order = map(torch.from_numpy, (work.x, work.labels, order_of(work)))
    go_through(module, optimizer, x, labels, order, work.batch_size)
    arrays = [array.detach().numpy() for array in module.parameters()]
    return [np.ascontiguousarray(array.T) if array.ndim == 2 else array for array in arrays]


class Prediction:
    """A module called in inference mode."""

    def __init__(self, forecast: Forecast) -> None:
        self.forecast = forecast
        self.module = make_module(forecast.parameters, "relu").eval()
        self.x = torch.from_numpy(forecast.x)
        self.threads = fastest(self.run, torch.set_num_threads)

    def disagreement(self) -> float:
        """Compare the outputs with the reference."""
        with torch.inference_mode():
            return self.forecast.disagreement(self.module(self.x).softmax(1).numpy())

    def run(self) -> float:
        """Give the seconds of predicting all rows."""
        with torch.inference_mode():
            return seconds_of(lambda: self.module(self.x).argmax(1).numpy())

    def details(self) -> dict[str, Any]:
        """Say which version it is and how many threads were best."""
        return {"version": torch.__version__, "threads": self.threads}


class Learning(Race):
    """MNIST to the goal."""

    def prepare(self) -> None:
        """Put the data into tensors."""
        train, test = self.data.train, self.data.test_set
        self.x, self.test_x = (torch.from_numpy(part.rows(slice(None), np.float32)) for part in (train, test))
        self.labels, self.test_labels = (torch.from_numpy(part.known_targets) for part in (train, test))
        self.begin(0)
        self.threads = fastest(lambda: self.learn(self.rates[0][:20]), torch.set_num_threads)

    def begin(self, seed: int) -> None:
        """Start anew."""
        torch.manual_seed(seed)
        self.module = make_module(self.first_weights(seed), "relu")
        self.optimizer = make_optimizer(self.module, self.procedure.optimizer, self.procedure.rate)

    def learn(self, rates: Floats) -> float:
        """Go through an epoch, as many updates of it as there are rates."""
        began, size = time.perf_counter(), self.procedure.batch_size
        order = torch.randperm(self.examples)[: len(rates) * size]
        go_through(self.module, self.optimizer, self.x, self.labels, order, size, rates.tolist())
        return time.perf_counter() - began

    def accuracy(self) -> float:
        """Look at the test set."""
        with torch.inference_mode():
            right = self.module(self.test_x).argmax(1) == self.test_labels
        return float(right.double().mean())
