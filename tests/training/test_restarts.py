"""A run at the usual learning rate that diverges starts again at a lower one."""

import csv
import math
import time

import numpy as np
import pytest

from pellucid.errors import ConfigurationError, PellucidWarning
from pellucid.network import Network
from pellucid.storage import load_model, save_model
from pellucid.training import (
    Callback,
    Checkpoint,
    CsvLog,
    EarlyStopping,
    Goal,
    Regularisation,
    Schedule,
    Statistics,
    TimeLimit,
    Trainer,
    TrainingConfig,
    find_learning_rate,
    optimizers,
    train,
)
from pellucid.training.restarts import MOST_RESTARTS, Restart
from pellucid.training.updates.state import arrays_by_name

# All rows have the norm 1001 with the bias: an update multiplies the error of its example by 1 - 1001 rate,
# which is -9 at the usual 0.01, -2 at 0.003 and 0 at 0.001. So the first two diverge, and the third does not.
X = np.sqrt(1000.0) * np.where(np.arange(8) % 2, 1.0, -1.0)[:, None]
Y = X[:, 0] / 10


def trainer_of(*callbacks, data=(X, Y), engine="compiled", network=None, test_data=(X, Y), **settings):
    network = network or Network([1, 1], output="identity", dtype="float64")
    config = TrainingConfig(**{"epochs": 3} | settings)
    return Trainer(network, data, config, test_data=test_data, callbacks=callbacks, engine=engine)


def bits_of(network):
    return b"".join(array.tobytes() for array in network.arrays.values())


def figures_of(trainer):
    return [{**row, "seconds": 0} for row in trainer.history]


class TooLarge(Schedule):
    """Rates from a limit on are good for some epochs, and then none at all."""

    name = "too_large"
    limit, good_epochs = math.inf, 1

    def rate(self, learning_rate, at):
        return learning_rate if learning_rate < self.limit or at.epoch < self.good_epochs else math.nan


def too_large(limit, good_epochs=1):
    return type("TooLarge", (TooLarge,), {"limit": limit, "good_epochs": good_epochs})()


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_by_hand(engine):
    trainer = trainer_of(engine=engine).fit()
    assert trainer.restarts == (Restart(0.01, 1), Restart(0.003, 1))
    assert (trainer.stopped, trainer.config.rate, trainer.history.n_epochs) == (None, 0.001, 3)
    assert trainer.history[-1]["train_cost"] < 1e-3


def test_a_rate_that_is_given_stays():
    trainer = trainer_of(learning_rate=0.01).fit()
    assert (trainer.stopped, trainer.restarts, trainer.config.rate) == ("diverged", (), 0.01)
    model = trainer.model()
    assert "diverged_at" not in model.settings
    assert model.diagnosis.reasons[0] == "training diverged in epoch 1; the initial weights were restored"


def test_a_run_that_does_not_diverge_does_not_start_again():
    model = trainer_of(data=(X / 100, Y)).fit().model()
    given = trainer_of(data=(X / 100, Y), learning_rate=0.01).fit().model()
    assert model.settings == given.settings
    assert model.diagnosis == given.diagnosis
    assert model.network == given.network


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize(
    "optimizer", [name for name in optimizers.names if not optimizers.get(name).searches]
)
def test_every_optimizer_comes_to_the_bits_of_the_lower_rate(optimizer, engine):
    rule = optimizers.get(optimizer)
    good_epochs = 0 if rule.full_batch else 1  # rprop looks at the rate once
    random = np.random.default_rng(0)
    x = random.standard_normal((24, 3))
    how = {
        "data": (x, (x[:, 0] > 0).astype(int)),
        "test_data": (x, (x[:, 1] > 0).astype(int)),
        "engine": engine,
        "optimizer": rule,
        "batch_size": 24 if rule.full_batch else 7,
        "average": 0.75,
        "regularisation": Regularisation(dropout=0.25, input_noise=0.1, l2=0.01),
        "schedule": too_large(0.2 * rule.usual_rate, good_epochs),
    }

    def network():
        return Network([3, 5, 2], normalise="batch", seed=1)

    first = trainer_of(network=network(), **how).fit()
    assert [restart.epoch for restart in first.restarts] == [good_epochs + 1] * 2
    rate = first.config.rate
    assert rate == pytest.approx(0.1 * rule.usual_rate, rel=0.5)
    direct = trainer_of(network=network(), learning_rate=rate, **how).fit()
    assert first.stopped is direct.stopped is None
    assert bits_of(first.network) == bits_of(direct.network)
    assert figures_of(first) == figures_of(direct)
    assert first.measures == direct.measures


