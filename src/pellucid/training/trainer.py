"""The trainer, which drives every epoch, and can be paused and resumed anywhere."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Dataset
from pellucid.errors import ConfigurationError, check_type
from pellucid.evaluation import History, Measures
from pellucid.model import Model
from pellucid.network import Cost, Floats, Network, costs
from pellucid.number import check_number
from pellucid.random import permutation
from pellucid.training.callback import Callback, Callbacks
from pellucid.training.checks import check_learnable, choose_head
from pellucid.training.config import TrainingConfig
from pellucid.training.figures import figures_of, row_of
from pellucid.training.lbfgs import lbfgs
from pellucid.training.learner import Learner
from pellucid.training.measuring import Measuring
from pellucid.training.plain_arrays import as_dataset
from pellucid.training.progress import Progress
from pellucid.training.restarts import MOST_RESTARTS, Restart
from pellucid.training.result import model_of
from pellucid.training.trainer_state import State, load, plain_state, state_of
from pellucid.training.weighting import ClassWeight, batch_divisors, described, smooth, weigh

__all__ = ["Trainer"]

Seen = TypeVar("Seen")


class Trainer(Learner):
    """Trains a network, epoch after epoch or any number of updates at a time.

    Each epoch goes through the training examples once, in an order drawn by seed and epoch. For each batch
    the inputs are carried forward and the errors back, and all weights and biases change together. After an
    epoch the sets of examples are measured, which changes nothing. An epoch after which the training cost is
    not finite, or has exploded, is undone, and training ends. If no learning rate was given, training starts
    again instead, from the weights before it at a third of the rate, up to four times.

    Everything that can be wrong with data, network and settings is found when the trainer is made.

    Parameters
    ----------
    network : Network
        Trained in place.
    data : Dataset, or a pair of arrays (x, y)
        What it learns from. Arrays are used as they are: rows of inputs as float32, float64, bytes or a
        sparse matrix, with class numbers from 0, rows of True and False, or values.
    config : TrainingConfig, optional
        How to train; after a restart, the attribute has the lower learning rate.
    cost, class_weight, sample_weight, callbacks, progress, engine
        As for `train`.
    validation_data, test_data : pair of arrays, optional
        Beside plain arrays: what is measured too.
    measure_every : int or None
        How many epochs lie between two measurements; 0 to measure before the first epoch and after the last
        one only, None never to measure. An epoch that is not measured has nan for figures in the history.
    measure_rows : int, optional
        How many examples of each set are measured at most: always the same ones. By default all.
    check_updates : bool
        Whether all gradients of every update are checked to be finite, not only those next to the loss. It
        also keeps the losses of the examples that were learned from.
    track_loss : bool
        Whether the history has the mean loss of the examples of each epoch, each as it was before it was
        learned from: `loss`, without penalties. It comes with the updates, and needs no pass of its own; so
        do `losses` and `squared_norms`.
    divide_by_weight : bool
        Whether the gradient of a batch is divided by the sum of its examples' weights, as in scikit-learn,
        rather than by their number.

    Attributes
    ----------
    initial : Network
        A copy of the network before any learning.
    data : Dataset
        With the weights of the examples.
    n_updates : int
        How many updates an epoch has.
    position : int
        How many of them have been made in the epoch that runs.
    restarts : tuple of Restart
        The restarts so far, each with the `learning_rate` at which training diverged, and in which `epoch`.
    history : History
        The figures of each epoch; row 0 is the network before any learning.
    measures : dict of Measures
        How well the network does on each set, after the last epoch that was measured.
    rows : array of int, shape (n,)
        The numbers of the examples that the last call learned from, in that order.
    losses : array of float, shape (n,)
        Their losses, each before it was learned from; only where the loss is tracked or updates are checked.
    squared_norms : array of float64, shape (updates, layers)
        The squared norm of each layer's weights before each of these updates; only where the loss is tracked.
    stopped : str or None
        Why training ended before its last epoch, if it did: "interrupted", "diverged", "converged", "failed",
        or what a callback said: "early", "time", "goal" ...
    is_done : bool
        Whether training has ended, so that `fit` does no more.
    kept_epoch : int
        The epoch whose weights the network has.

    Raises
    ------
    ConfigurationError
        If a setting cannot be used, a layer cannot be trained through, or the cost does not suit the outputs.
    DataError
        If the data do not fit the network.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal((200, 2))
    >>> y = (x[:, 0] > x[:, 1]).astype(int)
    >>> trainer = Trainer(Network([2, 8, 2]), (x, y), TrainingConfig(learning_rate=0.1, epochs=3))
    >>> trainer.update(50), trainer.update(50)  # in the middle of the first epoch
    (50, 50)
    >>> trainer.fit().history.n_epochs
    3
    >>> trainer.measures["train"].accuracy > 0.9
    True
    """

    def __init__(
        self,
        network: Network,
        data: Dataset | tuple[Any, Any],
        config: TrainingConfig | None = None,
        *,
        cost: str | Cost | None = None,
        class_weight: ClassWeight | None = None,
        sample_weight: Any = None,
        validation_data: tuple[Any, Any] | None = None,
        test_data: tuple[Any, Any] | None = None,
        measure_every: int | None = 1,
        measure_rows: int | None = None,
        check_updates: bool = False,
        track_loss: bool = False,
        divide_by_weight: bool = False,
        callbacks: Sequence[Callback | Callable[[dict[str, Any]], object]] = (),
        progress: Progress | None = None,
        engine: str | None = None,
    ) -> None:
        config = TrainingConfig() if config is None else config
        flags = {
            "check_updates": check_updates,
            "track_loss": track_loss,
            "divide_by_weight": divide_by_weight,
        }
        for name, flag in flags.items():
            check_type(flag, bool, name, "True or False")
        check_learnable(network)
        check_type(config, TrainingConfig, "the settings", "TrainingConfig(epochs=5), say")
        loss = None if cost is None else costs.get(cost)
        data = as_dataset(network, data, loss, validation_data, test_data)
        head = choose_head(network, data, loss)
        config.check(network, n := len(data.train))
        super().__init__(
            *(network, head, config),
            check_updates=check_updates,
            progress=progress,
            engine=engine,
            track_loss=track_loss,
        )
        self.callbacks = Callbacks(callbacks)
        self.data = data = weigh(data, class_weight, sample_weight)
        self.targets = smooth(head, data.train.known_targets, config.regularisation.label_smoothing)
        self.measuring = Measuring(data, head, self.targets, config, measure_every, measure_rows)
        self.asked = described(class_weight) | self.callbacks.described
        # What a state depends on beside the config.
        self.options = {**flags, "measure_every": measure_every, "measure_rows": measure_rows}
        self.batch_size = min(config.batch_of(n), n)
        self.n_updates = math.ceil(n / self.batch_size)
        self.n_steps = config.epochs * self.n_updates
        self.progress.n_epochs, self.progress.n_examples = config.epochs, n
        self.history, self.measures = History(), dict[str, Measures]()
        self.stopped: str | None = None
        self.position = self.kept_epoch = self.good_epoch = 0
        self.own_rate = math.nan  # what the last update of the epoch was given instead of the schedule's
        self.has_begun = self.is_ending = self.is_done = False
        self.restarts: tuple[Restart, ...] = ()
        self.may_restart = config.learning_rate is None and not config.optimizer.searches
        self.seconds, self.multiplier = 0.0, 1.0
        self._order = (0, np.empty(0, np.intp))
        self.epoch_losses = np.zeros(n if track_loss else 0, network.dtype)
        self._divides_by_weight = divide_by_weight and data.train.weights is not None

    def fit(self) -> "Trainer":
        """Go on until the last epoch has ended, or training is stopped or paused.

        Returns
        -------
        Trainer
            Itself.
        """
        with self._going():
            if self.config.optimizer.searches and not self.is_done:
                self._minimise()
            while not (self.is_done or self._pausing):
                self._advance(self.n_updates)
        return self

    def run_epoch(self) -> "Trainer":
        """Go on to the end of the epoch that has begun, or else of the next one; return itself."""
        self._refuse_lbfgs("run_epoch")
        with self._going():
            if not self.is_done:
                self._advance(self.n_updates)
        return self

    def update(self, n: int = 1, *, learning_rate: float | None = None) -> int:
        """Make some updates, at most to the end of the epoch.

        Parameters
        ----------
        n : int
            How many, 1 or more.
        learning_rate : float, optional
            The learning rate of all of them, 0 or more; by default the schedule's. Once one is given,
            training that diverges ends.

        Returns
        -------
        int
            How many were made: fewer than `n` at the end of an epoch, and where training is stopped or paused
            or has diverged; after a restart, none of them is left.
        """
        self._refuse_lbfgs("update")
        n = check_number(n, "n", at_least=1, whole=True)
        rate = check_number(learning_rate, "the learning rate", at_least=0, or_none=True)
        with self._going():
            return 0 if self.is_done else self._advance(self.position + n, rate)

    def pause(self, *, wait: bool = True) -> None:
        """Make a call that runs in another thread return after its current update; see `Learner.pause`."""
        self._refuse_lbfgs("pause")
        super().pause(wait=wait)

    def stop(self, why: str) -> None:
        """End training after the update that runs; the first reason given is kept."""
        check_type(why, str, "the reason to stop", "a word that says why, such as 'early'")
        if not self.is_done:
            self.stopped = self.stopped or why or "stopped"
            self.progress.stop = True

    def _go_on(self) -> None:
        self.progress.stop = self.stopped is not None

    def _refuse_lbfgs(self, received: str) -> None:
        if self.config.optimizer.searches:
            raise ConfigurationError(
                f"{self.config.optimizer.name} makes no updates one by one",
                expected="fit and stop, or another optimizer",
                received=received,
            )

    @contextmanager
    def _going(self) -> Iterator[None]:
        with self.driving():
            if not self.has_begun:
                self._begin()
            self._clock = time.perf_counter() - self.seconds
            try:
                yield
            finally:
                self.seconds = time.perf_counter() - self._clock

    def _begin(self) -> None:
        """Measure the network as it is before any learning."""
        began, self.history = time.perf_counter(), History()
        self.initial, self.good = self.network.copy(), self.network.copy()
        self.make_ready()
        if self.measuring.is_due(0, self.config.epochs):
            self.measures = self.measuring.measure(self.shown)
        self.seconds = time.perf_counter() - began
        self._keep(0)
        # A callback may refuse to start, but not to start again.
        self.has_begun = bool(self.restarts)
        self.callbacks.tell("restart" if self.restarts else "start", self)
        self.has_begun = True
        self._next_epoch()

    def _restart(self) -> None:
        """Start again from the initial weights at a lower learning rate, after training has diverged."""
        restart = Restart(self.config.rate, self.history.n_epochs + 1)
        self.restarts = (*self.restarts, restart)
        self.config = replace(self.config, learning_rate=restart.lower_rate)
        self.network.restore(self.initial)
        self.measures, self.kept_epoch, self.good_epoch = {}, 0, 0
        # What breaks this off leaves a trainer that has yet to begin.
        self.has_begun, self.progress.epoch = False, 0
        self._begin()

    def make_ready(self) -> None:
        """Make the engine, and give it the training examples."""
        self.make_engine(self.batch_size, watched=bool(self.callbacks.at_batch))
        if not self.config.optimizer.searches:
            self.learn_from(self.data.train, self.targets, self.batch_size)

    def _next_epoch(self) -> None:
        self.seconds, self._clock, self.position = 0.0, time.perf_counter(), 0
        if self.stopped:
            self._end()
        else:
            self.progress.epoch, self.progress.examples = self.history.n_epochs + 1, 0

    def _advance(self, last: int, learning_rate: float | None = None) -> int:
        """Make the updates of the epoch up to a number, and end it after the last one; return how many."""
        if self.history.n_epochs == self.epoch:
            self._next_epoch()  # what a callback raised came between
        if self.position == 0 and (self._is_stopping or self.history.n_epochs == self.config.epochs):
            self.stopped = self.stopped or ("interrupted" if self._is_stopping else None)
            self._end()
        if self.is_done:
            return 0
        first, last = self.position, min(last, self.n_updates)
        rates = self.rates(last - first, self.n_steps, self.n_updates, self.multiplier)
        if learning_rate is not None:
            rates, self.own_rate = np.full(last - first, learning_rate), learning_rate
            self.may_restart = False
        self.progress.before = first * self.batch_size
        order = self.order[self.progress.before : last * self.batch_size]
        tell = self._tell_batch if self.callbacks.at_batch else None
        made = self.learn(order, rates, self._divisors(order), tell)
        self._go_to(first + made)
        failed = self.position < last and not self.progress.stop
        is_over = self.position == self.n_updates or self._is_stopping or failed
        if is_over and not self._end_epoch(finite=not failed):
            self._end()
        return made

    def _divisors(self, order: NDArray[np.intp]) -> Floats | None:
        weights = self.data.train.weights
        if weights is None or not self._divides_by_weight:
            return None
        return batch_divisors(weights.astype(self.network.dtype)[order], self.batch_size)

    def _tell_batch(self, made: int) -> None:
        self._go_to(self.progress.before // self.batch_size + made)
        self.callbacks.tell("batch", self)

    def _go_to(self, position: int) -> None:
        self.position = position
        if self.tracks_loss:
            self.epoch_losses[self.progress.before :][: len(self.losses)] = self.losses

    @property
    def _is_stopping(self) -> bool:
        return self.progress.stop and not (self._pausing and self.stopped is None)

    @property
    def order(self) -> NDArray[np.intp]:
        """The order in which the epoch that runs goes through the training examples."""
        epoch, order = self._order
        if epoch != self.epoch:
            order = permutation(len(self.data.train), self.config.seed, "shuffle", self.epoch)
            self._order = self.epoch, order
        return order

    def _end_epoch(self, *, finite: bool) -> bool:
        """Measure all sets after an epoch, undo it if it has gone wrong, and return whether to go on."""
        epoch, epochs, measures = self.epoch, self.config.epochs, dict[str, Measures]()
        if finite and self.measuring.is_due(epoch, epoch if self._is_stopping else epochs):
            measures = self.measuring.measure(self.shown)
            finite = not self.measuring.has_exploded(self.history, measures)
        if not finite:
            if self.may_restart and len(self.restarts) < MOST_RESTARTS and not self._is_stopping:
                self._restart()
                return True
            self._go_back()
            return False
        self.kept_epoch = epoch
        if measures or self.measuring.every is None:
            self._take_as_good(measures)
        self.seconds = time.perf_counter() - self._clock
        self._keep(epoch)
        self.callbacks.tell("epoch", self)
        if self._is_stopping:
            if epoch < epochs or self.progress.examples < len(self.data.train):
                self.stopped = self.stopped or "interrupted"
            return False
        if epoch < epochs:
            self._next_epoch()
        return epoch < epochs

    def _go_back(self) -> None:
        """Go back to the last good weights, after training has diverged."""
        self.shown.restore(self.good)
        self.kept_epoch, self.stopped = self.good_epoch, "diverged"

    def _take_as_good(self, measures: dict[str, Measures]) -> None:
        """Note the weights as those to go back to."""
        self.good.restore(self.shown)
        self.measures, self.good_epoch = measures, self.kept_epoch

    def _keep(self, epoch: int) -> None:
        """Put the figures of an epoch into the history."""
        self.history.append(row_of(self, epoch))
        self.own_rate = math.nan
        self.multiplier = self.config.schedule.multiplier(self.history)

    def _end(self) -> None:
        """Tell the callbacks that training has ended; leave the network with the weights that are kept."""
        self.is_ending = True
        if self.measuring.every is not None and self.good_epoch < self.kept_epoch:
            self._measure_late()
        self.callbacks.tell("end", self)
        self.network.restore(self.shown)
        self.is_done = True

    def _measure_late(self) -> None:
        """Measure the last epoch, which was not to be the last."""
        measures = self.measuring.measure(self.shown)
        if self.measuring.has_exploded(self.history, measures):
            self._go_back()
        else:
            self._take_as_good(measures)
            self.history.rows[-1].update(figures_of(self, self.good_epoch))

    def _minimise(self) -> None:
        """Let L-BFGS lower the cost of all training examples, an iteration an epoch."""
        if self.history.n_epochs:  # what a callback raised came between: it cannot go on from there
            self.stopped = self.stopped or "interrupted"
            self._end()
            return
        lbfgs(self, partial(self._end_epoch, finite=True))
        if not self.stopped and self.history.n_epochs < self.config.epochs:
            self.stopped = "converged"
        self._end()

    @property
    def epoch(self) -> int:
        """The epoch that runs, or that has just ended, counted from 1."""
        return self.progress.epoch

    @cached_property
    def fingerprint(self) -> str:
        """A checksum of the training targets and sample weights."""
        train = self.data.train
        total = hashlib.sha256(np.ascontiguousarray(train.known_targets).tobytes())
        total.update(b"" if train.weights is None else np.ascontiguousarray(train.weights).tobytes())
        return total.hexdigest()[:16]

    def state(self) -> State:
        """Return a copy of all that training changes, as one flat mapping.

        It can be taken wherever training stands: before, between two updates, in a callback, at the end. A
        trainer that was made in the same way, in another process or with another number of threads, goes on
        from it to the same bits.

        Returns
        -------
        dict of str to array, int, float, str or bool
            The weights (``weights.0``), what the optimizer keeps (``optimizer.m.weights.0``), the average,
            the history column by column, the best weights of an early stopping, counters.

        Raises
        ------
        ConfigurationError
            If training runs in another thread, or by L-BFGS, which keeps a state of its own.

        Examples
        --------
        >>> x, y = np.eye(4), [0, 1, 0, 1]
        >>> def make():
        ...     return Trainer(Network([4, 3, 2], seed=1), (x, y), TrainingConfig(epochs=5))
        >>> first, second = make(), make()
        >>> _ = first.update(3)
        >>> second.load_state(first.state())
        >>> bool((first.fit().network.layers[0].W == second.fit().network.layers[0].W).all())
        True
        """
        self._refuse_lbfgs("state")
        return self._at_rest(state_of)

    def begin(self) -> None:
        """Measure the network before any learning, unless that is done already."""
        if not self.has_begun:
            with self._going():
                pass

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Go on from a state.

        Parameters
        ----------
        state : mapping
            As `state` returns it, or as np.load reads it from a file that np.savez wrote.

        Raises
        ------
        ConfigurationError
            If it does not fit the network, the data or the settings, before anything is changed.
        """
        self._refuse_lbfgs("load_state")
        check_type(state, Mapping, "the state", "a mapping that trainer.state() returned")
        state = plain_state(state)
        with self.driving():
            load(self, state)

    def model(self, *, diagnose: bool = True) -> Model:
        """Make a model of what has been learned so far; learning more does not change it.

        While training goes on, it has the weights of the last epoch that was measured, and says that it was
        interrupted.

        Parameters
        ----------
        diagnose : bool
            Whether to say if the network over- or underfits, and why, where a training and a test set were
            measured.
        """
        check_type(diagnose, bool, "diagnose", "True or False")
        return self._at_rest(partial(model_of, diagnose=diagnose))

    def _at_rest(self, look: Callable[["Trainer"], Seen]) -> Seen:
        """Call a function with the trainer while no other call runs, and return its result."""
        if self.is_driven_here:
            return look(self)
        self.begin()
        with self.alone():
            return look(self)
