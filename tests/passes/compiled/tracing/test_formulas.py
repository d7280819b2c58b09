"""What the loops could not do as it is written is refused before anything is emitted."""

import numpy as np
import pytest

from pellucid.network import activations
from pellucid.network.costs import MeanSquaredError
from pellucid.network.objective import Objective
from pellucid.passes.compiled.tracing import formulas
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


@pytest.mark.parametrize("more", [0, 1])
def test_an_update_that_keeps_more_than_there_is_room_for(more):
    keeps = [f"moment {i}" for i in range(formulas.MOST_KEPT + more)]

    def hoard(gradient, numbers, kept):
        return {which: value + gradient * numbers["rate"] for which, value in kept.items()}

    def program():
        return formulas.update_program(hoard, DTYPE, "update", keeps, ["rate"])

    if more:
        with pytest.raises(Untraceable, match=f"keeps more than {formulas.MOST_KEPT} numbers"):
            program()
    else:
        assert list(program().outputs) == [f"new {which}" for which in keeps]
