"""Former names go on working, with a notice."""

import numpy as np
import pytest

import pellucid
from pellucid.network import Network
from pellucid.renamed import renamed_arguments
from pellucid.training import EarlyStopping

X = np.random.default_rng(0).standard_normal((20, 2))
Y = [0, 1] * 10


def test_both_names_are_one_too_many():
    @renamed_arguments(old="new")
    def function(new=1):
        return new

    with pytest.raises(TypeError, match="got new, and old, its former name, too"):
        function(old=1, new=2)
    assert function(3) == function(new=3) == 3


def test_arguments():
    with pytest.warns(DeprecationWarning, match="least is a former name.*use min_delta"):
        assert EarlyStopping(3, least=0.5).min_delta == 0.5
    data = pellucid.load_data((X, Y), test_size=0.5)
    with pytest.warns(DeprecationWarning, match="weights is a former name.*use sample_weight"):
        pellucid.train(pellucid.build_network(data, [2]), data, epochs=1, weights=np.ones(10))
    with pytest.warns(DeprecationWarning, match="like is a former name.*use encoding"):
        assert pellucid.load_data((X, Y), like=data).inputs is data.inputs
    with pytest.warns(DeprecationWarning, match="weights is a former name.*use sample_weight"):
        weighted = pellucid.load_data((X, Y), test_size=0.5, weights=range(1, 21))
    assert weighted.train.weights is not None
    with pytest.warns(DeprecationWarning, match="validation is a former name.*use validation_data"):
        assert len(pellucid.load_data((X, Y), validation=(X, Y)).validation) == 20
    stream = pellucid.Stream(Network([2, 2]), classes=[0, 1])
    with pytest.warns(DeprecationWarning, match="weights is a former name.*use sample_weight"):
        stream.partial_fit(X, Y, weights=np.ones(20))


@pytest.mark.parametrize(
    ("old", "new"), [("Settings", "TrainingConfig"), ("Run", "Trainer"), ("Moment", "ScheduleStep")]
)
def test_names_of_the_training_wing(old, new):
    with pytest.warns(DeprecationWarning, match=f"{old} is a former name.*use {new}"):
        assert getattr(pellucid.training, old).__name__ == new


@pytest.mark.parametrize(
    ("old", "new"),
    [("Judge", "OutputHead"), ("Yardstick", "Baselines"), ("measure_yardstick", "measure_baselines")],
)
def test_names_of_the_evaluation_wing(old, new):
    with pytest.warns(DeprecationWarning, match=f"{old} is a former name.*use {new}"):
        assert getattr(pellucid.evaluation, old).__name__ == new


def test_functions_of_the_training_wing():
    data = pellucid.load_data((X, Y), test_size=0.5)
    network = pellucid.build_network(data, [2])
    with pytest.warns(DeprecationWarning, match="choose_judge is a former name"):
        head = pellucid.training.choose_judge(network, data)
    assert head.target.labels == (0, 1)
    with pytest.warns(DeprecationWarning, match="train_as is a former name"):
        model = pellucid.training.train_as(network, data, pellucid.training.TrainingConfig(epochs=2))
    assert model.history.n_epochs == 2


def test_a_name_that_never_was():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = pellucid.training.Nothing