def test_lbfgs_has_no_rate_to_lower():
    far = (X, np.full(8, 1e300))
    trainer = trainer_of(data=far, test_data=None, optimizer=optimizers.get("lbfgs")).fit()
    assert trainer.restarts == ()


def test_where_no_rate_is_low_enough_it_ends_diverged():
    network = Network([1, 1], output="identity", dtype="float64")
    before = network.copy()
    trainer = trainer_of(network=network, schedule=too_large(0.0)).fit()
    rates = [restart.learning_rate for restart in trainer.restarts]
    assert rates == [0.01, 0.003, 0.001, 0.0003]
    assert len(rates) == MOST_RESTARTS
    assert (trainer.stopped, trainer.config.rate) == ("diverged", 0.0001)
    far = trainer_of(data=(1e9 * X, Y), network=network, epochs=1).fit()
    assert (far.stopped, far.kept_epoch, len(far.restarts)) == ("diverged", 0, MOST_RESTARTS)
    assert network == far.initial
    assert before != network  # the first of the two had an epoch to keep


def test_a_network_that_is_trained_again_starts_again_from_there():
    network = Network([1, 1], output="identity", dtype="float64")
    trainer_of(network=network, data=(X / 100, Y), epochs=1).fit()
    known = network.copy()
    again = trainer_of(network=network).fit()
    assert again.restarts
    assert again.initial == known
    direct = trainer_of(network=known, learning_rate=0.001).fit()
    assert bits_of(network) == bits_of(direct.network)


def test_a_schedule_that_looks_back_forgets():
    class Halving(TooLarge):
        name = "halving"
        limit = 0.002

        def multiplier(self, history):
            return 0.5**history.n_epochs

    trainer = trainer_of(schedule=Halving()).fit()
    assert trainer.restarts
    assert trainer.history["learning_rate"] == [0.0, 0.001, 0.0005, 0.00025]


@pytest.mark.parametrize("every", [None, 0, 2])
def test_measured_seldom_or_never(every):
    first, direct = (
        Trainer(
            Network([1, 1], output="identity"),
            (X / 100, Y),
            TrainingConfig(rate, epochs=3, schedule=too_large(0.001)),
            measure_every=every,
        ).fit()
        for rate in (None, 0.0003)
    )
    assert [restart.epoch for restart in first.restarts] == [2, 2, 2]
    assert bits_of(first.network) == bits_of(direct.network)


