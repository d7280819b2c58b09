"""The check before a time counts lets right numbers pass and refuses wrong ones."""

import doctest

import numpy as np
import pytest
from benchmarks.agreement import distance, of_updates, order_of, reference_updates
from benchmarks.contest import TOLERANCE
from benchmarks.peers import own
from benchmarks.work import Work

from benchmarks import agreement

SGD = Work((12, 8, 10), 40, "normal", rate=0.05)
BATCHES = Work((12, 8, 6, 10), 40, "normal", 8, "tanh", rate=0.05)
ADAM = Work((12, 8, 1), 40, "normal", 8, "tanh", "adam", rate=0.001)


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(agreement).attempted > 0
    assert doctest.testmod(agreement).failed == 0


@pytest.mark.parametrize("work", [SGD, BATCHES, ADAM], ids=lambda work: work.title)
def test_pellucid_passes(work):
    assert own.Training.disagreement(_not_started(work)) < TOLERANCE


WRONG = ["nothing learned", "rate 1 % off", "order", "a bias", "a number that is none"]
PAIRS = [(work, wrong) for work in (SGD, BATCHES, ADAM) for wrong in WRONG]
# Adam's weights are compared as they are, of which a hundredth of a few small steps is too little.
PAIRS.remove((ADAM, "rate 1 % off"))


@pytest.mark.parametrize(("work", "wrong"), PAIRS, ids=lambda either: getattr(either, "title", either))
def test_wrong_numbers_are_refused(work, wrong):
    def learn(few):
        start, right = few.start(), [array.astype(np.float32) for array in reference_updates(few)]
        if wrong == "nothing learned":
            return start
        if wrong == "rate 1 % off":
            return [s + np.float32(1.01) * (a - s) for a, s in zip(right, start, strict=True)]
        if wrong == "order":
            return _in_another_order(few)
        if wrong == "a bias":
            right[1][0] += np.float32(1e-3)
            return right
        right[0][0, 0] = np.nan
        return right

    assert not of_updates(work, learn) <= TOLERANCE


def test_weights_of_another_shape_are_infinitely_far():
    assert distance([np.zeros((2, 3))], [np.zeros((3, 2))]) == np.inf
    assert distance([np.zeros(2)], [np.zeros(2), np.zeros(3)]) == np.inf


def test_a_change_lost_in_rounding_is_measured_against_a_thousandth_of_the_weights():
    # The change is 1e-6 of the weight, off by a tenth of itself: 1e-7 of a thousandth's 1e-3.
    assert distance([np.array([1 + 1.1e-6])], [np.array([1 + 1e-6])], [np.array([1.0])]) == pytest.approx(
        1e-4
    )


def test_the_order_is_that_of_the_first_epoch():
    order = order_of(SGD)
    assert sorted(order.tolist()) == list(range(40))
    assert order.tolist() != list(range(40))


def _not_started(work):
    training = own.Training.__new__(own.Training)
    training.work = work
    return training


def _in_another_order(few):
    network = few.network()
    own.train_once(few, epochs=1, network=network, seed=1)
    return list(network.parameters.values())
