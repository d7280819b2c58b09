"""What a schedule sees of a run, and one of a user's own."""

import math
from dataclasses import FrozenInstanceError, dataclass

import pytest

from pellucid.declarations import parameter
from pellucid.errors import ConfigurationError
from pellucid.evaluation import History
from pellucid.training import Schedule, build_network, schedules, train
from pellucid.training.schedule import ScheduleStep


class TestMoment:
    @pytest.mark.parametrize(
        ("step", "steps", "steps_per_epoch", "done", "epoch"),
        [
            (0, 10, 5, 0, 0),
            (5, 10, 5, 0.5, 1),
            (9, 10, 5, 0.9, 1.8),
            (2.5, 10, 5, 0.25, 0.5),
            (0, 1, 1, 0, 0),
        ],
    )
    def test_by_hand(self, step, steps, steps_per_epoch, done, epoch):
        at = ScheduleStep(step, steps, steps_per_epoch)
        assert (at.end, at.done, at.epoch) == (steps, done, epoch)

    def test_without_a_known_end(self):
        at = ScheduleStep(7, None, 2)
        assert at.epoch == 3.5
        for ask in (lambda: at.done, lambda: at.end):
            with pytest.raises(ConfigurationError, match="needs the number of all updates") as caught:
                ask()
            assert "constant" in caught.value.expected

    def test_cannot_be_changed(self):
        with pytest.raises(FrozenInstanceError):
            ScheduleStep(0, 10, 5).step = 1


def test_a_schedule_says_its_rate():
    class Silent(Schedule):
        name = "silent"

    with pytest.raises(TypeError, match="rate"):
        Silent()


@dataclass(frozen=True)
class Wave(Schedule):
    """Falls and rises again."""

    name = "wave"
    formula = r"\alpha \frac{1 + \cos(2 \pi e / \text{epochs})}{2}"
    epochs: float = parameter(4, above=0)

    def rate(self, learning_rate, at):
        return learning_rate * (1 + math.cos(2 * math.pi * at.epoch / self.epochs)) / 2


class TestOnesOwn:
    def test_needs_no_more_than_its_rate(self):
        assert not Wave().needs_end
        assert Wave().multiplier(History()) == 1
        assert Wave().describe() == {
            "name": "wave",
            "aliases": [],
            "summary": "Falls and rises again.",
            "formula": Wave.formula,
            "parameters": {"epochs": 4},
            "source": "",
            "needs_end": False,
        }

    def test_trains_like_any_other(self, classes, monkeypatch):
        monkeypatch.setattr(schedules, "_classes", dict(schedules._classes))
        monkeypatch.setattr(schedules, "_names", dict(schedules._names))
        schedules.register(Wave)
        network = build_network(classes, [3])
        model = train(network, classes, learning_rate=0.1, schedule="wave:epochs=6", epochs=3, batch_size=10)
        # Half a wave in three epochs; an epoch is shown by the rate in its middle.
        assert model.history["learning_rate"][1:] == pytest.approx([0.0933013, 0.05, 0.0066987], rel=1e-5)
        assert model.settings["schedule"] == "wave:epochs=6.0"
