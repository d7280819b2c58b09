import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data
from pellucid.data.encoding.leaks import copy_findings, leak_findings

RANDOM = np.random.default_rng(5)
N = 500
A, B, C = RANDOM.normal(size=(3, N)) + 3
FRAME = pl.DataFrame({"a": A, "b": B, "c": C})
WORDS = [f"w{number}" for number in RANDOM.integers(4, size=N)]


def named(findings):
    return [(finding.column, finding.detail) for finding in findings]


@pytest.mark.parametrize(
    "copy", [A, -A, 1.8 * A + 32, A * 1e300, A * 1e-300, [str(value) for value in A]],
    ids=["same", "negative", "scaled", "huge", "tiny", "text"],
)  # fmt: skip
def test_copies_of_numbers(copy):
    assert named(copy_findings(FRAME.with_columns(pl.Series("z", copy)))) == [("z", "'a'")]


def test_copies_of_words_and_of_booleans():
    frame = pl.DataFrame({"a": WORDS, "b": [word.upper() for word in WORDS], "c": [w == "w1" for w in WORDS]})
    frame = frame.with_columns(d=pl.col("c").cast(pl.Float64))
    assert named(copy_findings(frame)) == [("b", "'a'"), ("d", "'c'")]


def test_copies_with_gaps():
    frame = FRAME.with_columns(a=pl.when(pl.col("b") > 3).then(pl.col("a"))).with_columns(z=pl.col("a") * 2)
    assert named(copy_findings(frame)) == [("z", "'a'")]
    assert copy_findings(frame.with_columns(z=FRAME["a"] * 2)) == []


@pytest.mark.parametrize("decimals", [1, 2])
def test_a_copy_may_be_rounded(decimals):
    inches = np.round(160 + 10 * A, decimals) / 2.54
    frame = FRAME.with_columns(z=np.round(inches, decimals), y=np.round(160 + 10 * A, decimals))
    assert named(copy_findings(frame.select("b", "y", "z"))) == [("z", "'y'")]


def test_what_is_only_alike_is_no_copy():
    assert copy_findings(FRAME.with_columns(z=A + 0.05 * B)) == []


def test_one_row_that_differs_is_no_copy():
    assert copy_findings(FRAME.with_columns(z=np.where(np.arange(N) == 301, 99.0, A))) == []


def test_few_rows_agree_by_chance():
    assert copy_findings(FRAME.with_columns(z=A)[:19]) == []
    assert leak_findings(FRAME[:19], A[:19]) == []


@pytest.mark.parametrize("target", [A, 5 - 2 * A, np.round(A * 1000)], ids=["same", "scaled", "rounded"])
def test_the_target_in_other_units(target):
    assert named(leak_findings(FRAME, target)) == [("a", "the target in other units or words")]


@pytest.mark.parametrize("target", [np.array(WORDS, object), np.array([int(word[1]) for word in WORDS])])
def test_the_target_in_other_words(target):
    frame = FRAME.with_columns(code=pl.Series([f"class {3 - int(word[1])}" for word in WORDS]))
    assert named(leak_findings(frame, target)) == [("code", "the target in other units or words")]


@pytest.mark.parametrize(
    ("target", "what"),
    [
        (A + C, "sum"),
        (A - C, "difference"),
        (A * C, "product"),
        (A / C, "quotient"),
        (np.round(A * C, 2), "product"),
    ],
)
def test_the_target_calculated_from_two_columns(target, what):
    assert named(leak_findings(FRAME, target)) == [("a", f"the target is its {what} with 'c'")]


@pytest.mark.parametrize(
    "target", [A + B + C, A * B + 0.1 * C, A**2 + C, RANDOM.normal(size=N), np.full(N, 2.0)]
)
def test_other_targets_are_not_given_away(target):
    assert leak_findings(FRAME, target) == []


def test_several_targets():
    assert named(leak_findings(FRAME, np.column_stack([B, C * 2]))) == [
        ("b", "the target in other units or words"), ("c", "the target in other units or words"),
    ]  # fmt: skip


def test_the_note():
    data = load_data(FRAME.with_columns(y=A * B, z=A), target="y")
    assert "column 'z' ('a'): the same as another column, perhaps in other units or words" in data.notes
    assert any(
        "(the target is its product with 'b')" in note and "give the target away" in note
        for note in data.notes
    )


def test_many_columns_take_little_time():
    frame = pl.DataFrame(RANDOM.normal(size=(200, 3000)))
    assert copy_findings(frame) == []
    assert leak_findings(frame, RANDOM.normal(size=200)) == []
