import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.splits.drawing import check_sets, split_by_share, untested
from pellucid.errors import ConfigurationError, DataError

NAMES = ("a", "b", "c")


def counts(classes, rows):
    return np.bincount(classes[rows], minlength=3).tolist()


@given(st.integers(2, 300), st.floats(0.01, 0.99), st.integers(0, 5))
def test_every_row_is_in_one_part(n, test_size, seed):
    n_test = int(n * test_size + 0.5)
    if not 0 < n_test < n - 1:
        with pytest.raises(DataError, match="too small" if n_test == n - 1 else "would be empty"):
            split_by_share(n, test_size, seed)
        return
    train, test = split_by_share(n, test_size, seed)
    assert sorted([*train, *test]) == list(range(n))
    assert len(test) == n_test
    assert train.tolist() == sorted(train)
    assert test.tolist() == sorted(test)


@given(st.lists(st.integers(2, 60), min_size=2, max_size=6), st.floats(0.05, 0.95), st.integers(0, 3))
def test_each_class_gives_its_share(sizes, test_size, seed):
    classes = np.repeat(np.arange(len(sizes)), sizes)
    n_test = int(len(classes) * test_size + 0.5)
    names = tuple("abcdef"[: len(sizes)])
    if not 1 <= n_test <= len(classes) - len(sizes):
        with pytest.raises(DataError):
            split_by_share(len(classes), test_size, seed, classes, names)
        return
    train, test = split_by_share(len(classes), test_size, seed, classes, names)
    assert len(test) == n_test
    given_rows = np.bincount(classes[test], minlength=len(sizes))
    assert (np.bincount(classes[train], minlength=len(sizes)) >= 1).all()
    assert n_test < len(sizes) or (given_rows >= 1).all()
    quota = np.array(sizes) * n_test / len(classes)
    unforced = (quota >= 1) & (quota <= np.array(sizes) - 1)
    if unforced.all():
        assert (np.abs(given_rows - quota) < 1).all()


def test_largest_remainder_by_hand():
    # Quotas of 3 from 5, 3 and 2 rows: 1.5, 0.9, 0.6; whole parts and the floor of one a class fill it.
    classes = np.repeat([0, 1, 2], [5, 3, 2])
    assert counts(classes, split_by_share(10, 3, 0, classes, NAMES)[1]) == [1, 1, 1]
    # Quotas of 10 from 50, 33 and 17 rows: 5, 3.3, 1.7; the last row goes to the remainder 0.7.
    classes = np.repeat([0, 1, 2], [50, 33, 17])
    assert counts(classes, split_by_share(100, 0.1, 0, classes, NAMES)[1]) == [5, 3, 2]
    # Equal remainders of 1.5: the first class gives the row.
    classes = np.repeat([0, 1], 5)
    assert counts(classes, split_by_share(10, 3, 0, classes, ("a", "b"))[1]) == [2, 1, 0]


def test_a_rare_class_is_in_both_parts():
    classes = np.repeat([0, 1], [98, 2])
    for test_size in (0.02, 0.2, 0.98):
        train, test = split_by_share(100, test_size, 1, classes, ("a", "b"))
        assert counts(classes, train)[1] == counts(classes, test)[1] == 1


def test_a_whole_number_is_rows():
    assert len(split_by_share(10, 3, 0)[1]) == 3
    assert len(split_by_share(10, 1, 0)[1]) == 1


