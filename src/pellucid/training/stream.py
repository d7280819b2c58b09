"""Online learning: from single examples or chunks, as they arrive."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.data import ClassTarget, Examples, LabelTarget, Target
from pellucid.data.cells.arrays import check_finite, check_lengths
from pellucid.errors import ConfigurationError, DataError, check_type
from pellucid.evaluation import outputs_of
from pellucid.model import Model
from pellucid.network import Cost, Floats, Network
from pellucid.number import check_number
from pellucid.renamed import renamed_arguments
from pellucid.training.checks import check_learnable, make_head
from pellucid.training.clipping import Clipping
from pellucid.training.config import TrainingConfig
from pellucid.training.learner import Learner
from pellucid.training.optimizer import Solver
from pellucid.training.optimizers import optimizers
from pellucid.training.plain_arrays import plain_values
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedule import Schedule
from pellucid.training.schedules import schedules
from pellucid.training.weighting import smooth, weights_for

__all__ = ["Stream"]


class Stream:
    """A network that learns online, from examples as they arrive.

    It learns from them in their order, a batch at a time; nothing is shuffled or kept. A stream has no end,
    so its schedule must not need one.

    Parameters
    ----------
    network : Network
        Trained in place.
    classes : sequence of labels, optional
        All classes that will ever occur, in the order of the outputs.
    labels : sequence of str, optional
        The names of the outputs of a multilabel network, each answered yes or no. Without classes and
        labels, the targets are values.
    cost, learning_rate, batch_size, optimizer, regularisation, clipping, average, seed
        As for `train`.
    schedule : str or Schedule
        By default "constant".
    updates_per_epoch : int
        The number of updates that a schedule counts as an epoch.

    Attributes
    ----------
    cost : float or None
        The mean loss of the last chunk, each batch before its update.

    Raises
    ------
    ConfigurationError
        If a setting cannot be used with a stream, or the classes do not fit the network.

    Examples
    --------
    >>> from pellucid.network import Network
    >>> random = np.random.default_rng(0)
    >>> stream = Stream(Network([2, 8, 2]), classes=["left", "right"], learning_rate=0.1)
    >>> for _ in range(300):
    ...     x = random.standard_normal(2)
    ...     _ = stream.partial_fit(x, ["right" if x[0] > 0 else "left"])
    >>> stream.predict(np.array([[-1.0, 0.3], [0.8, -0.5]])).tolist()
    ['left', 'right']
    """

    def __init__(
        self,
        network: Network,
        classes: Sequence[Any] | None = None,
        *,
        labels: Sequence[str] | None = None,
        cost: str | Cost | None = None,
        learning_rate: float | None = None,
        schedule: str | Schedule = "constant",
        batch_size: int | None = None,
        optimizer: str | Solver = "sgd",
        regularisation: Regularisation | None = None,
        clipping: Clipping | None = None,
        average: float | None = None,
        updates_per_epoch: int = 1000,
        seed: int = 0,
    ) -> None:
        check_learnable(network)
        settings = TrainingConfig(
            learning_rate,
            schedules.get(schedule),
            batch_size,
            1,
            seed,
            optimizers.get(optimizer),
            regularisation or Regularisation(),
            clipping or Clipping(),
            average,
        )
        settings.check(network, settings.batch_size or 1)
        _check_endless(settings)
        self.per_epoch = check_number(updates_per_epoch, "updates_per_epoch", at_least=1, whole=True)
        self.network, self.settings = network, settings
        self.head = make_head(network, _target(network, classes, labels), cost)
        self.learner = Learner(network, self.head, settings, check_updates=True)
        self.learner.make_engine(1)  # the size of the chunks is not known yet
        self.cost: float | None = None
        self.model: Model | None = None

    @classmethod
    def of(cls, model: Model, **settings: Any) -> "Stream":
        """Return a stream that trains a model further, on raw rows: `partial_fit((x, y))`, a file ...

        Parameters
        ----------
        model : Model
            Not changed; `stream.model` is the model with the current network.
        **settings
            As for a stream, without network, classes, labels and cost.
        """
        check_type(model, Model, "the model that a stream continues", "a Model")
        classes = model.target.labels if isinstance(model.target, ClassTarget) else None
        labels = model.target.names if isinstance(model.target, LabelTarget) else None
        stream = cls(model.network.copy(), classes, labels=labels, cost=model.cost, **settings)
        stream.head, stream.model = make_head(stream.network, model.target, model.cost), model
        return stream

    @renamed_arguments(weights="sample_weight")
    def partial_fit(self, x: Any, y: Any = None, sample_weight: Any = None) -> "Stream":
        """Learn from an example or a chunk of examples.

        Parameters
        ----------
        x : array, shape (n, n_in) or (n_in,)
            The inputs of the network; for a stream made by `of`, raw rows with their targets.
        y : array, shape (n,) or (n, k)
            Classes, answers to the labels, or values.
        sample_weight : array, shape (n,), optional
            The sample weights, 1 being usual. A weight column in the data is not read, because the mean
            weight of a stream is not known.

        Returns
        -------
        Stream
            Itself.

        Raises
        ------
        DataError
            If the examples do not fit the network or a label is not one of the classes, before anything is
            learned; or if training diverges: what was learned before is kept.
        """
        examples, learner, settings = self._examples(x, y), self.learner, self.settings
        n = len(examples)
        size = min(settings.batch_of(n), n)
        _check_first_batch(self.network, size)
        if sample_weight is not None:
            examples = replace(examples, weights=weights_for(n, sample_weight))
        targets = smooth(self.head, examples.known_targets, settings.regularisation.label_smoothing)
        with learner.driving():
            rates = learner.rates(-(-n // size), None, self.per_epoch)
            learner.learn_from(examples, targets, size)
            made = learner.learn(np.arange(n), rates)
        if made < len(rates):
            raise DataError(
                "training diverged, and the last batch was skipped",
                expected="finite gradients",
                received=f"one that is not finite, at the learning rate {rates[made]:g}",
                where=f"example {made * size} of the chunk, counted from 0",
                remedy="a smaller learning rate, or standardised inputs",
            )
        losses = learner.losses if examples.weights is None else learner.losses * examples.weights
        self.cost = float(losses.sum(dtype=np.float64)) / n
        if self.model is not None:
            self.model = replace(self.model, network=self.shown.copy())
        return self

    @property
    def shown(self) -> Network:
        """The network, with the average of its weights if there is one."""
        return self.learner.shown

    def predict(self, x: Any) -> Any:
        """Return the current prediction for each row: classes, yes or no for each label, or values."""
        if self.model is not None:
            return self.model.predict(x)
        rows = _rows(x, self.network)
        answers = self.head.answers(outputs_of(self.shown, Examples(rows)))
        return self.head.target.decode(answers)

    def _examples(self, x: Any, y: Any) -> Examples:
        if self.model is not None:
            return self.model.examples(x if y is None else (x, y))
        rows = _rows(x, self.network)
        if y is None:
            raise DataError(
                "there are no targets to learn from",
                expected="partial_fit(x, y)",
                received="x alone",
            )
        given = np.atleast_1d(np.asarray(y))
        is_class = isinstance(self.head.target, ClassTarget)
        if len(rows) == given.ndim == 1 and len(given) > 1 and not is_class:
            given = given[None]  # one example's values or answers
        targets = self.head.target.encode(given)
        check_lengths(len(rows), len(targets))
        examples = Examples(rows, targets)
        self.head.check(examples.known_targets)
        return examples


def _rows(x: Any, network: Network) -> Floats:
    """Return examples as rows of numbers; x may be a single example."""
    rows = np.asarray(x)
    if rows.ndim == 1:
        rows = rows[None]
    if rows.ndim != 2 or rows.shape[1] != network.sizes[0] or not len(rows) or rows.dtype.kind not in "biuf":
        raise DataError(
            "the examples do not fit the network",
            expected=f"rows of {network.sizes[0]} numbers, one or more",
            received=f"shape {rows.shape} of {rows.dtype}",
        )
    check_finite(rows, "x", remedy="leave the example out, or fill in a number")
    return rows


def _target(network: Network, classes: Sequence[Any] | None, labels: Sequence[str] | None) -> Target:
    if classes is not None and labels is not None:
        raise ConfigurationError(
            "a stream cannot have both classes and labels",
            expected="classes, of which an example has one, or labels, of which it has any number",
            received="both",
        )
    if labels is not None:
        return LabelTarget(tuple(map(str, _distinct(labels, "labels", 1))))
    if classes is not None:
        return ClassTarget(None, _distinct(classes, "classes", 2))
    return plain_values(network.sizes[-1])


def _distinct(names: Sequence[Any], what: str, least: int) -> tuple[Any, ...]:
    check_type(names, Sequence | np.ndarray, f"the {what}", "a list of all labels")
    plain = tuple(np.asarray(names).tolist()) if not isinstance(names, str) else ()
    if any(isinstance(name, list) for name in plain) or len(set(plain)) != len(plain) or len(plain) < least:
        raise ConfigurationError(
            f"these cannot be the {what} of a stream",
            expected=f"{'two labels' if least == 2 else 'a label'} or more, each once",
            received=", ".join(map(repr, plain)) or repr(names),
        )
    return plain


def _check_endless(settings: TrainingConfig) -> None:
    """Check that no setting needs to know all examples, for a stream without an end."""
    schedule = settings.schedule
    if settings.optimizer.full_batch or schedule.needs_end or schedule.looks_back:
        what = settings.optimizer if settings.optimizer.full_batch else schedule
        raise ConfigurationError(
            f"{what.name} needs to know all examples of a run, and a stream has no end",
            expected="an optimizer for batches, and a schedule such as constant or inverse",
            received=str(what),
        )


def _check_first_batch(network: Network, size: int) -> None:
    """Check that batch normalisation does not begin with a batch of one example."""
    for layer in network.layers:
        unseen = None if layer.normaliser is None else layer.normaliser.unseen
        if size < 2 and unseen is not None and unseen[0] == 1:
            raise ConfigurationError(
                "batch normalisation has seen no batch yet, and cannot begin with a single example",
                expected="a chunk of 2 examples or more to begin with",
                received="1",
                remedy="begin with a chunk, or normalise by layer",
            )
