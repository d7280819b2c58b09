import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data, read_again, read_data
from pellucid.errors import DataError

FRAME = pl.DataFrame(
    {"id": ["07", "08", "09", "10"], "x_1": [1.5, 2, 3, 4], "x_2": [4, 5, 7, 8], "y": list("pqpq")}
)


def test_columns_of_all_kinds_as_they_were_read():
    provenance = load_data(FRAME, drop="id", test_size=2, task="classification").provenance
    raw = read_again(FRAME, provenance, require_target=False)
    assert raw.columns("y,x_*", "id").rows() == [
        ("p", 1.5, 4.0, "07"),
        ("q", 2.0, 5.0, "08"),
        ("p", 3.0, 7.0, "09"),
        ("q", 4.0, 8.0, "10"),
    ]
    assert raw.take(np.array([2])).columns("id", "x_1").rows() == [("09", 3.0)]


def test_columns_that_are_not_there():
    raw = read_data(FRAME, require_target=False)
    with pytest.raises(DataError) as caught:
        raw.columns("x_3")
    assert caught.value.remedy == "did you mean 'x_2' or 'x_1'?"
    with pytest.raises(DataError, match="no names"):
        read_data("digits").columns("y")


def test_training_keeps_no_columns_in_memory_that_it_does_not_use():
    assert read_data(FRAME, drop=["id"]).others is None
