"""The compiled engine: updates as machine code."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.evaluation import OutputHead
from pellucid.network import Floats, Network
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running.batch_loop import BatchLoop
from pellucid.passes.compiled.running.online_loop import OnlineLoop
from pellucid.passes.compiled.running.threads import cores
from pellucid.passes.engines import falls_back
from pellucid.passes.flags import Flags
from pellucid.passes.reference import Trace
from pellucid.passes.untraceable import Untraceable
from pellucid.training.config import TrainingConfig
from pellucid.training.updates.pieces import MaxNorm
from pellucid.training.updates.reference import Updates

__all__ = ["CompiledUpdates"]

# A barrier between two threads costs about a microsecond; a thread's share of a batch must be worth that.
_WORTH_A_THREAD = 1_000_000


class CompiledUpdates(Updates):
    """Makes the updates of a network through the compiled passes.

    The network is updated after each call of `learn`. Changes to it between calls take effect, of numbers and
    of declarations alike; if they cannot be compiled, the reference takes over. The number of examples in an
    update, `batch`, grows as needed; `watched` says whether the trace of each update may be read.
    """

    def __init__(
        self,
        network: Network,
        head: OutputHead,
        settings: TrainingConfig,
        flags: Flags | None = None,
        *,
        batch: int,
        watched: bool = False,
        **options: bool,
    ) -> None:
        super().__init__(network, head, settings, flags, **options)
        self.watched, self.machine, self.cores = watched, this_machine(), cores()
        # Machine code averages weights right after the step: not running statistics, nor weights that the
        # maximum norm changes later. Those are averaged here, update by update.
        keeps_statistics = any(layer.normaliser and layer.normaliser.kept for layer in network.layers)
        late = keeps_statistics or any(isinstance(piece, MaxNorm) for piece in self.rule.pieces)
        self._averages_here = self.average is not None and late
        self._compiled_rule = self.rule.compiled(None if late else self.average)
        self._saw: tuple[Network, NDArray[np.intp], int, float | None] | None = None
        self._before = 0  # updates before the first of the order, as the loop knows it
        self._fell_back = False
        self._loop: OnlineLoop | BatchLoop
        if self._is_textbook(settings):
            parts = network, head.objective, self.machine, self.flags
            self._loop = OnlineLoop(*parts, losses=self.keeps_losses)
        else:
            self._loop = self._loop_for(batch)

    def _loop_for(self, batch: int) -> BatchLoop:
        """Return a loop for a number of examples per update."""
        work = 6 * batch * sum(layer.weights.size for layer in self.network.layers)
        threads = max(1, min(self.cores, work // _WORTH_A_THREAD, -(-batch // 8)))
        return BatchLoop(
            *(self.network, self.head.objective, batch, self._compiled_rule, threads),
            *(self.machine, self.flags),
            losses=self.keeps_losses,
            rates=self.drawn.rates,
            noise=self.drawn.noise,
            squared_norms=self.keeps_norms,
        )

    def _is_textbook(self, settings: TrainingConfig) -> bool:
        """Return whether an update is the textbook's: one example, and nothing but its gradient."""
        rule, alone = self._compiled_rule, settings.batch_size in (None, 1)
        plain = rule.formula is None and rule.shorten is None and not self.drawn.is_drawn
        normalised = any(layer.normaliser for layer in self.network.layers)
        return alone and plain and not normalised and not self.keeps_norms

    def learn_from(self, examples: Examples, targets: Any, batch: int) -> None:
        """Set the training examples."""
        super().learn_from(examples, targets, batch)
        if not self._fell_back:
            try:
                self._make_room(batch)
            except Untraceable as error:
                self._fall_back(error)
                return
            self._loop.examples(examples.inputs, examples.scale, targets, examples.weights)

    def _make_room(self, batch: int) -> None:
        if isinstance(loop := self._loop, BatchLoop):
            if batch > loop.batch:
                state, loop = self.state(), self._loop_for(batch)
                self._loop = loop
                self.load_state(state)
            loop.use(batch)

    def begin(self, order: NDArray[np.intp], rates: Floats, divisors: Floats | None = None) -> None:
        """Begin an epoch."""
        super().begin(order.astype(np.int64), rates, divisors)
        if not self._fell_back:
            self._begin_loop(self.n)

    def _begin_loop(self, before: int) -> None:
        """Start the loop with the order, and the number of updates before its first."""
        self._before = before
        divisors = None if self.divisors is None else self.divisors.astype(np.float64)
        self._loop.begin(self.order, self.rates.astype(np.float64), before, divisors)
        if self.drawn.is_drawn and isinstance(self._loop, BatchLoop):
            updates = np.arange(before, before + len(self.rates))
            self._loop.disturb(self.drawn.mask_keys(updates), self.drawn.noise_keys(updates))

    def learn(self, first: int, last: int) -> int:
        """Make the updates of the epoch from the first to before the last, until the stop flag is set."""
        if not self._fell_back:
            try:
                self._loop.follow()
            except Untraceable as error:
                self._fall_back(error)
        if self._fell_back:
            return super().learn(first, last)
        if self.n - first != self._before:  # a state was loaded since
            self._begin_loop(self.n - first)
        self._loop.take()
        finished = self._learn_carefully(first, last) if self.careful else self._learn_several(first, last)
        if self.keeps_losses:
            self.losses = self._loop.seen_losses
        if self.keeps_norms and isinstance(self._loop, BatchLoop):
            self.squared_norms = self._loop.seen_squared_norms
        self._loop.give()
        for kept in self._average_arrays():
            self._loop.read_state(*kept)
        return finished

    def _fall_back(self, why: Untraceable) -> None:
        """Let the reference take over."""
        falls_back(f"no machine code can be made of {why}")
        state, self._saw = self.state(), None
        self._fell_back = True
        self.load_state(state)

    def _read_state(self) -> None:
        if not self._fell_back:
            for kept in self._optimizer_arrays():
                self._loop.read_state(*kept)

    def _write_state(self) -> None:
        if not self._fell_back:
            for kept in (*self._optimizer_arrays(), *self._average_arrays()):
                self._loop.write_state(*kept)

    def _optimizer_arrays(self) -> Iterator[tuple[int, str, str, Floats]]:
        """Yield the arrays of the optimizer's state: layer, parameter name, state name, array."""
        for parameter in self.parameters:
            for which in self.rule.optimizer.keeps:
                yield parameter.layer, parameter.name, f"optimizer.{which}", parameter.state[which]

    def _average_arrays(self) -> Iterator[tuple[int, str, str, Floats]]:
        """Yield the averages that machine code computes, in the same way."""
        if "average" in self._compiled_rule.keeps:
            for number, layer in enumerate(self.shown.layers):
                for name, array in layer.learned.items():
                    yield number, name, "average", array

    def _learn_carefully(self, first: int, last: int) -> int:
        """Make updates up to the first one whose numbers are not finite, and undo that one."""
        before, n = self._loop.copy(), self.n
        average = self.shown.copy() if self._averages_here else None
        finished = self._learn_several(first, last)
        if self._loop.is_finite():
            return finished
        self._loop.restore(before)
        self._count(n)
        if average:
            self.shown.restore(average)
        if last == first + 1:
            return first
        for number in range(first, last):  # find which one it was
            if self._learn_carefully(number, number + 1) == number:
                return number
        return last

    def _learn_several(self, first: int, last: int) -> int:
        if not self.watched and not self._averages_here:
            finished = self._loop.learn(first, last)
            self.n += finished - first
            return finished
        finished = first
        while finished < last and self._learn_one(finished):
            finished += 1
        return finished

    def _learn_one(self, number: int) -> bool:
        """Make one update; return whether it was made."""
        rows = self.order[number * self.batch : (number + 1) * self.batch]
        if self.watched:
            self._loop.give()
            self._saw = self.network.copy(), rows, self.n, self._divisor(number)
        if self._loop.learn(number, number + 1) == number:
            return False
        self.n += 1
        if self._averages_here:
            self._loop.give()
            self._average()
        return True

    @property
    def trace(self) -> Trace | None:
        """The numbers of the last update, computed by the reference from the weights before it."""
        return self._trace if self._saw is None else self._traced(*self._saw)

    @trace.setter
    def trace(self, value: Trace | None) -> None:
        self._saw, self._trace = None, value
