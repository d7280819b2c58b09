import gzip
import io

import numpy as np
import pytest

from pellucid.data import read_data
from pellucid.errors import DataError, FormatError


@pytest.fixture
def saved(tmp_path):
    def save(array):
        np.save(tmp_path / "t.npy", array)
        return tmp_path / "t.npy"

    return save


def test_the_last_column_of_a_matrix_is_the_target(saved):
    path = saved(np.array([[1.5, 2, 0], [2.5, 3, 1]]))
    raw = read_data(path)
    assert (raw.rows.rows(), raw.target.tolist()) == ([(1.5, 2), (2.5, 3)], [0, 1])
    assert raw.target_name == "column_3"
    assert read_data(path, target="column_1").target.tolist() == [1.5, 2.5]


@pytest.mark.parametrize("dtype", ["u1", ">i2", "f2", ">f8", "?", "u8"])
def test_any_kind_of_number(saved, dtype):
    array = np.array([[0, 1, 1], [1, 0, 0]], dtype=dtype)
    raw = read_data(saved(array), require_target=False)
    assert np.array_equal(raw.rows.to_numpy().astype(float), array.astype(float))


def test_a_structured_array_has_names(saved):
    kinds = [("size", ">i4"), ("name", "U3"), ("bytes", "S2"), ("day", "M8[D]"), ("yes", "?")]
    records = [(1, "a", b"x", "2024-05-01", True), (2, "é", b"y", "NaT", False)]
    raw = read_data(saved(np.array(records, dtype=kinds)), require_target=False)
    assert raw.rows.columns == ["size", "name", "bytes", "day", "yes"]
    assert raw.rows.row(1)[1:] == ("é", "y", None, False)
    assert raw.rows["day"][0] == "2024-05-01"


def test_names_of_all_scripts_and_durations(saved):
    kinds = [("größe 😀", "f8"), ("took", "m8[m]")]
    with pytest.warns(UserWarning, match="format 3.0"):
        path = saved(np.array([(1.5, 90), (2.5, "NaT")], dtype=kinds))
    rows = read_data(path, require_target=False).rows
    assert rows.rows(named=True) == [{"größe 😀": 1.5, "took": 5400.0}, {"größe 😀": 2.5, "took": None}]


def test_compressed(written):
    file = io.BytesIO()
    np.save(file, np.eye(3))
    assert len(read_data(written(gzip.compress(file.getvalue()), "t.npy.gz"))) == 3


@pytest.mark.parametrize(
    "array",
    [np.zeros(3), np.zeros((2, 2, 2)), np.float64(1), np.zeros((2, 2), [("a", "f8")])],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_what_is_not_a_table(saved, array):
    with pytest.raises(DataError, match="not a table") as caught:
        read_data(saved(array))
    assert "numpy.savez" in caught.value.remedy


def test_images_for_a_prediction(saved):
    assert read_data(saved(np.zeros((2, 4, 5), np.uint8)), require_target=False).image_shape == (4, 5)


@pytest.mark.parametrize(
    "column",
    [np.zeros(2, "c16"), np.array([b"\xff", b"a"]), np.zeros(2, [("c", "f8", 3)])["c"]],
    ids=["complex", "bytes", "several"],
)
def test_a_column_of_another_kind_is_named(saved, column):
    array = np.zeros(2, [("a", "f8"), ("odd", column.dtype, column.shape[1:])])
    array["odd"] = column
    with pytest.raises(DataError, match="neither numbers nor text") as caught:
        read_data(saved(array))
    assert "'odd'" in caught.value.where


def test_pickles_are_not_opened(saved):
    with pytest.raises(FormatError, match="not a readable NumPy array") as caught:
        read_data(saved(np.array([{}], dtype=object)))
    assert caught.value.received == "pickled objects"


def test_a_claim_of_size_is_refused_before_memory_is_taken(saved):
    path = saved(np.zeros((10, 10)))
    path.write_bytes(path.read_bytes().replace(b"(10, 10)", b"(9999999999, 10)"[:16]))
    with pytest.raises(FormatError):
        read_data(path)


@pytest.mark.parametrize("length", [4, 8, 30, 130, -1])
def test_cut_short(saved, length):
    path = saved(np.zeros((10, 10)))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DataError):
        read_data(path)
