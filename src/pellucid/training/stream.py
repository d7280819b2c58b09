"""Learning from examples as they come, one at a time or a chunk, for as long as there are any."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import ClassTarget, Examples, LabelTarget, Target, ValueTarget
from pellucid.errors import ConfigurationError, DataError, check_type
from pellucid.evaluation import Judge
from pellucid.model import Model
from pellucid.network import Cost, Floats, Network, choose_cost, costs
from pellucid.training.alike import numbers_alike
from pellucid.training.clipping import Clipping
from pellucid.training.optimizer import Solver
from pellucid.training.optimizers import optimizers
from pellucid.training.rates import rates_of
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedule import Schedule
from pellucid.training.schedules import schedules
from pellucid.training.settings import Settings
from pellucid.training.updates import make_updates
from pellucid.training.weighting import smooth

__all__ = ["Stream"]


class Stream:
    """A network that learns from examples as they come.

    They are learned from in the order in which they come, a batch at a time; nothing is shuffled or kept. A
    stream has no end, so its schedule must be one that does without.

    Parameters
    ----------
    network : Network
        Trained in place.
    classes : sequence of labels, optional
        All classes that will ever come, in the order of the outputs.
    labels : sequence of str, optional
        What the outputs are called where each answers a question of its own, yes or no. Without classes and
        labels, the targets are values.
    cost, learning_rate, batch_size, optimizer, regularisation, clipping, average, seed
        As for `train`.
    schedule : str or Schedule
        "constant" unless said.
    updates_per_epoch : int
        What counts as an epoch to a schedule that counts in epochs.

    Attributes
    ----------
    cost : float or None
        The mean loss of the last chunk, each batch before it was learned from.

    Raises
    ------
    ConfigurationError
        If a setting cannot be used on a stream, or the classes do not fit the network.

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
        check_type(network, Network, "the network", "a Network")
        self.model: Model | None = None
        settings = Settings(
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
        target = _target(network, classes, labels)
        judge = Judge(
            target, network, costs.get(choose_cost(target.task, network.output) if cost is None else cost)
        )
        self._begin(network, judge, settings, updates_per_epoch)

    @classmethod
    def of(cls, model: Model, **settings: Any) -> "Stream":
        """Go on from a model, with raw rows as it takes them: `partial_fit((x, y))`, a file, a data frame.

        Parameters
        ----------
        model : Model
            Not changed; `stream.model` is the model with the network as it is by then.
        **settings
            As for a stream, without network, classes, labels and cost.
        """
        check_type(model, Model, "what a stream goes on from", "a Model")
        classes = model.target.labels if isinstance(model.target, ClassTarget) else None
        labels = model.target.names if isinstance(model.target, LabelTarget) else None
        stream = cls(model.network.copy(), classes, labels=labels, cost=model.cost, **settings)
        stream._begin(
            stream.network, Judge(model.target, stream.network, model.cost), stream.settings, stream.per_epoch
        )
        stream.model = model
        return stream

    def _begin(self, network: Network, judge: Judge, settings: Settings, per_epoch: int) -> None:
        network.check_trainable()
        settings.check(network, settings.batch_size or 1)
        schedule = settings.schedule
        looks_back = type(schedule).multiplier is not Schedule.multiplier  # at epochs, which are not measured
        if settings.optimizer.full_batch or schedule.needs_end or looks_back:
            what = settings.optimizer if settings.optimizer.full_batch else schedule
            raise ConfigurationError(
                f"{what.name} needs to know all examples of a run, and a stream has no end",
                expected="an optimizer for batches, and a schedule such as constant or inverse",
                received=str(what),
            )
        if isinstance(per_epoch, bool) or not isinstance(per_epoch, int) or per_epoch < 1:
            raise ConfigurationError(
                f"updates_per_epoch cannot be {per_epoch!r}", expected="a whole number, 1 or more"
            )
        self.network, self.judge, self.settings, self.per_epoch = network, judge, settings, per_epoch
        # Nobody knows yet how many come at once.
        self.updates = make_updates(network, judge, settings, batch=1, careful=True)
        self.cost: float | None = None

    def _check_batch(self, n: int) -> None:
        """Refuse to begin with an example alone where examples are compared with each other."""
        first = min(self.settings.batch_of(n), n) < 2
        for layer in self.network.layers:
            unseen = None if layer.normaliser is None else layer.normaliser.unseen
            if first and unseen is not None and unseen[0] == 1:
                raise ConfigurationError(
                    "batch normalisation has seen no batch yet, and an example alone is none",
                    expected="a chunk of 2 examples or more to begin with",
                    received="1",
                    remedy="begin with a chunk, or normalise by layer",
                )

    def partial_fit(self, x: Any, y: Any = None, weights: Any = None) -> "Stream":
        """Learn from an example or a chunk of them.

        Parameters
        ----------
        x : array, shape (n, n_in) or (n_in,)
            As the network takes them; of a stream that goes on from a model, raw rows with their targets.
        y : array, shape (n,) or (n, k)
            Classes, answers to the labels, or values.
        weights : array, shape (n,), optional
            How much each example counts: as many times as an ordinary one. A column of weights that data have
            is not read, for what would be ordinary in it is not known.

        Returns
        -------
        Stream
            Itself.

        Raises
        ------
        DataError
            If the examples do not fit the network or a label is none of the classes, before anything is
            learned; or if numbers grow beyond measure, with all that was learned before kept.
        """
        examples = self._examples(x, y)
        self._check_batch(len(examples))
        counting = None if weights is None else _weights(weights, len(examples))
        targets = smooth(self.judge, examples.known_targets, self.settings.regularisation.label_smoothing)
        size, updates = min(self.settings.batch_of(len(examples)), len(examples)), self.updates
        n_updates = -(-len(examples) // size)
        with numbers_alike():
            rates = rates_of(
                self.settings.schedule,
                self.settings.rate,
                range(updates.n, updates.n + n_updates),
                None,
                self.per_epoch,
            )
            updates.learn_from(replace(examples, weights=counting), targets, size)
            updates.begin(np.arange(len(examples)), rates)
            finished = updates.learn(0, n_updates)
        if finished < n_updates:
            raise DataError(
                "the numbers grew beyond measure, and the last batch was not learned from",
                expected="a network that keeps its numbers",
                received=f"a gradient that is no number, at the learning rate {rates[finished]:g}",
                where=f"example {finished * size} of the chunk, counted from 0",
                remedy="a smaller learning rate, or inputs that are standardised",
            )
        weighed = updates.losses if counting is None else updates.losses * counting
        self.cost = float(weighed.sum(dtype=np.float64)) / len(examples)
        if self.model is not None:
            self.model = replace(self.model, network=self.shown.copy())
        return self

    @property
    def shown(self) -> Network:
        """The network that learns, or the average of its weights where one is made."""
        return self.updates.shown

    def predict(self, x: Any) -> Any:
        """Give the answer for each row, as the network is by now: classes, yes or no by label, or values."""
        if self.model is not None:
            return self.model.predict(x)
        rows = _rows(x, self.network)
        answers = self.judge.answers(self.judge.outputs(self.shown, Examples(rows)))
        return self.judge.target.decode(answers)

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
        if (
            len(rows) == 1
            and given.ndim == 1
            and len(given) > 1
            and not isinstance(self.judge.target, ClassTarget)
        ):
            given = given[None]  # one example's values or answers
        targets = self.judge.target.encode(given)
        if len(targets) != len(rows):
            raise DataError(
                "x and y differ in length", expected=f"{len(rows)} targets", received=f"{len(targets)}"
            )
        examples = Examples(rows, targets)
        self.judge.check(examples.known_targets)
        return examples


def _rows(x: Any, network: Network) -> Floats:
    """Give examples as rows of numbers; one may come alone."""
    rows = np.asarray(x)
    if rows.ndim == 1:
        rows = rows[None]
    if rows.ndim != 2 or rows.shape[1] != network.sizes[0] or not len(rows) or rows.dtype.kind not in "biuf":
        raise DataError(
            "the examples do not fit the network",
            expected=f"rows of {network.sizes[0]} numbers, one or more",
            received=f"shape {rows.shape} of {rows.dtype}",
        )
    wrong = ~np.isfinite(rows).all(axis=1)
    if wrong.any():
        raise DataError(
            "an example has no number in a place",
            expected="finite numbers",
            received=str(rows[wrong][0][~np.isfinite(rows[wrong][0])][0]),
            where=f"example {int(wrong.argmax())} of the chunk, counted from 0",
        )
    return rows


def _weights(weights: Any, n: int) -> NDArray[np.float64]:
    """Give how much each of n examples counts."""
    given = np.atleast_1d(np.asarray(weights))
    if given.dtype.kind not in "biuf" or given.shape != (n,) or not (np.isfinite(given) & (given >= 0)).all():
        raise DataError(
            "the weights do not fit the examples",
            expected=f"{n} finite numbers, 0 or more",
            received=f"shape {given.shape} of {given.dtype}",
        )
    return given.astype(np.float64)


def _target(network: Network, classes: Sequence[Any] | None, labels: Sequence[str] | None) -> Target:
    if classes is not None and labels is not None:
        raise ConfigurationError(
            "a stream has classes or labels",
            expected="classes, of which an example has one, or labels, of which it has any number",
            received="both",
        )
    if labels is not None:
        return LabelTarget(tuple(map(str, _distinct(labels, "labels", 1))))
    return _values(network) if classes is None else ClassTarget(None, _distinct(classes, "classes", 2))


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


def _values(network: Network) -> ValueTarget:
    n = network.sizes[-1]
    names = ("y",) if n == 1 else tuple(f"y {k}" for k in range(n))
    return ValueTarget(names, np.zeros(n), np.ones(n))
