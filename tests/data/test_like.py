"""Data read and encoded as others were: nothing is learned from them anew."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data, read_again, read_data, split_again
from pellucid.errors import ConfigurationError, DataError

FRAME = pl.DataFrame({
    "size": np.arange(20.0), "sea": ["north", "south", "west", None] * 5, "kind": ["a", "b"] * 10,
})  # fmt: skip


def test_standardised_and_one_hot_as_those_were():
    first = load_data(FRAME, target="kind")
    other = FRAME.with_columns(size=pl.col("size") + 30, sea=pl.lit("east")).reverse()
    data = load_data(other.select("kind", "sea", "size"), encoding=first)
    assert (data.inputs, data.target) == (first.inputs, first.target)
    learned = FRAME["size"].to_numpy()[first.train.origin]
    for part in (data.train, data.test):
        expected = (other["size"].to_numpy()[part.origin] - learned.mean()) / learned.std()
        np.testing.assert_allclose(part.inputs[:, 0], expected)
        assert not part.inputs[:, 1:].any()  # a word that the first did not hold is none of them
    assert any("'east'" in note for note in data.notes)


def test_the_same_data_are_the_same():
    first = load_data(FRAME, target="kind", validation_size=0.2, seed=3)
    again = load_data(FRAME, encoding=first, validation_size=0.2, seed=3)
    for part in ("train", "validation", "test"):
        ours, theirs = getattr(again, part), getattr(first, part)
        assert np.array_equal(ours.inputs, theirs.inputs)
        assert np.array_equal(ours.targets, theirs.targets)
        assert np.array_equal(ours.origin, theirs.origin)
    assert again.provenance == first.provenance
    assert not any("was trained on some rows" in note for note in again.notes)


def test_fewer_classes_keep_their_numbers():
    first = load_data(FRAME.with_columns(kind=pl.Series(["a", "b", "c", "d"] * 5)), target="kind")
    data = load_data(FRAME.with_columns(kind=pl.Series(["b", "d"] * 10)), encoding=first)
    assert set(data.train.targets) == set(data.test.targets) == {1, 3}
    assert data.n_classes == 4


@pytest.mark.parametrize("kinds", [["b"], ["d", "b"], ["10", "2", "9"], ["10"]], ids=" ".join)
@pytest.mark.parametrize("how", [{}, {"validation_size": 0.3}, {"test_size": 7, "seed": 2}], ids=str)
def test_the_split_of_some_classes_is_made_again(kinds, how):
    # Among words, numbers are in the order of words; alone, in that of numbers.
    known = FRAME.with_columns(kind=pl.Series((["a", "b", "2", "d", "9", "10"] * 4)[:20]))
    first = load_data(known, target="kind", test_size=0.5)
    frame = FRAME.with_columns(kind=pl.Series((kinds * 20)[:20]))
    data = load_data(frame, encoding=first, **how)
    assert data.target is first.target
    again = read_again(frame, data.provenance, known=data.encoding.known)
    parts = split_again(again, data.provenance)
    for part, rows in parts.items():
        assert np.array_equal(rows, getattr(data, part).origin)
    assert len(parts) == 2 + ("validation_size" in how)


def test_values_keep_their_scale():
    x = np.arange(40.0)[:, None]
    first = load_data((x, x[:, 0] / 7), task="regression")
    data = load_data((x + 5, 100 * x[:, 0]), encoding=first)
    assert data.target is first.target
    assert np.array_equal(data.train.targets[:, 0], 100.0 * data.train.origin)


def test_columns_that_were_left_out_may_be_there_or_not():
    frame = FRAME.with_columns(row=pl.Series(range(20)), part=pl.Series(["train", "test"] * 10))
    first = load_data(frame.with_columns(kind=pl.Series(["a", "a", "b", "b"] * 5)), target="kind",
                      drop="row", split_column="part")  # fmt: skip
    with_them = load_data(frame.with_columns(kind=pl.Series(["a", "a", "b", "b"] * 5)), encoding=first)
    assert with_them.train.origin.tolist() == list(range(0, 20, 2))
    without = load_data(FRAME, encoding=first)
    assert (len(without.train), len(without.test)) == (16, 4)
    named = load_data(FRAME.with_columns(day=pl.Series(range(20))), encoding=first, drop=["day"])
    assert named.provenance["drop"] == ["row", "day"]
    assert load_data(FRAME.with_columns(day=pl.Series(range(20))), encoding=named).n_inputs == first.n_inputs


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"target": "sea"}, "the target is not the one"),
        ({"task": "regression"}, "the task is not the one"),
        ({"task": "guess"}, "there is no task 'guess'"),
        ({"drop": "day"}, "there is no column 'day'"),
        ({"drop": 5}, "drop cannot be of type int"),
        ({"split_column": "day"}, "there is no column 'day'"),
        ({"encoding": "digits"}, "encoding cannot be of type str"),
        ({"validation_size": 0.2, "validation_data": FRAME}, "given twice"),
    ],
)
def test_what_cannot_be_said(said, problem):
    first = load_data(FRAME, target="kind")
    with pytest.raises((ConfigurationError, DataError), match=problem):
        load_data(FRAME, **{"encoding": first} | said)


def test_arrays_of_another_width():
    x = np.random.default_rng(0).normal(size=(20, 3))
    first = load_data((x, np.arange(20) % 2))
    with pytest.raises(DataError, match="do not have as many columns"):
        load_data((x[:, :2], np.arange(20) % 2), encoding=first)


def test_rows_that_were_trained_on_are_in_a_test_set_that_is_drawn_now():
    first = load_data(FRAME, target="kind", test_data=FRAME.head(5))
    said = "the network was trained on some rows of the test set before; use the same test data, which were"
    assert any(note.startswith(said) for note in load_data(FRAME, encoding=first).notes)
    again = load_data(FRAME, encoding=first, test_data=FRAME.head(5))
    assert not any("before" in note for note in again.notes)
    # Separate rows were not trained on, whatever was held out before.
    held_out = load_data(FRAME, target="kind")
    assert not any(
        "before" in note for note in load_data(FRAME, encoding=held_out, test_data=FRAME.head(5)).notes
    )


def test_a_validation_file_is_encoded_like_them_too():
    first = load_data(FRAME, target="kind")
    data = load_data(FRAME.reverse(), encoding=first, validation_data=FRAME)
    order = np.argsort(np.concatenate([first.train.origin, first.test.origin]))
    everything = np.concatenate([first.train.inputs, first.test.inputs])[order]
    assert np.array_equal(data.validation.inputs, everything)


def test_the_task_is_that_of_what_was_learned_though_the_targets_would_tell_another():
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 4
    first = load_data((x, y), task="regression")
    silent = replace(
        first, provenance={key: value for key, value in first.provenance.items() if key != "task"}
    )
    again = load_data((x, y), encoding=silent)
    assert (again.task, again.provenance["task"]) == ("regression", "regression")
    assert load_data((x, y)).task == "classification"


# The last item is the fingerprint that an earlier version stored, computed by that version.
FILES = {
    "decimal comma": (
        "a;b;y\n" + "".join(f"{row},5;{row % 3};{'uv'[row % 2]}\n" for row in range(20)),
        {},
        "c2c40772e30f9e3468a7232e69d8b6b9494e892ff450e3c0346ecf4b5d98eae7",
    ),
    "currency": (
        "a,b,y\n" + "".join(f"{row},$1{row:03},{'uv'[row % 2]}\n" for row in range(20)),
        {},
        "6e2308552b885f55a1740a454a0e4de9949e3c6339a3ec7bccb67381a772d146",
    ),
    "missing value": (
        "a,b,y\n" + "".join(f"{row % 5 or -999},1.50,{row}\n" for row in range(30)),
        {"missing": -999},
        "2f70185769e3551dc2bbabef2e2760685be1e03b19a10bf05105cf165079d61f",
    ),
    "numbers as text": (
        "a,b,y\n" + "".join(f"{row},007,{'NA' if row == 3 else row}\n" for row in range(30)),
        {},
        "ff9f5a0539c4ff29ee2dcd2cd72140d02643dda495e29b7e6448c4727a2ee2ca",
    ),
    "title": (
        "Report\n\na;b;y\n" + "".join(f"{row};é;{row % 2}\n" for row in range(20)),
        {"decimal": "plain"},
        "7408aca02dd8f52548cc96f3d6dd1ba489e262732b6e85678c705b2c6ae255eb",
    ),
}


@pytest.mark.parametrize(("content", "options", "earlier"), FILES.values(), ids=FILES)
def test_a_file_is_recognised_as_the_same_data(tmp_path, content, options, earlier):
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="cp1252")
    data = load_data(path, **options)
    again = read_again(path, data.provenance)
    assert again.fingerprint() == data.provenance["fingerprint"]
    assert again.has_fingerprint(again.fingerprint())
    assert again.has_fingerprint(earlier)
    path.write_text(content.replace("1", "2", 1), encoding="cp1252")
    changed = read_again(path, data.provenance)
    assert not changed.has_fingerprint(again.fingerprint())
    assert not changed.has_fingerprint(earlier)
    rows = np.searchsorted(again.origin, data.train.origin)
    assert np.array_equal(data.encoding.encode(again, []).inputs[rows], data.train.inputs)


def test_numbers_count_by_value_however_they_are_written(tmp_path):
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text("a,b,y\n1.5,2,0\n,3,1\n7,4,0\n")
    other.write_text('a,b,y\n1.50, 2,0\n"",3.0,1\n+7,4e0,0\n')
    assert read_data(plain).fingerprint() == read_data(other).fingerprint()


def test_targets_apart_from_a_frame_count():
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["u", "v", "u"]})
    first, same, other = (read_data((frame, y)) for y in ([0, 1, 1], [0, 1, 1], [0, 1, 0]))
    assert first.fingerprint() == same.fingerprint() != other.fingerprint()


def test_a_value_that_stands_for_a_missing_one(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "a,b,y\n" + "".join(f"{-999 if row == 4 else row},{row % 3},{row}\n" for row in range(30))
    )
    data = load_data(path, missing=-999)
    assert "a is missing" in data.inputs.features
    assert data.provenance["missing"] == ["-999"]
    assert "a is missing" not in load_data(path).inputs.features


def test_models_of_before_keep_numbers_as_people_write_them_as_text(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a;b;y\n" + "".join(f"{row % 3},5;{row};{'uv'[row % 2]}\n" for row in range(20)))
    provenance = load_data(path, decimal="plain").provenance
    older = {name: value for name, value in provenance.items() if name not in ("decimal", "missing")}
    assert read_again(path, older).rows["a"][0] == "0,5"
    assert read_again(path, provenance | {"decimal": None}).rows["a"][0] == 0.5
