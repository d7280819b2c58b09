"""Callbacks: when each is told, what it sees, and what becomes of a run when one fails."""

import pytest

from pellucid.errors import ConfigurationError, PellucidWarning
from pellucid.training import Callback, Progress, build_network, train


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


def test_told_at_the_four_moments(classes):
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
    with pytest.raises(ConfigurationError, match="no callback"):
        run(classes, wrong)


def test_callbacks_come_in_a_list(classes):
    with pytest.raises(ConfigurationError, match="given as a list"):
        train(build_network(classes, [4]), classes, callbacks=5)
