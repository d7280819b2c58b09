import math
import os
import signal
import sys

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.errors import ConfigurationError, PellucidError, PellucidWarning
from pellucid.interruption import SIGNALS
from pellucid.storage import save_model
from pellucid.tuning import Search, space, tune, workers
from pellucid.tuning.candidate import OPTIONS, Plan
from pellucid.tuning.dimension import Dimension
from pellucid.tuning.running import Running
from pellucid.tuning.study import Study

SHORT = {"workers": 1, "epochs": 3, "fixed": {"layers": [4]}}


def told(rows):
    """What does not depend on the clock."""
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def test_the_same_seed_is_the_same_search_in_one_go_or_two(classes, tmp_path):
    whole = tune(classes, trials=12, **SHORT)
    path = tmp_path / "study.db"
    first = tune(classes, trials=10, study=path, **SHORT)
    second = tune(classes, trials=12, study=path, **SHORT)
    assert told(first.rows) == told(whole.rows)[:10]
    assert told(second.rows) == told(whole.rows)
    assert second.importances == whole.importances
    # The same command once more finds that nothing is left to do.
    assert tune(classes, trials=12, study=path, **SHORT).rows == second.rows


def test_candidates_with_class_weights_are_chosen_by_the_weighted_cost(classes):
    how = {**SHORT, "fixed": {"layers": [4], "class_weight": {0: 5.0}}}
    found = tune(classes, trials=2, **how)
    assert found.monitor == "validation_weighted_cost"
    assert found.best_model().figures["validation_weighted_cost"] == found.best["value"]
    assert tune(classes, trials=1, monitor="validation_cost", **how).monitor == "validation_cost"
    assert tune(classes, trials=1, **SHORT).monitor == "validation_cost"


def test_side_by_side_with_accuracy(classes):
    heard = []
    found = tune(
        classes, trials=6, workers=2, epochs=2, monitor="validation_accuracy",
        callback=lambda row, ended: heard.append((row, ended)),
    )  # fmt: skip
    assert sorted(row["number"] for row in found.rows) == list(range(6))
    assert [ended for _, ended in heard] == [1, 2, 3, 4, 5, 6]
    assert sorted((row for row, _ in heard), key=lambda row: row["number"]) == found.rows
    assert found.best["value"] == max(row["value"] for row in found.rows if row["state"] == "finished")
    assert sum(found.counts.values()) == 6
    assert found.stopped is None
    assert "6 finished" in repr(found) or "pruned" in repr(found)


def test_the_best_model_is_the_trials(values, tmp_path):
    found = tune(values, trials=3, seed=5, **SHORT)
    model = found.best_model()
    assert model.figures["validation_cost"] == found.best["value"]
    assert model.network == found.best_model().network
    assert model.settings["seed"] == 5
    save_model(model, tmp_path / "best.pellucid")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_keeps_what_is_finished(classes):
    def interrupt(row, ended):
        if row["state"] != "interrupted" and ended == 3:
            os.kill(os.getpid(), signal.SIGINT)

    found = tune(classes, trials=50, callback=interrupt, **SHORT)
    assert found.stopped == "interrupted"
    # The interrupt is seen to within a moment; what runs then is given up.
    assert found.counts["interrupted"] <= 1
    assert 3 <= len(found.rows) - found.counts["interrupted"] < 50
    assert found.best is not None


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", SIGNALS)
def test_an_interrupt_ends_what_runs(classes, monkeypatch, workers, presses, number):
    def go_on(*_):
        for _ in range(presses):
            os.kill(os.getpid(), number)
        return True

    monkeypatch.setattr(Study, "go_on", go_on)
    before = signal.getsignal(number)
    found = tune(classes, trials=4, workers=workers, epochs=10**6, fixed={"layers": [4]})
    assert found.stopped == "interrupted"
    assert found.counts["interrupted"] == len(found.rows) >= 1
    assert signal.getsignal(number) is before


def test_the_clock_ends_what_runs(classes):
    found = tune(classes, trials=4, workers=1, epochs=10**6, max_seconds=0.5, fixed={"layers": [4]})
    assert found.stopped == "time"
    assert found.counts == {"finished": 0, "pruned": 0, "failed": 0, "interrupted": 1}


def test_one_worker_starts_no_process(classes, monkeypatch):
    monkeypatch.setattr(workers.Worker, "__init__", lambda self: pytest.fail("a process was started"))
    assert tune(classes, trials=2, **SHORT).counts["finished"] == 2


