import numpy as np
import pytest

from pellucid.data.raw_targets import detect_task

WORDS = np.array(["cat", "dog", "cat", "ant"])


@pytest.mark.parametrize(
    ("raw", "task"),
    [
        (WORDS, "classification"),
        (np.array([True, False]), "classification"),
        (np.arange(20), "classification"),
        (np.arange(21), "regression"),
        (np.array([1.0, 2.0]), "classification"),
        (np.array([1.0, 2.5]), "regression"),
        (np.array(["1", "2"], object), "classification"),
        (np.array(["1", "2.5"], object), "regression"),
        (np.eye(3), "regression"),
    ],
)
def test_the_task_is_told_by_the_targets(raw, task):
    assert detect_task(raw) == task
