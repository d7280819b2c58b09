"""Checkpoints: the models of runs that were shorter, given away at their moments."""

import pytest

from pellucid.errors import ConfigurationError, PellucidWarning
from pellucid.training import Checkpoint, EarlyStopping, build_network, train


def run(data, *callbacks, epochs=5, **how):
    network = build_network(data, [4], seed=1)
    how = {"schedule": "constant", "batch_size": 4, "learning_rate": 0.05, **how}
    return train(network, data, epochs=epochs, **how, callbacks=callbacks)


def figures(model):
    return [{name: row[name] for name in row if name != "seconds"} for row in model.history]


@pytest.mark.parametrize("how", [{}, {"average": 0.9}, {"optimizer": "lbfgs", "learning_rate": None,
    "batch_size": None}], ids=str)  # fmt: skip
def test_each_is_the_model_of_a_shorter_run(classes, how):
    kept = []
    run(classes, Checkpoint(kept.append), **how)
    *on_the_way, last, end = kept
    assert (last.network, last.history) == (end.network, end.history)
    for epochs, model in enumerate([*on_the_way, last], start=1):
        shorter = run(classes, epochs=epochs, **how)
        assert model.network == shorter.network
        assert figures(model) == figures(shorter)
        assert model.kept_epoch == epochs
        assert model.diagnosis.figures == shorter.diagnosis.figures
    assert [model.stopped for model in kept] == ["interrupted"] * 4 + [None] * 2


@pytest.mark.parametrize(("every", "expected"), [(1, [1, 2, 3, 4, 5, 5]), (2, [2, 4, 5]), (7, [5])])
def test_every_so_many_epochs_and_at_the_end(classes, every, expected):
    kept = []
    run(classes, Checkpoint(kept.append, every))
    assert [model.kept_epoch for model in kept] == expected


@pytest.mark.parametrize(("monitor", "better"), [("test_cost", min), ("test_accuracy", max)])
@pytest.mark.parametrize("every", [1, 2])
def test_only_what_is_better_than_ever(classes, monitor, better, every):
    kept = []
    # At such a rate the figures go up and down.
    model = run(classes, Checkpoint(kept.append, every, monitor=monitor), epochs=12, learning_rate=1.0)
    rows, best = [], model.history[0][monitor]
    for row in model.history.rows[every::every]:
        if row[monitor] != best and better(row[monitor], best) == row[monitor]:
            best = row[monitor]
            rows.append(row["epoch"])
    assert [model.kept_epoch for model in kept] == rows
    assert 0 < len(rows) < 12 // every


def test_what_is_monitored_must_be_kept(classes):
    with pytest.raises(ConfigurationError, match="the history has no figure 'validation_cost'"):
        run(classes, Checkpoint(print, monitor="validation_cost"))


def test_the_last_one_is_the_model_itself(classes):
    kept = []
    stopping = EarlyStopping(3, "test_cost")
    model = run(classes, stopping, Checkpoint(kept.append, 100), epochs=30, learning_rate=1.0)
    (last,) = kept
    assert model.kept_epoch < model.history.n_epochs
    assert (last.network, last.kept_epoch, last.stopped) == (model.network, model.kept_epoch, "early")
    assert last.diagnosis.to_dict() == model.diagnosis.to_dict()


def test_looking_on_changes_nothing(classes):
    assert run(classes, Checkpoint(repr)).network == run(classes).network


def test_learning_more_does_not_change_it(classes):
    kept = []
    run(classes, Checkpoint(kept.append, 2))
    assert kept[0].network != kept[1].network
    assert [model.history.n_epochs for model in kept] == [2, 4, 5]


def test_one_that_fails_ends_the_run_with_what_was_learned_kept(classes):
    def fail(model):
        if model.kept_epoch == 2:
            raise OSError("the disk is full")

    with pytest.warns(PellucidWarning, match=r"Checkpoint.*the disk is full"):
        model = run(classes, Checkpoint(fail))
    assert (model.stopped, model.kept_epoch) == ("failed", 2)
    assert model.network == run(classes, epochs=2).network


@pytest.mark.parametrize(("save", "every", "problem"), [
    ("model.pellucid", 1, "a checkpoint needs a function to call"),
    (None, 1, "a checkpoint needs a function to call"),
    (print, 0, "be 0"), (print, -1, "be -1"), (print, 1.5, "be 1.5"), (print, True, "be True"),
])  # fmt: skip
def test_what_cannot_work(save, every, problem):
    with pytest.raises(ConfigurationError, match=problem):
        Checkpoint(save, every)
