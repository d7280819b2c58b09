import numpy as np
import pytest

from pellucid.data.cells.yes_or_no import PLAIN, are_questions, read_answers, words_of

PAIRS = [
    ([0, 1], int), ([0, 1], np.uint8), ([0.0, 1.0], float), ([False, True], bool),
    (["0", "1"], object), (["0.0", "1.0"], object), (["no", "yes"], object), (["No", "YES"], str),
    (["n", "y"], object), (["false", "true"], str), (["False", "True"], object), ([False, True], object),
    ([0.0, "yes"], object), (["F", "t"], object), (["off", "On"], object), (["FALSCH", "WAHR"], object),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "kind"), PAIRS)
def test_spellings_of_no_and_yes(pair, kind):
    column = np.array([pair[1], pair[0], pair[0]], dtype=kind)
    if pair[0] == "0.0":
        column = np.array([float(cell) for cell in column], dtype=object)
    assert words_of(column) == PLAIN
    assert read_answers(column, PLAIN).tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (np.array(["m", "f", "m"], object), ("f", "m")),
        (np.array([2, 1, 2]), ("1", "2")),
        (np.array([-1.0, 1.0, 1.0]), ("-1", "1")),
        (np.array(["a", "a"], object), None),
        (np.array(["a", "b", "c"], object), None),
        (np.array(["a", "b", None], object), None),
        (np.array([0.0, 1.0, np.nan]), None),
        (np.array([5, 5]), None),
        (np.array(["n", "f", "y"], object), None),
        (np.array(["on", "off", "no"], object), None),
    ],
)
def test_two_answers_of_another_kind(column, words):
    assert words_of(column) == words
    if words is not None:
        texts = [f"{cell:g}" if not isinstance(cell, str) else cell for cell in column.tolist()]
        assert read_answers(column, words).tolist() == [words.index(text) for text in texts]


def test_what_is_neither():
    assert read_answers(np.array([0, 1, 2]), PLAIN).tolist() == [0, 1, -1]
    assert read_answers(np.array(["yes", None, "perhaps"], object), PLAIN).tolist() == [1, -1, -1]
    assert read_answers(np.array(["f", "yes"], object), ("f", "m")).tolist() == [0, -1]


def test_columns_of_numbers_are_questions_only_if_plain():
    plain, numbers, words = [0, 1, 1], [3, 4, 4], ["f", "m", "f"]
    assert are_questions(np.array([plain, words], object).T)
    assert not are_questions(np.array([plain, numbers], object).T)
