"""What the loops could not do as it is written is refused before anything is emitted."""

import numpy as np
import pytest

from pellucid.network import activations
from pellucid.network.costs import MeanSquaredError
from pellucid.network.objective import Objective
from pellucid.passes.compiled.tracing import formulas
from pellucid.passes.compiled.tracing.signatures import UPDATE
from pellucid.passes.untraceable import Untraceable

DTYPE = np.dtype(np.float32)


class TwiceTheCost(MeanSquaredError):  # noqa: N818  # a cost, no exception
    """Twice the cost, by a way of its own to add losses up."""

    name = "doubled"

    def losses(self, prediction, target):
        return 2 * super().losses(prediction, target)

    def loss_slopes(self, prediction, target):
        return 2 * super().loss_slopes(prediction, target)


def test_a_cost_that_adds_up_in_a_way_of_its_own():
    objective = Objective(activations.get("identity"), TwiceTheCost())
    for program in (formulas.loss_program, formulas.error_program):
        with pytest.raises(Untraceable, match="doubled, which has losses of its own"):
            program(objective, DTYPE, "output")


MOST_KEPT = 7  # the weights themselves and six more: with the gradient, and written again, fifteen arrays


def hoard(gradient, numbers, kept):
    return {which: value + gradient * numbers["rate"] for which, value in kept.items()}


def hoarding_program(n_kept, n_numbers=0):
    keeps = [f"moment {i}" for i in range(n_kept)]
    numbers = [*UPDATE.numbers, *(f"number {i}" for i in range(n_numbers))]
    return formulas.update_program(hoard, DTYPE, "update", keeps, numbers)


def test_an_update_that_keeps_as_much_as_there_is_room_for():
    assert list(hoarding_program(MOST_KEPT, 12).outputs) == [f"new_moment {i}" for i in range(MOST_KEPT)]


@pytest.mark.parametrize(
    ("size", "message"), [((MOST_KEPT + 1, 0), "keeps more than 7 numbers"), ((1, 13), "more than 16 plain")]
)
def test_an_update_that_there_is_no_room_for(size, message):
    with pytest.raises(Untraceable, match=message):
        hoarding_program(*size)
