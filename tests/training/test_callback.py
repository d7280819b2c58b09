"""Callbacks: when each is told, what it sees, and what becomes of a run when one fails."""

import json

import pytest

from pellucid.errors import ConfigurationError, PellucidWarning
from pellucid.training import Callback, EarlyStopping, Goal, Progress, TimeLimit, build_network, train


class Diary(Callback):
    def __init__(self):
        self.told = []

    def start(self, run):
        self.told.append(("start", run.epoch, len(run.history)))

    def batch(self, run):
        self.told.append(("batch", run.epoch, len(run.trace.a[0])))

    def epoch(self, run):
        self.told.append(("epoch", run.epoch, len(run.history)))

    def end(self, run):
        self.told.append(("end", run.epoch, run.stopped))


def run(data, *callbacks, **how):
    return train(
        build_network(data, [4]), data, **{"epochs": 2, "batch_size": 12, **how}, callbacks=callbacks
    )


def test_told_at_each_moment(classes):
    diary = Diary()
    run(classes, diary)
    updates = [("batch", epoch, n) for epoch in (1, 2) for n in (12, 12, 6)]
    assert diary.told == [
        ("start", 0, 1),
        *updates[:3],
        ("epoch", 1, 2),
        *updates[3:],
        ("epoch", 2, 3),
        ("end", 2, None),
    ]


def test_looking_on_changes_nothing(classes):
    assert run(classes, Diary()).network == run(classes).network


def test_one_stops_the_run_for_a_reason_of_its_own(classes):
    class Enough(Callback):
        def epoch(self, run):
            run.stop("enough")
            run.stop("more than enough")

    diary = Diary()
    model = run(classes, Enough(), diary, epochs=9)
    assert (model.stopped, model.history.n_epochs) == ("enough", 1)
    assert diary.told[-1] == ("end", 1, "enough")


def test_one_stops_the_run_before_it_begins(classes):
    class Never(Callback):
        def start(self, run):
            run.stop("never")

    network = build_network(classes, [4])
    before = network.copy()
    model = train(network, classes, callbacks=[Never()])
    assert (model.stopped, model.history.n_epochs, network) == ("never", 0, before)


def test_one_stops_the_run_after_an_update(classes):
    class Soon(Callback):
        def batch(self, run):
            run.stop("soon")

    progress = Progress()
    model = run(classes, Soon(), progress=progress)
    assert (model.stopped, model.history.n_epochs, progress.examples) == ("soon", 1, 12)


@pytest.mark.parametrize("moment", ["batch", "epoch", "end"])
def test_an_error_ends_the_run_and_names_the_culprit(classes, moment):
    class Broken(Callback):
        pass

    def fail(self, run):
        if moment == "end" or run.epoch == 2:
            raise ZeroDivisionError("no good")

    setattr(Broken, moment, fail)
    diary = Diary()
    with pytest.warns(PellucidWarning) as warned:
        model = run(classes, Broken(), diary, epochs=3)
    (warning,) = warned
    assert f"an error in Broken.{moment}: ZeroDivisionError: no good" in str(warning.message)
    assert model.stopped == "failed"
    assert model.history.n_epochs == (3 if moment == "end" else 2)
    assert diary.told[-1][0] == "end"  # the others are told to the end


def test_what_was_learned_before_an_error_is_kept(classes):
    class Broken(Callback):
        def epoch(self, run):
            if run.epoch == 2:
                raise ValueError

    with pytest.warns(PellucidWarning):
        model = run(classes, Broken(), epochs=5, schedule="constant")
    assert model.network == run(classes, epochs=2, schedule="constant").network
    assert model.kept_epoch == 2


def test_an_error_at_the_start_is_raised(classes):
    class Broken(Callback):
        def start(self, run):
            raise ConfigurationError("not so")

    with pytest.raises(ConfigurationError, match="not so"):
        run(classes, Broken())


def test_a_second_ctrl_c_is_no_error_of_a_callback(classes):
    class Interrupted(Callback):
        def epoch(self, run):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(classes, Interrupted())


def test_a_function_is_called_with_the_figures_of_each_epoch(classes):
    seen = []
    model = run(classes, seen.append)
    assert seen == list(model.history)[1:]


@pytest.mark.parametrize("wrong", [5, "print", Callback, None])
def test_what_is_no_callback(classes, wrong):
    with pytest.raises(ConfigurationError, match="not a callback"):
        run(classes, wrong)


def test_callbacks_come_in_a_list(classes):
    with pytest.raises(ConfigurationError, match="the callbacks cannot be of type"):
        train(build_network(classes, [4]), classes, callbacks=5)


def test_a_function_is_named_by_its_own_name(classes):
    def watch(row):
        raise ValueError(row["epoch"])

    with pytest.warns(PellucidWarning, match=r"watch\.epoch: ValueError: 1"):
        train(build_network(classes, [4]), classes, epochs=2, callbacks=[watch])


def test_one_that_asks_to_exit_ends_the_run_only(classes):
    class Leaving(Callback):
        def epoch(self, run):
            raise SystemExit(1)

    with pytest.warns(PellucidWarning, match=r"Leaving\.epoch: SystemExit: 1"):
        model = run(classes, Leaving())
    assert (model.stopped, model.kept_epoch) == ("failed", 1)


def test_an_error_that_fails_to_say_what_it_is(classes):
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    class Broken(Callback):
        def epoch(self, run):
            raise MuteError

    with pytest.warns(PellucidWarning, match=r"Broken\.epoch: MuteError;"):
        assert run(classes, Broken()).stopped == "failed"


def test_one_that_fails_at_the_end_too_is_named_once(classes):
    class Broken(Callback):
        def epoch(self, run):
            raise ValueError("first")

        def end(self, run):
            raise ValueError("again")

    with pytest.warns(PellucidWarning) as warned:
        run(classes, Broken())
    assert len(warned) == 1
    assert "first" in str(warned[0].message)


def test_a_moment_may_be_set_on_the_callback_itself(classes):
    counter, seen = Callback(), []
    counter.batch = seen.append
    run(classes, counter)
    assert seen


def test_what_was_asked_for_is_kept_with_the_model(classes):
    callbacks = [EarlyStopping(5, "test_cost", min_delta=0.01), TimeLimit(100), Goal("test_accuracy", 2.0)]
    network = build_network(classes, [4])
    model = train(network, classes, epochs=2, callbacks=callbacks, class_weight={0: 2, 1: 1, 2: 1})
    asked = {
        "class_weight": {"0": 2.0, "1": 1.0, "2": 1.0}, "early_stopping": 5, "monitor": "test_cost",
        "least_improvement": 0.01, "max_seconds": 100.0, "goal": "test_accuracy=2",
    }  # fmt: skip
    assert asked.items() <= model.settings.items()
    assert json.loads(json.dumps(model.settings)) == model.settings
