"""The trainer: driven in any steps, paused anywhere, over plain arrays, with or without a test set."""

import copy
import math
import pickle
import threading
import time
import warnings

import numpy as np
import pytest
from scipy import sparse

from pellucid.data import Dataset, Examples
from pellucid.errors import ConfigurationError, PellucidError, PellucidWarning
from pellucid.evaluation import measure
from pellucid.network import Network
from pellucid.storage import load_model, save_model
from pellucid.training import (
    Callback,
    Clipping,
    EarlyStopping,
    Goal,
    Regularisation,
    Schedule,
    Statistics,
    TimeLimit,
    Trainer,
    TrainingConfig,
    optimizers,
    schedules,
)

ENGINES = ("compiled", "reference")
RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((90, 4)).astype(np.float32)
Y = (X[:, 0] > X[:, 1]).astype(int) + (X[:, 2] > 0)


def settings_of(optimizer="adam", **changes):
    usual = {"learning_rate": 0.01, "batch_size": 8, "epochs": 3, "seed": 1}
    return TrainingConfig(optimizer=optimizers.get(optimizer), **usual | changes)


def trainer_of(data=(X, Y), settings=None, **options):
    return Trainer(Network([4, 12, 3], seed=2), data, settings or settings_of(), **options)


def bits_of(trainer):
    return b"".join(array.tobytes() for array in trainer.network.arrays.values())


def figures_of(trainer):
    """The history but for the seconds; nan as None, for nan is not equal to itself."""
    rows = [{**row, "seconds": 0} for row in trainer.history]
    return [{name: None if value != value else value for name, value in row.items()} for row in rows]


class TestSteps:
    @pytest.mark.parametrize("engine", ENGINES)
    @pytest.mark.parametrize("batch_size", [1, 8, 90])
    def test_any_steps_come_to_the_same_bits(self, engine, batch_size):
        settings = settings_of(batch_size=batch_size, average=0.9, regularisation=Regularisation(dropout=0.2))
        whole, steps = (trainer_of(settings=settings, engine=engine) for _ in range(2))
        whole.fit()
        assert steps.run_epoch().history.n_epochs == 1
        for n in (1, 5, 2):
            steps.update(n)
        steps.run_epoch().fit()
        assert bits_of(steps) == bits_of(whole)
        assert figures_of(steps) == figures_of(whole)

    def test_updates_go_no_further_than_the_epoch(self):
        trainer = trainer_of()
        assert trainer.n_updates == 12
        assert [trainer.update(5) for _ in range(3)] == [5, 5, 2]
        assert (trainer.history.n_epochs, trainer.position) == (1, 0)

    def test_it_says_what_it_learned_from(self):
        trainer = trainer_of(track_loss=True)
        seen = []
        while trainer.history.n_epochs < 1 and trainer.update(5):
            seen += trainer.rows.tolist()
            assert len(trainer.losses) == len(trainer.rows)
        assert sorted(seen) == list(range(90))

    def test_after_the_end_there_is_nothing_to_do(self):
        trainer = trainer_of().fit()
        before = bits_of(trainer)
        assert trainer.is_done
        assert trainer.update(3) == 0
        assert bits_of(trainer.run_epoch().fit()) == before

    def test_a_learning_rate_of_one_s_own(self):
        own, scheduled = trainer_of(), trainer_of(settings=settings_of(schedule=schedules.get("constant")))
        for _ in range(3):
            while own.update(4, learning_rate=0.01) and own.position:
                pass
        assert bits_of(own) == bits_of(scheduled.fit())

    def test_a_schedule_of_a_user_s_is_asked_again_each_epoch(self):
        now = {"rate": 0.01}

        class Changing(Schedule):
            """What is said now."""

            name = "changing"

            def rate(self, learning_rate, at):
                return now["rate"] + 0 * at.step

        own, plain = (trainer_of(settings=settings_of("sgd", schedule=Changing())) for _ in range(2))
        own.run_epoch()
        now["rate"] = 0.5
        own.run_epoch()
        plain.update(12, learning_rate=0.01)
        plain.update(12, learning_rate=0.5)
        assert bits_of(own) == bits_of(plain)

    def test_at_a_rate_of_0_nothing_moves(self):
        trainer = trainer_of()
        before = bits_of(trainer)
        trainer.update(5, learning_rate=0.0)
        assert bits_of(trainer) == before

    @pytest.mark.parametrize("n", [0, -1, 1.5, True, "3"])
    def test_a_number_of_updates_that_cannot_be(self, n):
        with pytest.raises(ConfigurationError, match="n cannot be"):
            trainer_of().update(n)

    @pytest.mark.parametrize("what", ["update", "run_epoch", "pause", "state"])
    def test_lbfgs_makes_no_updates_one_by_one(self, what):
        trainer = trainer_of(settings=TrainingConfig(optimizer=optimizers.get("lbfgs"), epochs=3))
        with pytest.raises(ConfigurationError, match="lbfgs makes no updates one by one") as caught:
            getattr(trainer, what)()
        assert caught.value.received == what
        assert trainer.fit().history[-1]["train_cost"] < trainer.history[0]["train_cost"]


