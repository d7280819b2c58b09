"""The detection of the task from the targets."""

from collections.abc import Sequence

import numpy as np

from pellucid.data.cells.raw_targets import MANY, as_numbers
from pellucid.data.cells.yes_or_no import are_questions
from pellucid.data.examples import Array

__all__ = ["detect_task", "label_images", "task_note"]


# More numbered labels of images than this are quantities.
_MOST_LABELS = 100


def detect_task(raw: Array, names: Sequence[str] = ()) -> str:
    """Detect the task from the targets.

    Text and booleans are classes, and so are whole numbers with at most 20 distinct values, unless three or
    more are all different. Several targets
    with two values each are labels; but rows of an array with a single 1 may be one-hot encoded classes, and
    are treated as values.

    Examples
    --------
    >>> detect_task(np.array([3, 5, 3])), detect_task(np.array([0.5, 2.0]))
    ('classification', 'regression')
    >>> detect_task(np.array([[0, 1], [1, 1]])), detect_task(np.eye(2))
    ('multilabel', 'regression')
    """
    if raw.ndim > 1:
        labels = raw.ndim == 2 and are_questions(raw) and (bool(names) or not _is_one_hot(raw))
        return "multilabel" if labels else "regression"
    numbers = as_numbers(raw)
    if numbers is None:
        return "classification"
    # Nothing can be learned of classes if each row has its own.
    all_different = len(numbers) > 2 and len(np.unique(numbers)) == len(numbers)
    return "classification" if _are_few_whole(numbers) and not all_different else "regression"


def label_images(raw: Array) -> bool:
    """Return whether targets number the classes of images: all whole numbers from 0 or 1 on, up to 100.

    Examples
    --------
    >>> label_images(np.arange(60) % 26), label_images(np.array([3, 70, 35]))
    (True, False)
    """
    if raw.ndim != 1 or raw.dtype.kind not in "iu" or not len(raw):
        return False
    labels = np.unique(raw)
    first = int(labels[0])
    return (
        first in (0, 1)
        and len(labels) <= _MOST_LABELS
        and bool((np.diff(labels) == 1).all())
        and len(raw) > len(labels)
    )


def _are_few_whole(numbers: Array) -> bool:
    distinct = set(numbers.tolist())
    return len(distinct) <= MANY and all(value.is_integer() for value in distinct)


def _is_one_hot(raw: Array) -> bool:
    return raw.dtype.kind in "biuf" and bool((raw.sum(axis=1) == 1).all())


def task_note(task: str, raw: Array) -> str:
    """Explain which task was detected and why, and how to choose another.

    Examples
    --------
    >>> import numpy as np
    >>> task_note("regression", np.eye(2))
    "the task is regression, because there are several numbers per example; for multilabel use
     task='multilabel' (--task multilabel)"
    """
    as_floats = as_numbers(raw)
    if task == "classification" and as_floats is None:
        return "the task is classification, because the targets are text"
    why = {
        "classification": f"the targets are whole numbers with at most {MANY} distinct values",
        "multilabel": "each of the targets has two values",
        "regression": f"the targets are numbers, not whole or with more than {MANY} distinct values",
    }[task]
    others = {"classification": "regression", "multilabel": "regression", "regression": "classification"}
    other: str | None = others[task]
    if raw.ndim > 1 and task == "regression":
        why = "there are several numbers per example"
        other = "multilabel" if are_questions(raw) else None
    elif as_floats is None:
        other = None
    elif task == "regression" and _are_few_whole(as_floats):
        why = "the targets are numbers that are all different"
    note = f"the task is {task}, because {why}"
    return note if other is None else f"{note}; for {other} use task={other!r} (--task {other})"
