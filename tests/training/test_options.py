"""Settings from options by name are those that are made by hand."""

from dataclasses import fields

import pytest

from pellucid.errors import ConfigurationError
from pellucid.training import Clipping, Regularisation, TrainingConfig, optimizers, schedules
from pellucid.training.options import SETTINGS, settings_from

# Each option with a value, and the settings that it makes.
EACH = {
    "learning_rate": (0.5, TrainingConfig(learning_rate=0.5)),
    "schedule": ("cosine", TrainingConfig(schedule=schedules.get("cosine"))),
    "batch_size": (7, TrainingConfig(batch_size=7)),
    "epochs": (3, TrainingConfig(epochs=3)),
    "seed": (4, TrainingConfig(seed=4)),
    "optimizer": ("adam:beta2=0.95", TrainingConfig(optimizer=optimizers.get("adam:beta2=0.95"))),
    "average": (0.9, TrainingConfig(average=0.9)),
    "clip_norm": (2.0, TrainingConfig(clipping=Clipping(norm=2.0))),
    "clip_value": (3.0, TrainingConfig(clipping=Clipping(value=3.0))),
    **{
        name: (0.25, TrainingConfig(regularisation=Regularisation(**{name: 0.25})))
        for name in SETTINGS
        if name in {part.name for part in fields(Regularisation)} - {"biases"}
    },
    "biases": (True, TrainingConfig(regularisation=Regularisation(biases=True))),
}


def test_every_option_is_in_the_table():
    assert set(SETTINGS) == set(EACH)


@pytest.mark.parametrize("name", EACH)
def test_each_reaches_the_settings(name):
    value, expected = EACH[name]
    assert settings_from({name: value}) == expected != TrainingConfig()


def test_nothing_said_is_what_is_usual_and_what_is_none_of_them_is_left_alone():
    assert settings_from({"layers": [3], "cost": "nonsense"}) == TrainingConfig()


def test_what_cannot_be_used_is_refused():
    with pytest.raises(ConfigurationError, match="no optimizer named 'adm'"):
        settings_from({"optimizer": "adm"})