class TestPausing:
    @pytest.mark.parametrize("engine", ENGINES)
    def test_from_another_thread_and_on_again(self, engine):
        settings = settings_of(batch_size=1, epochs=200)
        undisturbed = trainer_of(settings=settings, measure_every=0, engine=engine).fit()
        paused = trainer_of(settings=settings, measure_every=0, engine=engine)
        n_pauses = 0
        while not paused.is_done:
            thread = threading.Thread(target=paused.fit)
            thread.start()
            time.sleep(0.01)
            paused.pause()
            thread.join()
            n_pauses += not paused.is_done
            if n_pauses == 5:
                paused.fit()
        assert paused.stopped is None
        assert bits_of(paused) == bits_of(undisturbed)
        assert figures_of(paused) == figures_of(undisturbed)

    def test_from_a_callback(self):
        class Pause(Callback):
            def batch(self, run):
                if run.n_updates_made == 15:
                    run.pause()

        trainer = trainer_of(callbacks=[Pause()]).fit()
        assert (trainer.history.n_epochs, trainer.position, trainer.is_done) == (1, 3, False)
        assert bits_of(trainer.fit()) == bits_of(trainer_of().fit())

    def test_what_does_not_run_is_not_paused(self):
        trainer = trainer_of()
        trainer.pause()
        assert trainer.fit().is_done
        assert trainer.stopped is None

    def test_one_caller_at_a_time(self):
        class Again(Callback):
            def epoch(self, run):
                run.fit()

        with pytest.warns(match="the trainer is running already"):
            trainer = trainer_of(callbacks=[Again()]).fit()
        assert trainer.stopped == "failed"

    def test_the_state_of_what_runs_elsewhere_is_refused(self):
        began, go_on = threading.Event(), threading.Event()

        class Wait(Callback):
            def epoch(self, run):
                began.set()
                go_on.wait(30)

        trainer = trainer_of(callbacks=[Wait()])
        thread = threading.Thread(target=trainer.fit)
        thread.start()
        assert began.wait(30)
        try:
            with pytest.raises(ConfigurationError, match="running already"):
                trainer.state()
            with pytest.raises(ConfigurationError, match="running already"):
                trainer.fit()
        finally:
            go_on.set()
            thread.join()
        assert trainer.is_done

    def test_stopped_while_it_is_paused(self):
        trainer = trainer_of()
        trainer.update(5)
        trainer.stop("enough")
        trainer.fit()
        assert (trainer.stopped, trainer.history.n_epochs) == ("enough", 1)


