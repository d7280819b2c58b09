"""What is measured, and when."""

import math

import numpy as np
import pytest

from pellucid.errors import ConfigurationError
from pellucid.evaluation import History, measure
from pellucid.network import Network
from pellucid.passes import predict
from pellucid.training import (
    EarlyStopping,
    Regularisation,
    Trainer,
    TrainingConfig,
    build_network,
    optimizers,
    schedules,
)

X = np.random.default_rng(1).standard_normal((60, 3))
Y = (X[:, 0] > 0).astype(int)


def trained(epochs=7, learning_rate=0.1, **options):
    settings = TrainingConfig(learning_rate, batch_size=10, epochs=epochs, optimizer=optimizers.get("sgd"))
    return Trainer(Network([3, 5, 2], seed=0), (X, Y), settings, test_data=(X[:20], Y[:20]), **options).fit()


@pytest.mark.parametrize(
    ("every", "measured"),
    [(1, list(range(8))), (2, [0, 2, 4, 6, 7]), (3, [0, 3, 6, 7]), (7, [0, 7]), (100, [0, 7]), (0, [0, 7])],
)
def test_measured_epochs(every, measured):
    all_epochs, some = trained(), trained(measure_every=every)
    for row, whole in zip(some.history, all_epochs.history, strict=True):
        there = row["epoch"] in measured
        assert math.isnan(row["test_cost"]) != there
        if there:
            assert {**row, "seconds": 0} == {**whole, "seconds": 0}
    assert some.network == all_epochs.network
    assert some.kept_epoch == 7
    assert [row["epoch"] for row in some.history.measured] == measured


def test_never_measured():
    trainer = trained(measure_every=None)
    assert trainer.history.columns == ["epoch", "learning_rate", "seconds"]
    assert trainer.network == trained().network
    model = trainer.model()
    assert model.diagnosis is None
    assert model.kept_epoch == 7


def test_a_sample_is_always_the_same():
    first, second = trained(measure_rows=9), trained(measure_rows=9)
    sample = first.measuring.sets["train"]
    assert len(sample) == len(first.measuring.sets["test"]) == 9
    np.testing.assert_array_equal(sample.origin, second.measuring.sets["train"].origin)
    assert {**first.history[3], "seconds": 0} == {**second.history[3], "seconds": 0}
    judged = measure(first.network, first.head, sample)
    assert first.history[-1]["train_cost"] == judged.cost
    assert first.network == trained().network
    assert len(trained(measure_rows=1000).measuring.sets["train"]) == 60


def test_the_objective_is_of_the_sample_too():
    config = TrainingConfig(0.1, batch_size=10, epochs=1, regularisation=Regularisation(label_smoothing=0.2))
    trainer = Trainer(Network([3, 5, 2], seed=0, dtype="float64"), (X, Y), config, measure_rows=9).fit()
    sample = trainer.measuring.sets["train"]
    outputs = predict(trainer.network, sample.inputs)
    smoothed = 0.8 * np.eye(2)[sample.targets] + 0.1
    expected = -(smoothed * np.log(outputs)).sum(axis=1).mean()
    assert trainer.history[-1]["objective"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("every", [1, 3])
def test_a_run_that_diverges_goes_back_to_what_was_measured(every):
    trainer = trained(learning_rate=1e5, measure_every=every)
    assert trainer.stopped == "diverged"
    assert trainer.kept_epoch % every == 0
    if trainer.kept_epoch == 0:
        assert trainer.network == trainer.initial
    assert trainer.model().stopped == "diverged"


def test_a_run_that_is_stopped_is_measured_at_the_end():
    trainer = trained(epochs=50, measure_every=20, callbacks=[lambda row: None])
    trainer = Trainer(
        Network([3, 5, 2], seed=0), (X, Y), TrainingConfig(0.1, batch_size=10, epochs=50), measure_every=20
    )
    trainer.update(3)
    trainer.stop("enough")
    assert not math.isnan(trainer.fit().history[-1]["train_cost"])


def test_early_stopping_waits_over_epochs_that_are_not_measured():
    options = {"validation_data": (X, 1 - Y), "epochs": 30}
    stopped = [trained(measure_every=every, callbacks=[EarlyStopping(4)], **options) for every in (1, 3)]
    assert [trainer.stopped for trainer in stopped] == ["early"] * 2
    # Without an improvement after epoch 0, the first measured epoch from the fourth on.
    assert [trainer.history.n_epochs for trainer in stopped] == [4, 6]
    assert [trainer.kept_epoch for trainer in stopped] == [0, 0]


@pytest.mark.parametrize(
    "options", [{"measure_every": -1}, {"measure_every": 1.5}, {"measure_rows": 0}, {"measure_rows": True}]
)
def test_what_cannot_be(options):
    (name,) = options
    with pytest.raises(ConfigurationError, match=f"{name} cannot be"):
        trained(**options)


def test_a_diagnosis_only_where_it_is_asked_for(classes):
    trainer = Trainer(build_network(classes, [4]), classes, TrainingConfig(epochs=3)).fit()
    assert trainer.model().diagnosis is not None
    assert trainer.model(diagnose=False).diagnosis is None


def test_a_diagnosis_of_some_measured_epochs_agrees(classes):
    verdicts = {
        every: Trainer(
            build_network(classes, [16], seed=1),
            classes,
            TrainingConfig(0.05, epochs=30),
            measure_every=every,
        )
        .fit()
        .model()
        .diagnosis.verdict
        for every in (1, 2, 3)
    }
    assert len(set(verdicts.values())) == 1, verdicts


def test_learning_time_is_kept_where_epochs_are_left_out():
    rows = [
        {"epoch": k, "train_cost": math.nan if k % 2 else 1 / (k + 1), "learning_rate": 0.1 * k}
        for k in range(5)
    ]
    measured = History(rows).measured
    assert [row["epoch"] for row in measured] == [0, 2, 4]
    assert sum(measured["learning_rate"]) == pytest.approx(sum(row["learning_rate"] for row in rows))


def test_a_plateau_is_of_measured_epochs():
    plateau = schedules.get("plateau:factor=0.5,patience=1,least=0.96875")

    def rates(every):
        config = TrainingConfig(0.1, plateau, batch_size=10, epochs=7)
        return Trainer(Network([3, 5, 2], seed=0), (X, Y), config, measure_every=every).fit().history

    # After the first measured epoch, which is the best so far, each further one is a plateau.
    assert rates(1)["learning_rate"][1:] == [0.1, 0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125]
    assert rates(3)["learning_rate"][1:] == [0.1] * 6 + [0.05]
    for every in (0, None):
        with pytest.raises(ConfigurationError, match="plateau depends on the figures of the epochs"):
            rates(every)
