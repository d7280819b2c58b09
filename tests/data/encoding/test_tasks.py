import numpy as np
import pytest

from pellucid.data import TASKS, target_from_dict
from pellucid.data.encoding.tasks import detect_task, task_note

WORDS = np.array(["cat", "dog", "cat", "ant"])


@pytest.mark.parametrize(
    ("raw", "task"),
    [
        (WORDS, "classification"),
        (np.array([True, False]), "classification"),
        (np.repeat(np.arange(20), 2), "classification"),
        (np.repeat(np.arange(21), 2), "regression"),
        # No class can be learned where each row has its own.
        (np.arange(3), "regression"),
        (np.array([0, 1, 2, 0]), "classification"),
        (np.array([1.0, 2.0]), "classification"),
        (np.array([1.0, 2.5]), "regression"),
        (np.array(["1", "2"], object), "classification"),
        (np.array(["1", "2.5"], object), "regression"),
        (np.eye(3), "regression"),
        (np.eye(3, dtype=int)[[0, 1, 2, 0]], "regression"),
        (np.array([[0, 0], [0, 1]]), "multilabel"),
        (np.array([[True, True], [False, True]]), "multilabel"),
        (np.array([["yes", "m"], ["no", "f"]], object), "multilabel"),
        (np.array([["yes", "1"], ["no", "7"]], object), "regression"),
        (np.array([[0.0, 2.0], [1.0, 3.0]]), "regression"),
        (np.array([[0.0, np.nan], [1.0, 1.0]]), "regression"),
    ],
)
def test_the_task_is_told_by_the_targets(raw, task):
    assert detect_task(raw) == task
    assert task_note(task, raw).startswith(f"the task is {task}, because ")


def test_named_columns_are_labels_though_each_row_has_one():
    assert detect_task(np.eye(3), ("a", "b", "c")) == "multilabel"


@pytest.mark.parametrize(
    "raw", [np.arange(3), np.arange(3).repeat(2), np.arange(30), np.eye(2), np.array([[0, 0], [1, 1]])]
)
def test_the_note_names_another_task(raw):
    task = detect_task(raw)
    (other,) = [name for name in TASKS if f"--task {name}" in task_note(task, raw)]
    assert other != task


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_target_that_a_file_can_hold(task):
    parts = {
        "classification": {"name": None, "labels": ["a", "b"]},
        "multilabel": {"names": ["p"], "words": [["no", "yes"]], "separator": None},
        "regression": {"names": ["p"], "mean": [0.0], "scale": [1.0]},
    }
    target = target_from_dict({"task": task, **parts[task]})
    assert target.task == task
    assert target_from_dict(target.to_dict()).to_dict() == target.to_dict()
