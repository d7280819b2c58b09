import polars as pl
import pytest

from pellucid.data.sources.parquet import read_parquet
from pellucid.errors import FormatError


def test_parquet_there_and_back(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [1, None], "b": ["x", " ? "]}).write_parquet(path)
    assert read_parquet(path).rows() == [(1.0, "x"), (None, None)]


@pytest.mark.parametrize("content", [b"", b"junk", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_no_parquet(written, content):
    with pytest.raises(FormatError, match="no readable Parquet"):
        read_parquet(written(content, "t.parquet"))


def test_parquet_cut_short(tmp_path):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": list(range(1000))}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError):
        read_parquet(path)
