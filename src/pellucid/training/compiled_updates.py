"""Updates as machine code."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples
from pellucid.evaluation import Judge
from pellucid.network import Floats, Network
from pellucid.passes.compiled.machine import this_machine
from pellucid.passes.compiled.running.batch_loop import BatchLoop
from pellucid.passes.compiled.running.online_loop import OnlineLoop
from pellucid.passes.compiled.running.threads import cores
from pellucid.passes.engines import falls_back
from pellucid.passes.flags import Flags
from pellucid.passes.reference import Trace, backward, forward
from pellucid.passes.untraceable import Untraceable
from pellucid.training.power import power
from pellucid.training.settings import Settings
from pellucid.training.updates import Updates

__all__ = ["CompiledUpdates"]

# Two threads that meet cost each other about a microsecond; a thread's share of a batch must be worth that.
_WORTH_A_THREAD = 1_000_000


class CompiledUpdates(Updates):
    """Lets a network learn through the compiled passes.

    The network is brought up to date whenever updates have been made, and what its owner changes in between
    is taken in, be it numbers or what a declaration says. Where no machine code can be made of that, the
    reference goes on from there.

    Parameters
    ----------
    network, judge, settings, flags, careful
        As for `Updates`.
    batch : int
        How many examples an update will learn from; room for more is made when there are more.
    watched : bool
        Whether what each update saw may be asked for.

    Raises
    ------
    Untraceable
        If a declaration cannot be compiled.
    """

    def __init__(
        self,
        network: Network,
        judge: Judge,
        settings: Settings,
        flags: Flags | None = None,
        *,
        batch: int,
        careful: bool = False,
        watched: bool = False,
    ) -> None:
        super().__init__(network, judge, settings, flags, careful=careful)
        self.settings, self.watched = settings, watched
        self.machine, self.cores = this_machine(), cores()
        # Machine code averages weights as an update leaves them: not what is kept of the batches seen, nor
        # weights that are shortened after it.
        seen = any(layer.normaliser and layer.normaliser.kept for layer in network.layers)
        here = seen or settings.regularisation.max_norm is not None
        self.averaged_here = self.average if here else None
        self.rule = self.descent.rule(None if here else settings.average)
        self.disturbed = any(self.disturbance.rates) or bool(self.disturbance.noise)
        self._saw: tuple[Network, NDArray[np.intp], int] | None = None
        self._left = False  # to the reference
        self._loop: OnlineLoop | BatchLoop
        if self._is_textbook():
            parts = self.network, self.judge.objective, self.machine, self.flags
            self._loop = OnlineLoop(*parts, losses=self.careful)
        else:
            self._loop = self._roomy(batch)

    def _roomy(self, batch: int) -> BatchLoop:
        """Make a loop with room for so many examples in an update."""
        work = 6 * batch * sum(layer.weights.size for layer in self.network.layers)
        threads = max(1, min(self.cores, work // _WORTH_A_THREAD, -(-batch // 8)))
        return BatchLoop(
            *(self.network, self.judge.objective, batch, self.rule, threads, self.machine, self.flags),
            losses=self.careful,
            rates=self.disturbance.rates,
            noise=self.disturbance.noise,
        )

    def _is_textbook(self) -> bool:
        """Tell whether an update is the textbook's: one example, and nothing but its gradient."""
        plain = self.rule.formula is None and self.rule.shorten is None and not self.disturbed
        alone = self.settings.batch_size in (None, 1)
        return alone and plain and not any(layer.normaliser for layer in self.network.layers)

    def learn_from(self, examples: Examples, targets: Any, batch: int) -> None:
        """Say what is learned from."""
        super().learn_from(examples, targets, batch)
        if not self._left:
            try:
                self._make_room(batch)
            except Untraceable as error:
                self._leave(error)
                return
            self._loop.examples(examples.inputs, examples.scale, targets, examples.weights)

    def _make_room(self, batch: int) -> None:
        if isinstance(loop := self._loop, BatchLoop):
            if batch > loop.batch:
                before, loop = loop, self._roomy(batch)
                loop.go_on_from(before)
                self._loop = loop
            loop.use(batch)

    def begin(self, order: NDArray[np.intp], rates: Floats) -> None:
        """Say in which order examples are learned from, and at which rate each update."""
        if self._left:
            super().begin(order, rates)
            return
        self.order, self._rates = order.astype(np.int64), rates
        self._loop.begin(self.order, rates.astype(np.float64), self.n)
        if self.disturbed and isinstance(self._loop, BatchLoop):
            updates = np.arange(self.n, self.n + len(rates))
            self._loop.disturb(self.disturbance.mask_keys(updates), self.disturbance.noise_keys(updates))

    def learn(self, first: int, last: int) -> int:
        """Make the updates of the order from the first to before the last, until the stop flag is set."""
        if not self._left:
            try:
                self._loop.follow()
            except Untraceable as error:
                self._leave(error)
                done = self.flags.done
                super().begin(self.order, self._rates)
                self.flags.done = done
        if self._left:
            return super().learn(first, last)
        self._loop.take()
        finished = self._carefully(first, last) if self.careful else self._several(first, last)
        if self._loop.losses:
            self.losses = self._loop.seen_losses
        self._loop.give()
        if self.average and not self.averaged_here and isinstance(self._loop, BatchLoop):
            self._loop.give_kept("average", self.average.network)
        return finished

    def _leave(self, why: Untraceable) -> None:
        """Leave the work from here on to the reference, with what the optimizer and the average keep."""
        falls_back(f"no machine code can be made of {why}")
        self._left, self._saw = True, None
        for name in self.descent.optimizer.keeps:
            kept = self.network.copy()
            self._loop.give_kept(name, kept)
            self.descent.take_over(name, kept)
        self.descent.t = self.n
        if self.average and not self.averaged_here:
            self.average.left = power(self.average.keep, self.n)

    def _carefully(self, first: int, last: int) -> int:
        """Make updates, and none whose numbers are not finite; what such a one has changed is undone."""
        before = self._loop.copy()
        average = self.averaged_here.state() if self.averaged_here else None
        finished = self._several(first, last)
        if self._loop.is_finite():
            return finished
        self.n -= finished - first
        self._loop.restore(before)
        if self.averaged_here and average:
            self.averaged_here.restore(average)
        if last == first + 1:
            return first
        for number in range(first, last):  # which of them it was
            if self._carefully(number, number + 1) == number:
                return number
        return last

    def _several(self, first: int, last: int) -> int:
        if not self.watched and not self.averaged_here:
            finished = self._loop.learn(first, last)
            self.n += finished - first
            return finished
        finished = first
        while finished < last and self._one(finished):
            finished += 1
        return finished

    def _one(self, number: int) -> bool:
        """Make one update, and tell whether it was made."""
        rows = self.order[number * self.batch : (number + 1) * self.batch]
        if self.watched:
            self._loop.give()
            self._saw = self.network.copy(), rows, self.n
        made = self._loop.learn(number, number + 1) > number
        self.n += made
        if made and self.averaged_here:
            self._loop.give()
            self.averaged_here.update()
        return made

    @property
    def trace(self) -> Trace | None:
        """What the last update saw, worked out by the reference from the weights as they were."""
        if self._saw is None:
            return self._trace
        network, rows, update = self._saw
        weights = self.examples.weights
        x = self.disturbance.disturb(self.examples.rows(rows, network.dtype), update)
        trace = forward(network, x, self.disturbance.masks(len(x), update), learning=True)
        return backward(
            trace, self.targets[rows], self.judge.objective, None if weights is None else weights[rows]
        )

    @trace.setter
    def trace(self, value: Trace | None) -> None:
        self._saw, self._trace = None, value