class TestStates:
    @pytest.mark.parametrize("moment", ["start", "batch", "epoch", "end"])
    def test_taken_in_a_callback(self, moment):
        states = []
        keep = type("Keep", (Callback,), {moment: lambda self, run: states.append(run.state())})
        whole = trainer_of(callbacks=[keep()]).fit()
        for state in (states[0], states[len(states) // 2], states[-1]):
            resumed = trainer_of(callbacks=[type("Keep", (Callback,), {})()])
            resumed.load_state(state)
            assert bits_of(resumed.fit()) == bits_of(whole)
            assert figures_of(resumed) == figures_of(whole)

    def test_before_the_first_update_and_after_the_end(self):
        whole = trainer_of().fit()
        fresh, ended = trainer_of(), trainer_of()
        fresh.load_state(trainer_of().state())
        ended.load_state(whole.state())
        assert ended.is_done
        assert bits_of(fresh.fit()) == bits_of(ended.fit()) == bits_of(whole)

    def test_callbacks_go_on_too(self):
        def make():
            # Most validation targets are wrong: what is learned helps at first, and then no longer.
            noise = np.random.default_rng(3).integers(0, 3, 90)
            return trainer_of(
                settings=settings_of(epochs=60, learning_rate=0.02),
                validation_data=(X, np.where(np.arange(90) % 3, noise, Y)),
                callbacks=[EarlyStopping(2), Statistics()],
            )

        whole = make().fit()
        assert whole.stopped == "early"
        assert 0 < whole.kept_epoch < whole.history.n_epochs
        for n_epochs in (whole.kept_epoch - 1, whole.history.n_epochs - 1):
            first, second = make(), make()
            for _ in range(n_epochs):
                first.run_epoch()
            first.update(4)
            second.load_state(first.state())
            second.fit()
            assert (second.stopped, second.kept_epoch) == (whole.stopped, whole.kept_epoch)
            assert bits_of(second) == bits_of(whole)
            assert second.measures == whole.measures
            assert list(second.callbacks)[1].rows == list(whole.callbacks)[1].rows

    def test_what_it_goes_back_to_after_divergence(self):
        first, second = trainer_of(), trainer_of()
        good = bits_of(first.run_epoch())
        first.update(5)
        second.load_state(first.state())
        assert second.initial == first.initial
        assert second.measures == first.measures
        second.update(5, learning_rate=1e30)
        assert (second.stopped, second.kept_epoch) == ("diverged", 1)
        assert bits_of(second) == good

    def test_a_schedule_that_goes_by_the_history_goes_on_too(self):
        class Halving(Schedule):
            """Half the rate after each epoch."""

            name = "halving"

            def rate(self, learning_rate, at):
                return learning_rate

            def multiplier(self, history):
                return 0.5**history.n_epochs

        first, second = (trainer_of(settings=settings_of(schedule=Halving())) for _ in range(2))
        first.run_epoch().update(5)
        second.load_state(first.state())
        assert bits_of(second.run_epoch()) == bits_of(first.run_epoch())
        assert second.history[-1]["learning_rate"] == 0.005

    def test_a_state_is_a_copy_of_plain_data(self):
        trainer = trainer_of()
        trainer.update(5)
        state = trainer.state()
        plain = (np.ndarray, int, float, str, bool)
        assert all(isinstance(value, plain) for value in state.values())
        before = {name: np.copy(value) for name, value in state.items()}
        trainer.fit()
        for name, value in state.items():
            np.testing.assert_array_equal(value, before[name])

    def test_through_a_file_of_numpy_s(self, tmp_path):
        first, second = (
            trainer_of(callbacks=[EarlyStopping(5, "train_cost"), Statistics()]) for _ in range(2)
        )
        first.run_epoch().update(5)
        np.savez(tmp_path / "state.npz", **first.state())
        with np.load(tmp_path / "state.npz") as state:
            second.load_state(state)
        assert bits_of(second.fit()) == bits_of(first.fit())
        assert figures_of(second) == figures_of(first)

    def test_the_model_is_the_same(self):
        whole = trainer_of(test_data=(X[:20], Y[:20])).fit().model()
        first, second = (trainer_of(test_data=(X[:20], Y[:20])) for _ in range(2))
        first.update(7)
        second.load_state(first.state())
        resumed = second.fit().model()
        assert resumed.diagnosis == whole.diagnosis
        assert resumed.kept_epoch == whole.kept_epoch

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            (lambda state: state.pop("weights.1"), "weights.1"),
            (lambda state: state.pop("good.biases.0"), "good.biases.0"),
            (lambda state: state.update({"initial.weights.0": np.zeros((2, 2))}), "shape (4, 12) of float32"),
            (lambda state: state.update({"weights.0": np.zeros((4, 12))}), "float32"),
            (lambda state: state.pop("settings"), "trainer.state()"),
            (lambda state: state.update(settings="{"), "trainer.state()"),
        ],
    )
    def test_a_damaged_state_changes_nothing(self, change, where):
        first, second = trainer_of(), trainer_of()
        first.update(5)
        state = first.state()
        change(state)
        before = bits_of(second)
        with pytest.raises(ConfigurationError, match="the state does not fit") as caught:
            second.load_state(state)
        assert where in f"{caught.value.expected} {caught.value.received} {caught.value.where}"
        assert bits_of(second) == before
        assert bits_of(second.fit()) == bits_of(trainer_of().fit())

    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            ({"settings": settings_of("sgd")}, "optimizer: sgd"),
            ({"settings": settings_of(seed=2)}, "seed: 2"),
            ({"settings": settings_of(batch_size=9)}, "batch_size: 9"),
            ({"data": (X[1:], Y[1:])}, "sets: {'train': 89}"),
            ({"callbacks": [Statistics()]}, "callbacks: ['Statistics']"),
        ],
    )
    def test_a_state_of_other_settings(self, other, expected):
        with pytest.raises(ConfigurationError, match="the state does not fit") as caught:
            trainer_of(**other).load_state(trainer_of().state())
        assert caught.value.expected == expected