def test_the_seed_decides():
    first, again, other = (split_by_share(100, 0.2, seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_rows_are_shuffled():
    assert split_by_share(100, 0.2, 0)[1].tolist() not in (list(range(20)), list(range(80, 100)))


@pytest.mark.parametrize("test_size", [0, 0.0, 1.0, 1.5, -1, -0.2, float("nan"), True, "0.2", None])
def test_a_size_that_cannot_work(test_size):
    with pytest.raises(ConfigurationError, match="size of the test set") as caught:
        split_by_share(10, test_size, 0)
    assert caught.value.received == repr(test_size)


@pytest.mark.parametrize("seed", [-1, 0.5, "0", True, None])
def test_a_seed_that_cannot_work(seed):
    with pytest.raises(ConfigurationError, match="seed"):
        split_by_share(10, 0.2, seed)


@pytest.mark.parametrize(
    ("test_size", "sizes", "problem", "received"),
    [
        (0.01, [5, 5], "the test set would be empty", "0 of 10 rows for the test set (test size 0.01)"),
        (10, [5, 5], "the training set would be empty", "10 of 10 rows for the test set (test size 10)"),
        (0.5, [1] * 10, "too few rows", "class 'a' has 1 row; 9 more classes are as small"),
        (9, [5, 5], "training set is too small", "1 of 10 rows (test size 9)"),
    ],
)
def test_a_part_that_would_lack_something(test_size, sizes, problem, received):
    classes = np.repeat(np.arange(len(sizes)), sizes)
    with pytest.raises(DataError, match=problem) as caught:
        split_by_share(10, test_size, 0, classes, tuple("abcdefghij"[: len(sizes)]))
    assert caught.value.received == received


@pytest.mark.parametrize(("names", "quantity"), [(("ann", "bob", "eve"), False), (("1", "2.5", "$7"), True)])
def test_the_task_is_changed_only_for_what_may_be_a_quantity(names, quantity):
    with pytest.raises(DataError, match="too few rows") as caught:
        split_by_share(3, 1, 0, np.arange(3), names)
    assert "choose another target" in caught.value.remedy
    assert ("regression" in caught.value.remedy) == quantity


def test_too_few_training_rows_for_the_classes():
    with pytest.raises(DataError, match="training set would lack a class") as caught:
        split_by_share(9, 7, 0, np.repeat([0, 1, 2], 3), NAMES)
    assert caught.value.received == "2 rows for the training set; the smallest class, 'a', has 3"
    with pytest.raises(DataError, match="training set is too small"):
        split_by_share(300, 299, 0)
    with pytest.raises(DataError, match="training set is too small"):
        check_sets(np.array([3]), np.array([0, 1, 2]))


def test_a_given_split_is_checked():
    classes = np.array([0, 0, 1, 1, 1])
    check_sets(np.array([0, 2]), np.array([1, 3, 4]), classes, ("a", "b"))
    check_sets(np.array([0, 2, 3, 4]), np.array([1]), classes, ("a", "b"))
    with pytest.raises(DataError, match="the training set lacks a class") as caught:
        check_sets(np.array([0, 1]), np.array([2, 3, 4]), classes, ("a", "b"))
    assert caught.value.received == "none of the 3 rows of class 'b'"
    with pytest.raises(DataError, match="the training set is empty"):
        check_sets(np.array([], int), np.arange(5))


def test_a_class_of_a_single_row_is_in_the_training_set():
    classes = np.repeat([0, 1, 2], [12, 1, 7])
    for test_size in (2, 0.2, 17):
        train, test = split_by_share(20, test_size, 0, classes, NAMES)
        assert (counts(classes, train)[1], 12 in test) == (1, False)
        assert untested(classes[train], classes[test], NAMES) == [
            f"the test set has no rows of class {NAMES[1]!r}"
        ]


def test_a_test_set_smaller_than_the_number_of_classes_lacks_some():
    classes = np.repeat([0, 1, 2], [12, 1, 7])
    train, test = split_by_share(20, 1, 0, classes, NAMES)
    # 12/20 of a row is the largest share.
    assert (counts(classes, train), classes[test].tolist()) == ([11, 1, 7], [0])
    assert untested(classes[train], classes[test], NAMES) == [
        f"the test set has no rows of 2 classes: {NAMES[1]}, {NAMES[2]}"
    ]


def test_a_set_with_all_classes_gets_no_note():
    assert untested(np.array([0, 1]), np.array([1, 0]), ("a", "b")) == []
