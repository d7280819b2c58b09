import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.data.sources.npz import npz
from pellucid.errors import DataError, FormatError

X = np.arange(24.0).reshape(8, 3)
Y = np.array([0, 1] * 4)


@pytest.fixture
def saved(tmp_path):
    def save(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path

    return save


@pytest.mark.parametrize("name", ["x", "X"])
def test_x_and_y(saved, name):
    raw = npz(saved(**{name: X, "y": Y}))
    assert (raw.rows.tolist(), raw.target.tolist(), raw.train) == (X.tolist(), Y.tolist(), None)
    assert load_data(saved(x=X, y=Y), test_size=0.25).test.inputs.shape == (2, 3)


def test_both_parts_of_a_split(saved):
    data = load_data(saved(x_train=X, y_train=Y, x_test=X[:2] + 0.5, y_test=Y[:2]))
    assert (len(data.train), len(data.test)) == (8, 2)


def test_x_alone_for_a_prediction(saved):
    assert npz(saved(x=X), require_target=False).target is None
    with pytest.raises(FormatError) as caught:
        npz(saved(x=X))
    assert caught.value.received == "x"


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"x": X, "y": Y[:3]}, "differ in length"),
        ({"x": np.float64(3), "y": Y}, "number of dimensions"),
        ({"x": X, "y": np.float64(3)}, "something else than labels"),
        ({"x_train": X, "y_train": Y[:7], "x_test": X, "y_test": Y}, "differ in length"),
        ({"x_train": X, "y_train": Y, "x_test": X, "y_test": Y[:7]}, "differ in length"),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :2], "y_test": Y}, "differ in shape"),
        ({"x_train": np.float64(1), "y_train": Y, "x_test": X, "y_test": Y}, "differ in shape"),
        ({"a": X, "b": Y}, "not named as expected"),
    ],
)
def test_arrays_that_do_not_go_together(saved, arrays, problem):
    with pytest.raises(DataError, match=problem):
        npz(saved(**arrays))


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_part_that_is_too_short_is_named(saved, part):
    arrays = {"x_train": X, "y_train": Y, "x_test": X, "y_test": Y} | {f"y_{part}": Y[:7]}
    with pytest.raises(DataError) as caught:
        npz(saved(**arrays))
    assert caught.value.where == f"the {'training' if part == 'train' else 'test'} part of data.npz"
    assert (caught.value.expected[0], caught.value.received) == ("8", "7")


def test_pickles_are_not_opened(saved):
    with pytest.raises(FormatError) as caught:
        npz(saved(x=np.array([{}], dtype=object), y=Y))
    assert caught.value.received == "pickled objects"


@pytest.mark.parametrize("length", [0, 10, -30])
def test_files_cut_short(saved, length):
    path = saved(x=X, y=Y)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(FormatError):
        npz(path)