class TestPlainArrays:
    @pytest.mark.parametrize("kind", ["float32", "float64", "bytes", "sparse"])
    @pytest.mark.parametrize("engine", ENGINES)
    def test_as_the_same_numbers_in_a_data_set(self, kind, engine):
        x = np.abs(np.round(20 * X)) * (X > 0)
        x = x.astype({"bytes": np.uint8, "float32": np.float32}.get(kind, np.float64))
        given = sparse.csr_array(x) if kind == "sparse" else x
        network = Network([4, 12, 3], seed=2)
        plain = Trainer(network, (given, Y), settings_of(learning_rate=1e-3), engine=engine).fit()
        like = plain.data
        data = Dataset("data", Examples(x, Y.astype(np.intp)), None, like.inputs, like.target)
        from_data = trainer_of(data, settings_of(learning_rate=1e-3), engine=engine).fit()
        assert bits_of(plain) == bits_of(from_data)
        model = plain.model()
        assert model.diagnosis is None
        right = model.predict(given) == Y
        assert right.mean() == plain.measures["train"].accuracy

    @pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
    def test_without_a_copy(self, dtype):
        x = np.abs(10 * X).astype(dtype)
        assert np.shares_memory(trainer_of((x, Y)).data.train.inputs, x)

    @pytest.mark.parametrize(
        ("output", "y", "task"),
        [
            ("softmax", [0, 1, 2], "classification"),
            ("identity", [0, 1, 2], "regression"),
            ("sigmoid", [[True, False], [False, False], [True, True]], "multilabel"),
            ("identity", [[0.5, 1.0], [1.5, 2.0], [0.0, 1.0]], "regression"),
        ],
    )
    def test_what_targets_mean(self, output, y, task):
        y = np.array(y)
        n_out = 3 if task == "classification" else (y.shape[1] if y.ndim == 2 else 1)
        trainer = Trainer(Network([4, n_out], output=output), (X[:3], y), settings_of())
        assert trainer.data.task == task
        assert trainer.fit().history[-1]["train_cost"] < trainer.history[0]["train_cost"]

    def test_a_saved_model_of_arrays(self, tmp_path):
        model = trainer_of().fit().model()
        loaded = load_model(save_model(model, tmp_path / "arrays.pellucid"))
        assert loaded.diagnosis is None
        np.testing.assert_array_equal(loaded.predict(X), model.predict(X))

    def test_sample_weights(self):
        weights = RANDOM.uniform(0, 2, 90)
        weighted = trainer_of(sample_weight=weights).fit()
        assert weighted.history[-1]["train_weighted_cost"] != weighted.history[-1]["train_cost"]
        assert bits_of(weighted) != bits_of(trainer_of().fit())

    def test_a_data_set_has_sets_of_its_own(self, classes):
        with pytest.raises(ConfigurationError, match="a validation and a test set of its own"):
            Trainer(Network([2, 3]), classes, test_data=(X, Y))


