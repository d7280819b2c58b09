"""The reference engine: one update after another in NumPy, by forward pass, backward pass and rule."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.evaluation import OutputHead
from pellucid.network import Floats, Network
from pellucid.passes.flags import Flags
from pellucid.passes.reference import Trace, backward, forward
from pellucid.training.config import TrainingConfig
from pellucid.training.optimizer import Optimizer
from pellucid.training.updates.dropout_and_noise import DropoutAndNoise
from pellucid.training.updates.pieces import Average, Parameter
from pellucid.training.updates.rule import UpdateRule
from pellucid.training.updates.state import arrays_by_name, check_state, field_name

__all__ = ["State", "Updates"]

# All that updates change, by flat names.
State = dict[str, Any]


class Updates:
    """Makes the updates of a network through the reference passes.

    The network is changed in place; the flags are the memory of the example counter and the stop flag.

    Parameters
    ----------
    careful : bool
        Whether to check that all gradients are finite before each update. By default only those next to the
        loss are checked: a trainer measures after each epoch and can restore an earlier one.
    losses : bool
        Whether to keep the loss of each example; careful updates always do.
    squared_norms : bool
        Whether to keep the squared norm of each layer's weights before each update.

    Attributes
    ----------
    n : int
        The number of updates so far.
    shown : Network
        The network, with the average of its weights if there is one.
    losses : array of float, shape (n,)
        The loss of each example in the order of the epoch, before its update; empty unless losses are kept.
    squared_norms : array of float64, shape (updates, layers)
        The squared norm of each layer's weights before each update; empty unless kept.
    trace : Trace or None
        The numbers of the last update.
    """

    def __init__(
        self,
        network: Network,
        head: OutputHead,
        settings: TrainingConfig,
        flags: Flags | None = None,
        *,
        careful: bool = False,
        losses: bool = False,
        squared_norms: bool = False,
        divide_penalties: bool = False,
    ) -> None:
        self.network, self.head, self.careful = network, head, careful
        self.flags, self.keeps_losses = flags or Flags(), losses or careful
        self.keeps_norms = squared_norms
        assert isinstance(settings.optimizer, Optimizer)  # `make_updates` handles line searches
        self.rule = UpdateRule(
            *(network, settings.optimizer, settings.regularisation, settings.clipping),
            divide_penalties=divide_penalties,
        )
        self.drawn = DropoutAndNoise(network, settings.regularisation, settings.seed)
        self.average = None if settings.average is None else Average(settings.average)
        self.shown = network if self.average is None else network.copy()
        self.trace: Trace | None = None
        self._count(0)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The learned arrays, with the optimizer's state; made when needed, as machine code has its own."""
        return self.rule.parameters(self.network)

    def _count(self, n: int) -> None:
        """Note the number of updates so far."""
        self.n = n
        self._remaining = self.average.remaining(n) if self.average else 0.0

    def learn_from(self, examples: Examples, targets: Any, batch: int) -> None:
        """Set the training examples, their targets as the cost takes them, and the examples in an update."""
        self.examples, self.targets, self.batch = examples, targets, batch

    def begin(self, order: NDArray[np.intp], rates: Floats, divisors: Floats | None = None) -> None:
        """Begin an epoch, with the order of the examples and the learning rate of each update.

        The summed gradient of each update is divided by its divisor, by default its number of examples.
        """
        self.order, self.rates, self.divisors = order, rates, divisors
        self.losses = np.zeros(len(order) if self.keeps_losses else 0, self.network.dtype)
        self.squared_norms = np.zeros((len(rates) if self.keeps_norms else 0, len(self.network.layers)))
        self.flags.done = 0

    def learn(self, first: int, last: int) -> int:
        """Make the updates of the epoch from the first to before the last, until the stop flag is set.

        Return the number of the update that comes next: less than `last` if the run was stopped, or if the
        numbers of that update are not finite, which then has changed nothing.
        """
        for number in range(first, last):
            if self.flags.stop:
                return number
            rows = self.order[number * self.batch : (number + 1) * self.batch]
            if self.keeps_norms:
                self.squared_norms[number] = [
                    float(np.square(layer.weights, dtype=np.float64).sum()) for layer in self.network.layers
                ]
            self.trace = self._update(rows, float(self.rates[number]), self._divisor(number))
            if self.trace is None:
                return number
            if self.keeps_losses:
                self.losses[number * self.batch :][: len(rows)] = self.trace.losses
            self.flags.done = min((number + 1) * self.batch, len(self.order))
        return last

    def _divisor(self, number: int) -> float | None:
        return None if self.divisors is None else float(self.divisors[number])

    def _update(self, rows: NDArray[np.intp], rate: float, divisor: float | None) -> Trace | None:
        trace = self._traced(self.network, rows, self.n, divisor)
        if not math.isfinite(trace.bias_gradients[-1].sum()) or (self.careful and not _is_sound(trace)):
            return None
        n = float(len(rows)) if divisor is None else divisor
        self.rule.update(self.parameters, trace.gradients, rate, self.n + 1, n)
        for number, standardised in trace.standardised.items():
            normaliser = self.network.layers[number].normaliser
            assert normaliser is not None
            normaliser.update_running_statistics(standardised)
        self.n += 1
        self._average()
        return trace

    def _traced(self, network: Network, rows: NDArray[np.intp], update: int, divisor: float | None) -> Trace:
        """Pass the examples of an update forward and back through a network."""
        weights = self.examples.weights
        x = self.drawn.noisy(self.examples.rows(rows, network.dtype), update)
        trace = forward(network, x, self.drawn.masks(len(x), update), learning=True)
        counting = None if weights is None else weights[rows]
        return backward(trace, self.targets[rows], self.head.objective, counting, divisor=divisor)

    def _average(self) -> None:
        """Update the average after an update, if one is made."""
        if self.average is None:
            return
        self._remaining *= self.average.keep
        weights = self.network.arrays
        for name, array in self.shown.arrays.items():
            at = {"average": array, "weights": weights[name]}
            array[...] = self.average.apply(at, {"remaining": self._remaining})["average"]

    def state(self) -> State:
        """Return a copy of all that updates change, by flat names.

        The names are ``updates`` (their number so far), ``weights.0``, ``biases.0``, ``gain.0``, ``mean.0``
        and so on for the arrays of each layer, ``optimizer.m.weights.0`` for the optimizer's state, and
        ``average.weights.0`` for the average. They are the same for every engine and number of threads, and
        an engine that loads them continues with the same bits.
        """
        self._read_state()
        averaged = {} if self.average is None else arrays_by_name(self.shown)
        return {
            "updates": self.n,
            **{name: array.copy() for name, array in arrays_by_name(self.network).items()},
            **{
                f"optimizer.{which}.{field_name(parameter.name, parameter.layer)}": np.array(kept)
                for parameter in self.parameters
                for which, kept in parameter.state.items()
            },
            **{f"average.{name}": array.copy() for name, array in averaged.items()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned; if it does not fit, it is refused before anything is changed."""
        check_state(state, self.state())
        for name, array in arrays_by_name(self.network).items():
            array[...] = state[name]
        for parameter in self.parameters:
            place = field_name(parameter.name, parameter.layer)
            parameter.state = {which: state[f"optimizer.{which}.{place}"].copy() for which in parameter.state}
        if self.average:
            for name, array in arrays_by_name(self.shown).items():
                array[...] = state[f"average.{name}"]
        self._write_state()
        self._count(int(state["updates"]))
        self.trace = None

    def _read_state(self) -> None:
        """Bring what the optimizer keeps up to date, where another engine has it."""

    def _write_state(self) -> None:
        """Pass the optimizer's state on to another engine."""


def _is_sound(trace: Trace) -> bool:
    """Return whether all gradients are finite, and the statistics of all normalisations."""
    arrays = [gradient for of_layer in trace.gradients for gradient in of_layer.values()]
    for standardised in trace.standardised.values():
        arrays += [standardised.mean, standardised.variance]
    return all(np.isfinite(array).all() for array in arrays)