def test_pruned_here_as_side_by_side(values):
    """What ends early here is pruned, with as many epochs as it was told to go on for."""
    found = tune(values, trials=30, workers=1, epochs=8, space={"learning_rate": "1e-6..0.1"})
    pruned = [row for row in found.rows if row["state"] == "pruned"]
    assert pruned
    assert all(2 < row["epochs"] < 8 and row["reason"] == "pruned" for row in pruned)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_callback_that_fails_ends_the_search_and_all_is_kept(classes, tmp_path, workers):
    def fail(row, ended):
        if ended == 2:
            raise RuntimeError("no more paper")

    how = {**SHORT, "workers": workers, "study": tmp_path / "study.db"}
    with pytest.warns(PellucidWarning, match="callback: RuntimeError: no more paper"):
        found = tune(classes, trials=20, callback=fail, **how)
    assert found.stopped == "failed"
    assert 2 <= found.counts["finished"] <= 3
    assert found.best is not None
    assert tune(classes, trials=2, **how).rows[:2] == found.rows[:2]


def test_the_clock(classes):
    found = tune(classes, trials=10**6, max_seconds=0.001, **SHORT)
    assert found.stopped == "time"
    assert found.best is None
    with pytest.raises(ConfigurationError, match="no best candidate"):
        found.best_model()


def test_candidates_that_fail_count_and_are_said(classes):
    found = tune(classes, trials=2, workers=1, epochs=1, fixed={"layers": [4]}, space={
        "learning_rate": "1e30,2e30", "optimizer": "sgd", "batch_size": "1",
    })  # fmt: skip
    assert found.counts["failed"] == len(found.rows) == 2
    assert all("diverged" in row["reason"] for row in found.rows)
    assert found.importances == {}


FEW = {
    "fixed": {"layers": [4], "schedule": "linear", "batch_size": 8, "l2": 0.0, "weight_decay": 0.0,
              "activation": "relu", "optimizer": "sgd"},
    "space": {"learning_rate": "0.1,0.01", "dropout": "0,0.2"},
}  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_no_candidate_is_trained_twice_and_the_search_ends_after_all_of_them(classes, tmp_path, workers):
    how = {**FEW, "workers": workers, "epochs": 2, "study": tmp_path / "study.db"}
    found = tune(classes, trials=200, **how)
    assert found.stopped == "exhausted"
    different = {repr(row["parameters"]): row for row in reversed(found.rows)}
    assert len(different) == 4
    assert len(found.rows) < 200
    for row in found.rows:
        first = different[repr(row["parameters"])]
        assert (row["value"], row["state"], row["epochs"]) == (
            first["value"],
            first["state"],
            first["epochs"],
        )
    assert len([row for row in found.rows if row["seconds"]]) == 4
    again = tune(classes, trials=300, **how)
    assert (again.rows, again.stopped) == (found.rows, "exhausted")


def test_epochs_could_be_a_dimension(classes, monkeypatch):
    """What is only a default is not said, so it is not fixed where it is searched."""
    monkeypatch.setitem(space._BY_NAME, "epochs", Dimension("epochs", None, kind=int))
    monkeypatch.setattr(space, "DIMENSIONS", tuple(space._BY_NAME.values()))
    found = tune(classes, trials=4, workers=1, fixed={"layers": [4]}, space={"epochs": "2,3"})
    assert (
        {row["epochs"] for row in found.rows} == {row["parameters"]["epochs"] for row in found.rows} == {2, 3}
    )
    assert "epochs" not in found.fixed


