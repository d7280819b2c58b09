"""Rows drawn at random for the test and the validation set, and the checks of all sets."""

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cells.raw_targets import short_list
from pellucid.errors import ConfigurationError, DataError
from pellucid.number import check_number
from pellucid.random import permutation

__all__ = [
    "Rows",
    "check_sets",
    "check_size",
    "check_split",
    "given_twice",
    "split_by_share",
    "split_validation",
    "untested",
]

Rows = NDArray[np.intp]


def check_split(test_size: float, seed: int) -> None:
    """Check a test size, as `check_size` does, and a seed."""
    check_size(test_size, "test")
    check_number(seed, "the seed", whole=True, at_least=0)


def check_size(size: float, part: str) -> None:
    """Check that the size of a set is a share between 0 and 1, or a number of rows."""
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
    share = isinstance(size, float | np.floating) and 0 < size < 1
    if not share and not (whole and size >= 1):
        raise ConfigurationError(
            f"the size of the {part} set is not valid",
            expected="a share between 0 and 1, such as 0.2, or a whole number of rows",
            received=repr(size),
            where=f"{part}_size",
        )


def split_by_share(
    n: int, test_size: float, seed: int, classes: Rows | None = None, names: tuple[str, ...] = ()
) -> tuple[Rows, Rows]:
    """Split rows at random, stratified by class if there are classes.

    Each class contributes its share of the test set, rounded by largest remainder, and has at least one row
    in each set; a class of a single row has it in the training set. A test set with fewer rows than there are
    classes lacks some.

    Examples
    --------
    >>> train, test = split_by_share(10, 0.2, seed=0, classes=np.repeat([0, 1], 5), names=("a", "b"))
    >>> len(train), (test // 5).tolist()
    (8, [0, 1])
    """
    check_split(test_size, seed)
    n_test = _count(n, test_size)
    if not 0 < n_test < n:
        raise DataError(
            f"the {'test' if n_test <= 0 else 'training'} set would be empty",
            expected="at least one row in each set",
            received=f"{n_test:,} of {n:,} rows for the test set (test size {test_size})",
            remedy="choose another test size",
        )
    _check_enough(n - n_test, f"1 of {n:,} rows (test size {test_size})", "choose a smaller test size")
    order = permutation(n, seed, "split")
    if classes is None:
        test = order[:n_test]
    else:
        counts = _test_rows_by_class(np.bincount(classes, minlength=len(names)), n_test, names)
        test = _first_of_each_class(order, classes, counts)
    in_test = np.zeros(n, dtype=bool)
    in_test[test] = True
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def split_validation(train: Rows, size: float, seed: int, classes: Rows | None = None) -> tuple[Rows, Rows]:
    """Split a validation set off the training rows at random, stratified by class if there are classes.

    Every class keeps a training row; a class with few rows may be missing from the validation set.

    Examples
    --------
    >>> train, validation = split_validation(np.arange(10, 20), 0.2, seed=0)
    >>> len(train), len(validation)
    (8, 2)
    """
    check_size(size, "validation")
    n = len(train)
    count = _count(n, size)
    n_left = n - count
    n_classes = 1 if classes is None else len(np.unique(classes[train]))
    if count < 1 or n_left < max(2, n_classes):
        raise DataError(
            "the validation set would be empty" if count < 1 else "the training set would be too small",
            expected=f"at least 1 row for validation and {max(2, n_classes)} for training",
            received=f"{count:,} and {n_left:,} of {n:,} training rows (validation size {size})",
            remedy="choose another validation size",
        )
    order = train[permutation(n, seed, "validation")]
    if classes is None:
        chosen = order[:count]
    else:
        counts = _shares(np.bincount(classes[train]), count, least=0)
        chosen = _first_of_each_class(order, classes, counts)
    apart = np.isin(train, chosen)
    return train[~apart], train[apart]


def untested(train: Rows, test: Rows, names: tuple[str, ...]) -> list[str]:
    """Note the classes that are in the training set, but not in the test set.

    Examples
    --------
    >>> untested(np.array([0, 1, 1]), np.array([1]), ("cat", "dog"))
    ["the test set has no rows of class 'cat'"]
    """
    absent = [names[index] for index in np.setdiff1d(train, test)]  # sorted
    if not absent:
        return []
    which = f"class {absent[0]!r}" if len(absent) == 1 else f"{len(absent)} classes: {short_list(absent)}"
    return [f"the test set has no rows of {which}"]


