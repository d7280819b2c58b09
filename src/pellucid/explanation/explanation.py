"""The explanation of one example: weighted sums, outputs, loss, error terms, gradients, update."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from numbers import Integral
from typing import Any

import numpy as np

from pellucid.data import Examples, RawData, ValueTarget
from pellucid.errors import DataError, check_type, visible
from pellucid.evaluation import refuse_overflow
from pellucid.explanation.neuron import NeuronSum, source_names, write_out
from pellucid.explanation.steps import (
    BackwardStep,
    ForwardStep,
    Gradient,
    GradientEntry,
    Scaling,
    ScalingGradient,
)
from pellucid.model import Model
from pellucid.network import Floats
from pellucid.passes.reference import Trace, backward, forward

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, repr=False)
class Explanation:
    """An example with all numbers of its forward and backward pass.

    Parameters
    ----------
    model : Model
    row : int
        The row of the example in the original data, counted from 0.
    trace : Trace
        All numbers.
    truth : str or None
        The target if it is known; without it there is no backward pass.
    prediction : str
    learning_rate : float
        The learning rate of the update.
    """

    model: Model
    row: int
    trace: Trace
    truth: str | None
    prediction: str
    learning_rate: float

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the network's inputs."""
        return self.model.inputs.features

    @property
    def right(self) -> bool | None:
        """Whether the prediction is right, including all labels; None if that is unknown, or for values."""
        if self.truth is None or isinstance(self.model.target, ValueTarget):
            return None
        return self.prediction == self.truth

    @property
    def output_names(self) -> tuple[str, ...]:
        """The class, label or value of each output neuron."""
        return self.model.target.output_names(self.model.network.sizes[-1])

    def forward_steps(self) -> list[ForwardStep]:
        """Return the forward pass, layer by layer."""
        steps = []
        for k, layer in enumerate(self.model.network.layers):
            number, before = k + 1, "x" if k == 0 else f"a{k}"
            scaling, sums = self._scaling(number), self.sum_name(number)
            between = f"  {scaling.rule}," if scaling else ""
            steps.append(
                ForwardStep(
                    layer=number,
                    activation=str(layer.activation),
                    formula=layer.activation.formula,
                    rule=f"{sums} = W{number} {before} + b{number},{between}"
                    f"  a{number} = {layer.activation}(z{number})",
                    W_shape=(layer.n_out, layer.n_in),
                    z=self.trace.z[k][0],
                    a=self.trace.a[number][0],
                    scaling=scaling,
                )
            )
        return steps

    def sum_name(self, number: int) -> str:
        """Return the name of a layer's weighted sums: z, or s if they are normalised to z."""
        return f"{'s' if number - 1 in self.trace.sums else 'z'}{number}"

    def sum_slope_name(self, number: int) -> str:
        """Return the name of the derivative of the loss with respect to a layer's weighted sums."""
        return f"dL/ds{number}" if number - 1 in self.trace.sums else f"delta{number}"

    def _scaling(self, number: int) -> Scaling | None:
        normaliser, n = self.model.network.layers[number - 1].normaliser, number
        if normaliser is None:
            return None
        sums, standardised = self.trace.sums[n - 1][0], self.trace.standardised[n - 1]
        mean, deviation = (
            np.broadcast_to(figure[0], sums.shape) for figure in (standardised.mean, standardised.deviation)
        )
        return Scaling(
            normalisation=str(normaliser.rule),
            formula=normaliser.rule.formula,
            rule=f"z{n} = gain{n} * (s{n} - mean{n}) / deviation{n} + shift{n}",
            s=sums,
            mean=mean,
            deviation=deviation,
            gain=normaliser.gain,
            shift=normaliser.shift,
        )

    def backward_steps(self, n_largest: int = 5) -> list[BackwardStep]:
        """Return the backward pass, the output layer first; empty if the target is unknown."""
        if self.truth is None:
            return []
        return [
            self._backward_step(number, n_largest) for number in range(len(self.model.network.layers), 0, -1)
        ]

    def _backward_step(self, number: int, n_largest: int) -> BackwardStep:
        layer, trace = self.model.network.layers[number - 1], self.trace
        before = "x" if number == 1 else f"a{number - 1}"
        bias_gradient = trace.bias_gradients[number - 1]
        z, a = trace.z[number - 1], trace.a[number]
        return BackwardStep(
            layer=number,
            rule=self._delta_rule(number),
            slope=np.asarray(layer.activation.slope(z, a)[0], dtype=z.dtype),
            delta=trace.delta[number - 1][0],
            sum_slope=trace.sum_slopes[number - 1][0],
            weights=self._gradient(
                number, f"dL/dW{number} = {self.sum_slope_name(number)} {before}^T", n_largest
            ),
            bias_rule=f"dL/db{number} = {self.sum_slope_name(number)}",
            bias_gradient=bias_gradient,
            new_biases=self._updated(layer.biases, bias_gradient),
            scaling=self._scaling_gradient(number),
        )

    def _updated(self, values: Floats, gradient: Floats) -> Floats:
        """Return parameters after a step of gradient descent."""
        with np.errstate(over="ignore"):
            updated: Floats = values - self.learning_rate * gradient
        return updated

    def _scaling_gradient(self, n: int) -> ScalingGradient | None:
        normaliser, of_layer = self.model.network.layers[n - 1].normaliser, self.trace.gradients[n - 1]
        if normaliser is None:
            return None
        back = f"gain{n} * delta{n} / deviation{n}"
        if self.trace.standardised[n - 1].axis is not None:
            mean = " - mean of g" if normaliser.rule.centres else ""
            back = f"(g{mean} - ŝ{n} * mean of g * ŝ{n}) / deviation{n}, g = gain{n} * delta{n}"
        return ScalingGradient(
            rules=(
                f"dL/dgain{n} = delta{n} * ŝ{n},  dL/dshift{n} = delta{n}",
                f"dL/ds{n} = {back}",
                f"ŝ{n} = (s{n} - mean{n}) / deviation{n}",
            ),
            gain_gradient=of_layer["gain"],
            shift_gradient=of_layer["shift"],
            new_gain=self._updated(normaliser.gain, of_layer["gain"]),
            new_shift=self._updated(normaliser.shift, of_layer["shift"]),
        )

    def is_joint(self, number: int) -> bool:
        """Return whether a layer's activation and the cost are differentiated together."""
        return number == len(self.model.network.layers) and self.model.head.objective.joint is not None

    def output_slope_name(self, number: int) -> str:
        """Return the name of the derivative of the loss with respect to a layer's outputs."""
        if number == len(self.model.network.layers):
            return f"dL/da{number}"
        return f"W{number + 1}^T {self.sum_slope_name(number + 1)}"

    def _delta_rule(self, number: int) -> str:
        activation, slope = self.model.network.layers[number - 1].activation, self.output_slope_name(number)
        if self.is_joint(number):
            return f"delta{number} = a{number} - y  ({activation.name} and {self.model.cost} together)"
        if activation.acts_on_layer:
            return f"delta{number} = J^T {slope}  (J: the Jacobian of {activation.name})"
        factor = f"({slope})" if " " in slope else slope
        return f"delta{number} = {factor} * {activation.name}'(z{number})"

    def _gradient(self, number: int, rule: str, n_largest: int) -> Gradient:
        layer = self.model.network.layers[number - 1]
        gradient = self.trace.weight_gradients[number - 1].T
        nonzero = int(np.count_nonzero(gradient))
        names = source_names(self.features, number, layer.n_in)
        order = np.argsort(-np.abs(gradient), axis=None, kind="stable")[: min(n_largest, nonzero)]
        entries = []
        for neuron, source in zip(*np.unravel_index(order, gradient.shape), strict=True):
            old, slope = float(layer.W[neuron, source]), float(gradient[neuron, source])
            entries.append(
                GradientEntry(int(neuron) + 1, names[source], slope, old, old - self.learning_rate * slope)
            )
        return Gradient(
            rule=rule,
            shape=(layer.n_out, layer.n_in),
            n_zero=int(gradient.size - nonzero),
            norm=float(np.sqrt(np.sum(np.square(gradient, dtype=np.float64)))),
            largest=entries,
        )

    def __repr__(self) -> str:
        text = f"row {self.row}: prediction {self.prediction}"
        if self.truth is not None:
            text += f", truth {self.truth}, loss {self.trace.loss:.4g}"
        return visible(f"Explanation({text})")

    def __str__(self) -> str:
        """Write both passes, with the largest numbers of each step."""
        truth = f", truth {self.truth}" if self.truth else ""
        lines = [f"row {self.row}: prediction {self.prediction}{truth}"]
        for step in self.forward_steps():
            names = self.neuron_names(step.layer)
            lines += [
                step.rule,
                f"  z{step.layer}: {_largest(step.z, names)}",
                f"  a{step.layer}: {_largest(step.a, names)}",
            ]
        back = self.backward_steps(n_largest=1)
        if back:
            lines.append(f"loss {self.trace.loss:.6g} ({self.model.cost})")
        for step_back in back:
            names = self.neuron_names(step_back.layer)
            change = "".join(
                f"; the weight from {top.source} to neuron {names[top.neuron - 1]}:"
                f" {top.old:.4g} -> {top.new:.4g}"
                for top in step_back.weights.largest[:1]
            )
            lines += [
                step_back.rule,
                f"  delta{step_back.layer}: {_largest(step_back.delta, names)}",
                f"  {step_back.weights.rule}, {' x '.join(map(str, step_back.weights.shape))}{change}",
            ]
        return visible("\n".join(lines))

    def neuron_names(self, layer: int) -> Sequence[str]:
        """Return the names of a layer's neurons: their numbers, or for the last layer the outputs."""
        layers = self.model.network.layers
        if layer == len(layers):
            return self.output_names
        return [f"[{k}]" for k in range(1, layers[layer - 1].n_out + 1)]

    def neuron(self, layer: int, neuron: int) -> NeuronSum:
        """Return one neuron's weighted sum, term by term; layer and neuron are counted from 1."""
        return write_out(self.trace, self.features, layer, neuron)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers except the full gradient matrices, ready for JSON."""
        described: dict[str, Any] = {
            "row": self.row,
            "prediction": self.prediction,
            "truth": self.truth,
            "right": self.right,
            "input": self.trace.a[0][0].tolist(),
            "outputs": dict(zip(self.output_names, self.trace.a[-1][0].tolist(), strict=True)),
            "forward": [asdict(step, dict_factory=_plain) for step in self.forward_steps()],
        }
        if self.truth is not None:
            described |= {
                "cost": str(self.model.cost),
                "loss": self.trace.loss,
                "loss_slope": self.trace.loss_slope[0].tolist(),
                "learning_rate": self.learning_rate,
                "backward": [asdict(step, dict_factory=_plain) for step in self.backward_steps()],
                "shapes": {name: list(shape) for name, shape in self.trace.shapes().items()},
            }
        return described


def explain(model: Model, source: Any, row: int = 0, *, part: str = "all") -> Explanation:
    """Explain a prediction: the forward and backward pass of one example.

    Parameters
    ----------
    model : Model
    source : str, path, array, data frame or Examples
        The data, as for `load_data`.
    row : int
        The row of the example, counted from 0.
    part : {"all", "train", "validation", "test"}
        The split that the row belongs to.

    Returns
    -------
    Explanation

    Raises
    ------
    DataError
        If there is no such row.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> data = load_data("digits")
    >>> explanation = explain(train(build_network(data, [16]), data, epochs=2), data.test, row=0)
    >>> explanation
    Explanation(row 5: prediction 3, truth 5, loss 2.92...)
    >>> largest = explanation.neuron(layer=2, neuron=6).terms[0]
    >>> f"{largest.source}: {largest.weight:.2f} x {largest.value:.2f} = {largest.product:.2f}"
    'a1[4]: 1.16 x 1.21 = 1.40'
    """
    check_type(model, Model, "the model", "a Model, as pellucid.train returns it")
    source = source if isinstance(source, Examples) else model.read(source)
    examples = model.examples(source, part, targets=False)
    if isinstance(row, bool) or not isinstance(row, Integral) or not 0 <= row < len(examples):
        raise DataError(
            f"there is no row {row}",
            expected=f"a row from 0 to {len(examples) - 1}, counted from 0",
            received=repr(row),
        )
    one = examples.take(np.array([row]))
    with np.errstate(all="ignore"):
        trace = forward(model.network, one.rows(slice(None), model.network.dtype))
    refuse_overflow(np.hstack(trace.z), one)
    head = model.head
    truth = None
    target = _target(model, source, one)
    if target is not None:
        with np.errstate(all="ignore"):
            backward(trace, head.prepare(target), head.objective)
        refuse_overflow(np.hstack(trace.delta), one)
        truth = model.target.in_words(target[0])
    return Explanation(
        model=model,
        row=int(one.origin[0]),
        trace=trace,
        truth=truth,
        prediction=model.target.in_words(head.answers(trace.a[-1])[0]),
        learning_rate=float(model.settings.get("learning_rate", 0.01)),
    )


def _target(model: Model, source: Examples | RawData, one: Examples) -> Any:
    """Return the target of the example, whatever those of other rows are; None if it is not known."""
    if isinstance(source, Examples):
        return one.targets
    if source.target is None:
        return None
    position = int(np.flatnonzero(source.origin == one.origin[0])[0])
    target = source.target[position : position + 1]
    known = all(value is not None and value == value for value in target.ravel())  # NaN != NaN
    return model.target.encode(target, lambda _: source.place(position)) if known else None


def _largest(values: Floats, names: Sequence[str], n: int = 5) -> str:
    order = np.argsort(-np.abs(values), kind="stable")[:n]
    more = len(values) - len(order)
    # Adding 0 turns -0 into 0.
    shown = ", ".join(f"{names[k]} = {values[k] + 0.0:.4g}" for k in order)
    return shown + (f" and {more} more" if more else "")


def _plain(parts: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict of a step's fields, ready for JSON."""
    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in parts}
    return {name: each.tolist() if isinstance(each, np.ndarray) else each for name, each in lists.items()}