class TestTrackedLoss:
    @pytest.mark.parametrize("engine", ENGINES)
    def test_of_a_full_batch_it_is_the_cost_before_the_update(self, engine):
        settings = settings_of(batch_size=90, regularisation=Regularisation(l2=0.1))
        trainer = trainer_of(settings=settings, track_loss=True, engine=engine).fit()
        losses, costs = trainer.history["loss"], trainer.history["train_cost"]
        assert math.isnan(losses[0])
        np.testing.assert_allclose(losses[1:], costs[:-1], rtol=1e-6)

    @pytest.mark.parametrize("engine", ENGINES)
    @pytest.mark.parametrize("batch_size", [1, 7])
    @pytest.mark.parametrize("weighted", [False, True])
    def test_against_what_each_update_saw(self, engine, batch_size, weighted):
        class Watch(Callback):
            def start(self, run):
                self.losses, self.norms, self.last = [], [], run.network.copy()

            def batch(self, run):
                self.losses.append(run.trace.losses.astype(np.float64))
                self.norms.append([np.square(each.weights.astype(float)).sum() for each in self.last.layers])
                self.last = run.network.copy()

        sample_weight = RANDOM.uniform(0.5, 2, 90) if weighted else None
        settings = settings_of(batch_size=batch_size, epochs=1)
        watch = Watch()
        trainer = trainer_of(
            settings=settings, track_loss=True, engine=engine, callbacks=[watch], sample_weight=sample_weight
        ).fit()
        seen, weights = np.concatenate(watch.losses), trainer.data.train.weights
        mean = seen.mean() if weights is None else (seen * weights[trainer.rows]).sum() / 90
        assert trainer.history[1]["loss"] == pytest.approx(mean, rel=1e-6)
        np.testing.assert_allclose(trainer.squared_norms, watch.norms, rtol=1e-6)

    @pytest.mark.parametrize("engine", ENGINES)
    def test_it_changes_no_number_and_goes_on_from_a_state(self, engine):
        plain = trainer_of(engine=engine).fit()
        whole, first, second = (trainer_of(track_loss=True, engine=engine) for _ in range(3))
        whole.fit()
        first.update(5)
        second.load_state(first.state())
        assert bits_of(second.fit()) == bits_of(whole) == bits_of(plain)
        assert figures_of(second) == figures_of(whole)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("batch_size", [1, 4, 7, 90])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_batch_divided_by_its_weights(engine, batch_size, dtype):
    """Linear least squares, worked out in NumPy: the gradient is divided by the sum of the weights."""
    x, y = X.astype(np.float64), RANDOM.standard_normal((90, 2))
    sample_weight = RANDOM.integers(0, 3, 90).astype(float)
    network = Network([4, 2], output="identity", seed=0, dtype=dtype)
    W, b = (array.astype(np.float64) for array in network.parameters.values())
    settings = TrainingConfig(
        0.125, schedules.get("constant"), batch_size, 1, optimizer=optimizers.get("sgd")
    )
    trainer = Trainer(
        network, (x, y), settings, sample_weight=sample_weight, divide_by_weight=True, engine=engine
    ).fit()
    for rows in np.split(trainer.rows, np.arange(batch_size, 90, batch_size)):
        weights = sample_weight[rows]
        if weights.any():
            errors = (x[rows] @ W + b - y[rows]) * weights[:, None] / weights.sum()
            W, b = W - 0.125 * x[rows].T @ errors, b - 0.125 * errors.sum(axis=0)
    tolerance = {"float32": 1e-5, "float64": 1e-12}[dtype]
    np.testing.assert_allclose(network.layers[0].weights, W, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(network.layers[0].biases, b, rtol=tolerance, atol=tolerance)


class TestAfterWhatWentWrong:
    """What a callback raises, and where training is stopped: weights, figures and epochs belong together."""

    @pytest.mark.parametrize("raises", [False, True])
    def test_an_epoch_that_ends_training_is_measured_after_all(self, raises):
        class End(Callback):
            def epoch(self, run):
                if run.epoch == 2:
                    if raises:
                        raise ValueError
                    run.stop("enough")

        trainer = trainer_of(measure_every=5, callbacks=[End()])
        with warnings.catch_warnings(action="ignore", category=PellucidWarning):
            trainer.fit()
        assert (trainer.kept_epoch, trainer.history.n_epochs) == (2, 2)
        measured = measure(trainer.network, trainer.head, trainer.data.train)
        assert trainer.measures["train"] == measured
        assert trainer.history[-1]["train_cost"] == measured.cost
        assert trainer.model().has_learned

    def test_a_model_in_mid_epoch_has_the_weights_that_were_measured(self):
        trainer = trainer_of()
        trainer.run_epoch().update(3)
        model = trainer.model()
        measured = measure(model.network, trainer.head, trainer.data.train)
        assert model.figures["train_cost"] == measured.cost
        assert (model.kept_epoch, model.stopped) == (1, "interrupted")
        assert model.network != trainer.network

    def test_a_model_before_anything_was_learned(self):
        model = trainer_of().model()
        assert (model.kept_epoch, model.has_learned) == (0, False)

    def test_a_start_that_fails_once(self):
        class Once(Callback):
            fails = True

            def start(self, run):
                if self.fails:
                    raise ValueError("not yet")

        callback = Once()
        trainer = trainer_of(callbacks=[callback])
        with pytest.raises(ValueError, match="not yet"):
            trainer.fit()
        callback.fails = False
        assert bits_of(trainer.fit()) == bits_of(trainer_of().fit())
        assert trainer.history["epoch"] == [0, 1, 2, 3]

    def test_what_breaks_off_a_callback(self):
        class Break(Callback):
            broke = False

            def epoch(self, run):
                if run.epoch == 2 and not self.broke:
                    self.broke = True
                    raise KeyboardInterrupt

        trainer = trainer_of(callbacks=[Break()])
        with pytest.raises(KeyboardInterrupt):
            trainer.fit()
        assert bits_of(trainer.fit()) == bits_of(trainer_of().fit())
        assert trainer.history["epoch"] == [0, 1, 2, 3]

    def test_stopped_between_two_epochs_there_is_none_of_no_updates(self):
        trainer = trainer_of().run_epoch()
        trainer.stop("enough")
        assert (trainer.fit().history.n_epochs, trainer.kept_epoch, trainer.stopped) == (1, 1, "enough")

    def test_a_stop_goes_into_the_state(self):
        first, second = trainer_of(), trainer_of()
        first.update(3)
        first.stop("enough")
        second.load_state(first.state())
        assert bits_of(second.fit()) == bits_of(first.fit())
        assert second.stopped == first.stopped == "enough"

    def test_after_the_end_no_other_reason_counts(self):
        trainer = trainer_of().fit()
        trainer.stop("late")
        assert trainer.stopped is None

    def test_diverged_with_all_updates_checked(self):
        config = TrainingConfig(
            0.3, schedules.get("constant"), 4, 7, clipping=Clipping(norm=50), optimizer=optimizers.get("sgd")
        )
        network = Network([4, 16, 1], output="identity", seed=1)
        trainer = Trainer(network, (3 * X, 10.0 * X[:, 0]), config, check_updates=True).fit()
        assert trainer.stopped == "diverged"
        measured = measure(network, trainer.head, trainer.data.train)
        assert trainer.measures["train"] == measured

    def test_a_rate_of_one_s_own_is_in_the_history(self):
        trainer = trainer_of()
        trainer.update(12, learning_rate=0.25)
        assert trainer.run_epoch().history["learning_rate"][1:] == [0.25, pytest.approx(0.005)]

    def test_never_measured_it_goes_back_to_the_last_epoch(self):
        trainer = trainer_of(measure_every=None).run_epoch().run_epoch()
        before = bits_of(trainer)
        trainer.update(5, learning_rate=1e38)
        trainer.update(5, learning_rate=1e38)
        assert (trainer.stopped, trainer.kept_epoch) == ("diverged", 2)
        assert bits_of(trainer) == before

    def test_at_the_end_the_network_has_the_average(self):
        trainer = trainer_of(settings=settings_of(average=0.9))
        trainer.run_epoch()
        assert trainer.network != trainer.shown
        assert trainer.fit().network == trainer.shown

    def test_its_rate_goes_into_the_state(self):
        first, second = trainer_of(), trainer_of()
        first.update(4, learning_rate=0.25)
        second.load_state(first.state())
        assert second.fit().history["learning_rate"] == first.fit().history["learning_rate"]
        assert first.history["learning_rate"][1] == 0.25

    def test_a_state_of_the_end_has_the_figures_of_the_kept_epoch(self):
        def make():
            noise = np.random.default_rng(3).integers(0, 3, 90)
            return trainer_of(
                settings=settings_of(epochs=60, learning_rate=0.02),
                validation_data=(X, np.where(np.arange(90) % 3, noise, Y)),
                callbacks=[EarlyStopping(2)],
            )

        first, second = make().fit(), make()
        assert first.kept_epoch < first.history.n_epochs
        second.load_state(first.state())
        assert second.measures == first.measures
        assert second.model().figures == first.model().figures
        assert bits_of(second) == bits_of(first)

    def test_an_epoch_that_ends_training_may_have_exploded(self):
        class End(Callback):
            def epoch(self, run):
                run.stop("enough")

        config = TrainingConfig(3.0, schedules.get("constant"), 8, 9, clipping=Clipping(value=50))
        trainer = Trainer(
            Network([4, 12, 1], output="identity", seed=2), (X, 10.0 * X[:, 0]), config,
            measure_every=5, callbacks=[End()],
        ).fit()  # fmt: skip
        assert (trainer.stopped, trainer.kept_epoch) == ("diverged", 0)
        assert trainer.network == trainer.initial

    @pytest.mark.parametrize("every", [0, None])
    @pytest.mark.parametrize("callback", [EarlyStopping(1, "train_cost"), Goal("train_accuracy", 0.9)])
    def test_what_goes_by_a_figure_needs_it_measured(self, every, callback):
        with pytest.raises(ConfigurationError, match="must be measured along the way"):
            trainer_of(measure_every=every, callbacks=[callback]).fit()

    @pytest.mark.parametrize("option", ["class_weight", "engine"])
    def test_an_array_is_neither_class_weights_nor_an_engine(self, option):
        with pytest.raises(PellucidError):
            trainer_of(**{option: np.ones(3)}).fit()

    def test_a_clock_does_not_outlive_a_start_that_was_refused(self):
        trainer = trainer_of(callbacks=[TimeLimit(0.05), EarlyStopping(3, "nope")])
        with pytest.raises(ConfigurationError, match="nope"):
            trainer.fit()
        time.sleep(0.2)
        assert trainer.stopped is None

    @pytest.mark.parametrize("what", [pickle.dumps, copy.copy, copy.deepcopy])
    def test_neither_pickled_nor_copied(self, what):
        with pytest.raises(ConfigurationError, match="can neither be pickled nor copied"):
            what(trainer_of())

    @pytest.mark.parametrize("rate", [-1, True, "x", float("nan"), float("inf"), [], {}])
    def test_rates_that_cannot_be(self, rate):
        trainer = trainer_of()
        with pytest.raises(ConfigurationError, match="the learning rate cannot be"):
            trainer.update(3, learning_rate=rate)
        assert bits_of(trainer.fit()) == bits_of(trainer_of().fit())

    @pytest.mark.parametrize("name", ["check_updates", "track_loss", "divide_by_weight"])
    def test_flags_are_true_or_false(self, name):
        with pytest.raises(ConfigurationError, match=f"{name} cannot be of type"):
            trainer_of(**{name: "yes"})

    def test_a_pause_never_refuses_the_next_call(self):
        trainer = trainer_of(settings=settings_of(epochs=60), measure_every=0)
        refused = []

        def drive():
            while not trainer.is_done:
                try:
                    trainer.update(3)
                except ConfigurationError as error:
                    refused.append(error)

        thread = threading.Thread(target=drive)
        thread.start()
        while thread.is_alive():
            trainer.pause()
        thread.join()
        assert not refused
        assert bits_of(trainer) == bits_of(trainer_of(settings=settings_of(epochs=60)).fit())

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("position", 10**6), ("position", -1), ("position", "x"), ("seconds", -1.0), ("kept_epoch", 9),
            ("stopped", 5), ("is_done", 2), ("history.epoch", np.zeros(9)), ("history.train_cost", [1.0]),
            ("epoch_losses", np.zeros(3, np.float32)), ("callbacks.0.figure", None),
        ],
    )  # fmt: skip
    def test_a_damaged_entry_of_a_state_changes_nothing(self, name, value):
        def make():
            return trainer_of(callbacks=[EarlyStopping(3, "train_cost")], track_loss=True, measure_every=2)

        first, second = make(), make()
        first.run_epoch().update(2)
        state = first.state()
        assert name in state
        if value is None:
            del state[name]
        else:
            state[name] = value
        second.update(1)
        before = bits_of(second)
        with pytest.raises(ConfigurationError, match="the state does not fit"):
            second.load_state(state)
        assert bits_of(second) == before
        assert bits_of(second.fit()) == bits_of(make().fit())

    @pytest.mark.parametrize(
        "other",
        [{"measure_every": 2}, {"track_loss": True}, {"sample_weight": np.arange(90)},
         {"test_data": (X, Y)}, {"data": (X, (Y + 1) % 3)}, {"callbacks": [EarlyStopping(2, "train_cost")]}],
    )  # fmt: skip
    def test_a_trainer_made_otherwise_is_refused(self, other):
        usual = {"callbacks": [EarlyStopping(3, "train_cost")]}
        with pytest.raises(ConfigurationError, match="the state does not fit"):
            trainer_of(**usual | other).load_state(trainer_of(**usual).state())