def check_sets(
    train: Rows, test: Rows | None, classes: Rows | None = None, names: tuple[str, ...] = ()
) -> None:
    """Check that neither set of a given split is empty, and that the training set has each class.

    The test set is None if it is not a part of these data.
    """
    for part, rows in (("training", train), ("test", test)):
        if rows is None:
            continue
        if not len(rows):
            tested = "" if test is None else f" and {len(test):,} to test with"
            raise DataError(
                f"the {part} set is empty",
                expected="at least one row in each set",
                received=f"{len(train):,} rows to train on{tested}",
            )
        if part == "training":
            _check_enough(len(rows), "1 row", "mark more rows as train")
        if classes is None or part == "test":
            continue
        absent = np.flatnonzero(np.bincount(classes[rows], minlength=len(names)) == 0)
        if absent.size:
            count = int((classes == absent[0]).sum())
            raise DataError(
                f"the {part} set lacks a class",
                expected=f"each of the {len(names)} classes",
                received=f"none of the {count:,} row{'s' * (count != 1)} of class {names[absent[0]]!r}",
                remedy="change the split, or remove the class",
            )


def given_twice(part: str, received: str) -> ConfigurationError:
    """Return the error for another validation or test set besides the data's own."""
    return ConfigurationError(
        f"the {part} set is given twice",
        expected=f"the {part} set of the data, or another one",
        received=f"data with their own {part} set, and {received}",
        remedy="leave one of them out",
    )


def _count(n: int, size: float) -> int:
    """Return the number of rows that a share or a number of n rows is."""
    return int(n * size + 0.5) if size < 1 else int(size)


def _first_of_each_class(order: Rows, classes: Rows, counts: Rows) -> Rows:
    """Return the first rows of each class, as many as are given for it."""
    return np.concatenate([order[classes[order] == index][:count] for index, count in enumerate(counts)])


def _check_enough(n_train: int, received: str, remedy: str) -> None:
    if n_train == 1:
        raise DataError(
            "the training set is too small",
            expected="at least 2 rows",
            received=received,
            remedy=remedy,
        )


def _test_rows_by_class(sizes: Rows, n_test: int, names: tuple[str, ...]) -> Rows:
    """Return the number of test rows of each class."""
    n, n_classes = int(sizes.sum()), len(sizes)
    lonely = np.flatnonzero(sizes < 2)
    if len(lonely) == n_classes:
        raise DataError(
            "a class has too few rows to be in both sets",
            expected="at least 2 rows of each class",
            received=f"class {names[lonely[0]]!r} has {sizes[lonely[0]]} row"
            + (f"; {len(lonely) - 1} more classes are as small" if len(lonely) > 1 else ""),
            remedy="choose another target, or merge classes"
            + "; for a quantity choose the task 'regression'"
            * (not all(name[:1].isalpha() for name in names)),
        )
    if n_test > n - n_classes:
        smallest = int(np.argmin(np.where(sizes < 2, n, sizes)))
        raise DataError(
            "the training set would lack a class",
            expected=f"at least {n_classes} rows in it, one for each class",
            received=f"{n - n_test} row{'s' * (n - n_test != 1)} for the training set; the smallest class, "
            f"{names[smallest]!r}, has {sizes[smallest]}",
            remedy="choose a smaller test size, or another target",
        )
    n_shared = n_classes - len(lonely)
    return _shares(sizes, n_test, least=np.minimum(sizes - 1, 1) if n_shared <= n_test else 0)


def _shares(sizes: Rows, total: int, least: int | Rows) -> Rows:
    """Distribute rows among the classes by largest remainder; each gives at least `least` and keeps one."""
    quota = sizes * (total / sizes.sum())
    counts: Rows = np.clip(np.floor(quota).astype(np.intp), least, np.maximum(sizes - 1, 0))
    while counts.sum() < total:
        counts[np.argmax(np.where(counts < sizes - 1, quota - counts, -np.inf))] += 1
    while counts.sum() > total:
        counts[np.argmin(np.where(counts > least, quota - counts, np.inf))] -= 1
    return counts