class TestSteps:
    def test_any_steps_come_to_the_same_bits(self):
        whole, steps = trainer_of().fit(), trainer_of()
        while not steps.is_done:
            steps.update(3)
        epochs = trainer_of()
        while not epochs.is_done:
            epochs.run_epoch()
        assert steps.restarts == epochs.restarts == whole.restarts
        assert bits_of(steps.network) == bits_of(epochs.network) == bits_of(whole.network)
        assert figures_of(steps) == figures_of(whole)

    def test_an_update_at_a_rate_of_its_own_is_a_rate_that_was_given(self):
        first, resumed = trainer_of(), trainer_of()
        first.update(2, learning_rate=0.001)
        resumed.load_state(first.state())
        for trainer in (first, resumed):
            assert trainer.fit().stopped == "diverged"
            assert trainer.restarts == ()

    @pytest.mark.parametrize("n_calls", range(1, 13))
    def test_the_state_at_any_moment_goes_on_to_the_same_bits(self, n_calls, tmp_path):
        whole, first, second = trainer_of().fit(), trainer_of(), trainer_of()
        for _ in range(n_calls):
            first.update(3)
        np.savez(tmp_path / "state.npz", **first.state())
        with np.load(tmp_path / "state.npz") as state:
            second.load_state(state)
        assert second.restarts == first.restarts
        assert second.config.rate == first.config.rate
        assert bits_of(second.fit().network) == bits_of(whole.network)
        assert figures_of(second) == figures_of(whole)
        assert second.restarts == whole.restarts
        assert second.model().settings == whole.model().settings

    def test_a_trainer_goes_back_to_a_state_before_its_restart(self):
        trainer = trainer_of()
        trainer.begin()
        before = trainer.state()
        bits = bits_of(trainer.fit().network)
        trainer.load_state(before)
        assert (trainer.restarts, trainer.config.rate) == ((), 0.01)
        assert bits_of(trainer.fit().network) == bits

    @pytest.mark.parametrize(
        "restarts", [[1, 1], np.array([1.0]), np.array([0]), np.array([[1]]), np.ones(5, np.int64)]
    )
    def test_a_damaged_state_changes_nothing(self, restarts):
        trainer, whole = trainer_of(), trainer_of().fit()
        trainer.update(3)
        with pytest.raises(ConfigurationError, match="the state does not fit"):
            trainer.load_state(trainer.state() | {"restarts": restarts})
        assert bits_of(trainer.fit().network) == bits_of(whole.network)

    def test_paused_while_it_diverges(self):
        class Pause(Callback):
            def restart(self, run):
                run.pause()

        trainer = trainer_of(Pause())
        for n_restarts in (1, 2):
            assert trainer.fit().is_done is False
            assert (len(trainer.restarts), trainer.history.n_epochs, trainer.position) == (n_restarts, 0, 0)
        assert bits_of(trainer.fit().network) == bits_of(trainer_of().fit().network)

    def test_an_interruption_in_the_epoch_that_diverges_ends_the_run(self):
        class Interrupt(Callback):
            def batch(self, run):
                run.progress.stop = run.position == 6

        trainer = trainer_of(Interrupt()).fit()
        assert (trainer.stopped, trainer.restarts) == ("diverged", ())

    def test_broken_off_in_a_restart_it_begins_again(self, monkeypatch):
        whole, trainer = trainer_of().fit(), trainer_of()
        trainer.begin()
        measure = trainer.measuring.measure

        def break_off(network):
            if trainer.restarts:
                raise KeyboardInterrupt
            return measure(network)

        monkeypatch.setattr(trainer.measuring, "measure", break_off)
        with pytest.raises(KeyboardInterrupt):
            trainer.fit()
        monkeypatch.undo()
        assert bits_of(trainer.fit().network) == bits_of(whole.network)
        assert trainer.restarts == whole.restarts


class Diary(Callback):
    """What it was told: the moment, the epoch, the length of the history, the learning rate."""

    def __init__(self):
        self.told = []

    def start(self, run):
        self.told.append(("start", len(run.history), run.config.rate))

    def epoch(self, run):
        self.told.append(("epoch", len(run.history), run.config.rate))

    def end(self, run):
        self.told.append(("end", len(run.history), run.stopped))