BAD = [
    ({"trials": 0}, "trials cannot be 0"),
    ({"trials": True}, "trials cannot be True"),
    ({"workers": 0}, "workers cannot be 0"),
    ({"epochs": 0}, "epochs cannot be 0"),
    ({"max_seconds": 0}, "max_seconds cannot be 0"),
    ({"max_seconds": float("nan")}, "max_seconds cannot be nan"),
    ({"monitor": "test_cost"}, "'test_cost' cannot be the metric"),
    ({"monitor": "validation_r2"}, "'validation_r2' cannot be the metric"),
    ({"patience": 0}, "patience cannot be 0"),
    ({"seed": -1}, "seed cannot be -1"),
    ({"fixed": {"epochs": 3}}, "epochs cannot be a fixed option"),
    ({"fixed": {"layrs": [3]}}, "no training option 'layrs'"),
    ({"space": {"layers": "1..3"}}, "layers cannot be searched directly"),
    ({"fixed": {"dropout": (0.1, 0.2)}}, "does not match the layers"),
    ({"trials": 2.5}, r"trials cannot be 2\.5"),
    ({"patience": "3"}, "patience cannot be '3'"),
    ({"max_seconds": "1"}, "max_seconds cannot be '1'"),
    ({"callback": 3}, "the callback cannot be of type int"),
    ({"space": ["dropout"]}, "the space cannot be of type list"),
    ({"space": []}, "the space cannot be of type list"),
    ({"space": {1: "1..2"}}, "a name in the space cannot be of type int"),
    ({"fixed": "adam"}, "the fixed options cannot be of type str"),
    ({"fixed": ["adam"]}, "the fixed options cannot be of type list"),
    ({"fixed": {1: 3}}, "a name in the fixed options cannot be of type int"),
    ({"fixed": {"activation": lambda z: z}}, "not a valid activation"),
    ({"fixed": {"regularisation": None}}, r"no training option 'regularisation'[\s\S]*dropout"),
    ({"fixed": {"clipping": None}}, r"no training option 'clipping'[\s\S]*clip_norm"),
    ({"fixed": {"early_stopping": 3}}, r"no training option 'early_stopping'[\s\S]*patience"),
]


@pytest.mark.parametrize(("settings", "problem"), BAD)
def test_is_refused_before_any_worker_starts(classes, tmp_path, settings, problem):
    with pytest.raises(ConfigurationError, match=problem):
        tune(classes, study=tmp_path / "study.db", **settings)
    assert list(tmp_path.iterdir()) == []


COSTS = pytest.mark.parametrize(
    ("task", "space", "figure"),
    [
        ("classes", {"cost": ["categorical_cross_entropy", "mean_squared_error"]}, "validation_accuracy"),
        ("classes", {"output": ["softmax", "sigmoid"]}, "validation_accuracy"),
        ("values", {"cost": ["mean_squared_error", "huber"]}, "validation_rmse"),
        # One cost, of values that are standardised for the one and not for the other.
        ("positive", {"output": ["softplus", "sigmoid"]}, "validation_rmse"),
    ],
)


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in ("epochs", "seed")])
def test_an_odd_value_is_used_or_refused_with_a_reason(classes, monkeypatch, name):
    monkeypatch.setattr(Running, "go", lambda self: None)
    refusals = []
    for value in (None, "", "x", -1, 0.2, math.nan, (), [None], {}, {"a": 1}, tune, 1j):
        for said in ({"fixed": {name: value}}, {"space": {name: value}}):
            try:
                assert tune(classes, **said).rows == []  # used, in a search that was kept from beginning
            except PellucidError as refusal:
                refusals.append(refusal)
    assert refusals
    assert all(refusal.details for refusal in refusals)


def test_whole_numbers_of_numpy(classes, tmp_path):
    one = np.int64(1)
    how = {"trials": one, "workers": one, "epochs": one, "patience": one, "seed": one}
    found = tune(classes, **how, study=tmp_path / "study.db", max_seconds=np.float32(100))
    assert tune(classes, **how, study=tmp_path / "study.db").rows == found.rows


@COSTS
def test_costs_that_differ_are_not_compared(request, task, space, figure):
    data = request.getfixturevalue(task)
    how = {**SHORT, "fixed": {"layers": [4], "cost": "mean_squared_error"} if task == "positive" else {}}
    with pytest.raises(ConfigurationError, match="different costs") as refusal:
        tune(data, trials=1, space=space, **how)
    assert figure in refusal.value.remedy
    found = tune(data, trials=1, space=space, monitor=figure, **how)
    assert found.counts["finished"] == 1


def test_outputs_that_have_one_cost_are_compared_by_it(values):
    found = tune(values, trials=1, space={"output": ["identity", "leaky_relu"], "cost": ["huber"]}, **SHORT)
    assert found.counts["finished"] == 1


def test_data_without_a_validation_part_are_refused():
    with pytest.raises(ConfigurationError, match="no validation set"):
        tune(load_data("digits"))


def test_no_data():
    with pytest.raises(ConfigurationError, match="a Dataset"):
        tune("digits")


def test_counts_and_repr(classes):
    rows = [{"state": state} for state in ("finished", "pruned", "pruned", "failed", "interrupted")]
    found = Search(Plan(classes, "validation_cost", 1), {}, rows, {"value": 0.25})
    assert found.counts == {"finished": 1, "pruned": 2, "failed": 1, "interrupted": 1}
    assert repr(found) == (
        "<Search: 1 finished, 2 pruned, 1 failed, 1 interrupted; best validation_cost 0.25>"
    )