class TestCallbacks:
    def test_by_default_they_start_again(self):
        diary, rows = Diary(), []
        trainer_of(diary, rows.append, data=(X / 100, Y), schedule=too_large(0.005)).fit()
        assert diary.told == [
            ("start", 1, 0.01),
            ("epoch", 2, 0.01),
            ("start", 1, 0.003),
            *[("epoch", n, 0.003) for n in (2, 3, 4)],
            ("end", 4, None),
        ]
        assert [row["epoch"] for row in rows] == [1, 1, 2, 3]

    def test_one_that_stops_the_run_instead(self):
        class Never(Diary):
            def restart(self, run):
                run.stop("no more")

        trainer = trainer_of(diary := Never()).fit()
        assert (trainer.stopped, len(trainer.restarts)) == ("no more", 1)
        assert [moment for moment, *_ in diary.told] == ["start", "end"]
        assert trainer.network == trainer.initial

    def test_one_that_fails_ends_the_run(self):
        class Broken(Callback):
            def restart(self, run):
                raise OSError("disk full")

        with pytest.warns(PellucidWarning, match=r"error in Broken\.restart: OSError: disk full"):
            trainer = trainer_of(Broken()).fit()
        assert (trainer.stopped, trainer.history.n_epochs) == ("failed", 0)

    def test_those_that_judge_by_figures_forget_the_run_that_diverged(self):
        def made():
            monitored = Checkpoint(lambda model: None, monitor="test_cost")
            return [EarlyStopping(2, "test_cost"), Statistics(), Goal("test_cost", 1e-9), monitored]

        how = {"data": (X / 100, Y), "test_data": (X / 100, Y), "epochs": 6, "schedule": too_large(0.002)}
        first = trainer_of(*made(), **how).fit()
        direct = trainer_of(*made(), learning_rate=0.001, **how).fit()
        assert len(first.restarts) == 2
        for own, other in zip(first.callbacks, direct.callbacks, strict=True):
            assert own.state().keys() == other.state().keys()
            for name, value in own.state().items():
                np.testing.assert_array_equal(value, other.state()[name])

    def test_a_log_has_only_the_run_that_is_kept(self, tmp_path):
        log = CsvLog(tmp_path / "log.csv")
        trainer = trainer_of(log, data=(X / 100, Y), schedule=too_large(0.005, good_epochs=2)).fit()
        assert [restart.epoch for restart in trainer.restarts] == [3]
        with open(tmp_path / "log.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [{name: float(cell) for name, cell in row.items()} for row in rows] == list(trainer.history)

    def test_a_checkpoint_knows_what_happened(self):
        kept = []
        trainer = trainer_of(Checkpoint(kept.append)).fit()
        assert kept[-1].settings == trainer.model().settings
        assert kept[-1].settings["diverged_at"] == [0.01, 0.003]
        assert [model.kept_epoch for model in kept] == [1, 2, 3, 3]

    def test_the_time_limit_is_that_of_all_attempts(self):
        class Slow(Callback):
            def restart(self, run):
                time.sleep(0.3)

        for callbacks in ([Slow(), TimeLimit(0.2)], [TimeLimit(0.2), Slow()]):
            trainer = trainer_of(*callbacks).fit()
            assert (trainer.stopped, trainer.history.n_epochs) == ("time", 0)


class TestWhatIsSaid:
    def test_by_the_model_and_its_file(self, tmp_path):
        model = trainer_of().fit().model()
        assert model.settings["learning_rate"] == 0.001
        assert model.settings["diverged_at"] == [0.01, 0.003]
        assert model.diagnosis.reasons[-2:] == [
            "training diverged at learning rate 0.01 in epoch 1; it started again at 0.003",
            "training diverged at learning rate 0.003 in epoch 1; it started again at 0.001",
        ]
        assert model.diagnosis.advice[-1].startswith("--learning-rate 0.001 (learning_rate=0.001)")
        loaded = load_model(save_model(model, tmp_path / "model"))
        assert loaded.settings == model.settings
        assert loaded.diagnosis == model.diagnosis
        assert loaded.network == model.network

    def test_by_one_that_diverges_in_the_end(self):
        model = trainer_of(schedule=too_large(0.0)).fit().model()
        assert (model.stopped, model.diagnosis.verdict) == ("diverged", "learning rate too large")
        assert sum("started again" in reason for reason in model.diagnosis.reasons) == MOST_RESTARTS
        assert not any("without a restart" in advice for advice in model.diagnosis.advice)

    @pytest.mark.parametrize("rate", [1.0, 0.01, 0.002, 0.001, 0.0001, 1 / 7, math.pi * 1e-5])
    def test_the_rate_as_it_is_printed_is_the_rate(self, rate):
        restart = Restart(rate, 1)
        assert float(str(restart).rpartition(" ")[2]) == restart.lower_rate
        assert 0.25 <= restart.lower_rate / rate <= 0.4


def test_train_and_the_range_test(monkeypatch):
    model = train(Network([1, 1], output="identity", dtype="float64"), (X, Y), epochs=3)
    assert model.settings["diverged_at"] == [0.01, 0.003]
    monkeypatch.setattr(Trainer, "_restart", lambda self: pytest.fail("a rate was given"))
    data = trainer_of().data
    found = find_learning_rate(Network([1, 1], output="identity", dtype="float64"), data)
    assert found.rates[-1] < 0.1  # where it diverged


def test_initial_weights_of_every_kind_come_back():
    """Running statistics of a normalisation too, which no update by a gradient changes."""
    x = np.random.default_rng(1).standard_normal((30, 3))
    network = Network([3, 4, 1], output="identity", normalise="batch", seed=1)
    seen = []

    class Look(Callback):
        def start(self, run):
            seen.append({name: array.copy() for name, array in arrays_by_name(run.network).items()})

    trainer_of(
        Look(), data=(x, x[:, 0]), test_data=None, network=network, batch_size=5, schedule=too_large(0.0)
    ).fit()
    assert len(seen) == 1 + MOST_RESTARTS
    for arrays in seen[1:]:
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, seen[0][name])
