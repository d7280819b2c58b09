"""What a model knows of its columns, where other data do not say it."""

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp

from pellucid.data import load_data, read_again, read_own
from pellucid.errors import DataError

SHARES = ["12%", "n/a%", "30%", "7%"] * 10
SIZES = [row * 7 % 13 / 3 for row in range(40)]


@pytest.fixture
def read_one(tmp_path):
    """Read a single row like other data, from each kind of source."""

    def read(data, **row):
        frame = pl.DataFrame({name: [cell] for name, cell in row.items()})
        frame.write_csv(tmp_path / "t.csv")
        frame.write_parquet(tmp_path / "t.parquet")
        sources = (frame, frame.to_pandas(), tmp_path / "t.csv", tmp_path / "t.parquet")
        known = data.encoding.known
        return [
            read_again(source, data.provenance, known=known, require_target="y" in row) for source in sources
        ]

    return read


class TestWordsThatLookLikeNumbers:
    def test_as_a_feature(self, read_one):
        data = load_data(pl.DataFrame({"share": SHARES, "size": SIZES, "y": ["p", "q"] * 20}))
        assert data.encoding.known.words == ("share", "y")
        for raw in read_one(data, share="12%", size=1.0):
            notes = []
            inputs = data.encoding.encode(raw, notes).inputs
            assert dict(zip(data.inputs.features, inputs[0], strict=True))["share = 12%"] == 1
            assert notes == []

    def test_as_the_target(self, read_one):
        data = load_data(pl.DataFrame({"size": SIZES, "y": SHARES}))
        for raw in read_one(data, size=1.0, y="30%"):
            assert data.encoding.target.encode(raw.target).tolist() == [data.target.names.index("30%")]

    def test_numbers_are_read_all_the_same(self, read_one):
        written = [f"{share} %" for share in range(40)]
        data = load_data(pl.DataFrame({"share": written, "size": SIZES, "y": ["p", "q"] * 20}))
        assert data.encoding.known.words == ("y",)
        expected = data.encoding.inputs.encode(pl.DataFrame({"share": [12.0], "size": [1.0]}))[0]
        for raw in read_one(data, share="12 %", size=1.0):
            assert np.array_equal(data.encoding.encode(raw, []).inputs, expected)

    def test_numbers_in_a_column_of_words(self):
        data = load_data(
            pl.DataFrame({"code": ["1", "x", "2", "y"] * 10, "size": SIZES, "y": ["p", "q"] * 20})
        )
        other = pl.DataFrame({"code": [2.0, 1.0], "size": [1.0, 2.0]})
        raw = read_again(other, data.provenance, known=data.encoding.known, require_target=False)
        features = [data.inputs.features.index(f"code = {code}") for code in (2, 1)]
        assert data.encoding.encode(raw, []).inputs[[0, 1], features].tolist() == [1, 1]

    def test_a_separate_set_is_found_again(self, tmp_path, monkeypatch):
        frame = pl.DataFrame({"share": SHARES, "size": SIZES, "y": ["p", "q"] * 20})
        frame.write_csv(tmp_path / "train.csv")
        frame.filter(pl.col("share") == "12%").write_csv(tmp_path / "test.csv")
        data = load_data(tmp_path / "train.csv", test_data=tmp_path / "test.csv")
        monkeypatch.chdir(tmp_path)
        for part in (None, "test"):
            _, raw = read_own(data.provenance, part=part, known=data.encoding.known)
            assert len(raw) == (40 if part is None else 10)


class TestSparseRowsInAFile:
    """Columns at the end that are 0 everywhere are not written."""

    rows = np.random.default_rng(0).integers(1, 9, (30, 5)).astype(float)

    @pytest.fixture
    def data(self):
        return load_data((sp.csr_matrix(self.rows), [0, 1] * 15))

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1 1:0.5 2:0.25\n0 3:2\n", [[0.5, 0.25, 0, 0, 0], [0, 0, 2, 0, 0]]),
            ("1 5:3\n", [[0, 0, 0, 0, 3]]),
            ("1\n0\n", [[0] * 5, [0] * 5]),
        ],
    )
    def test_are_filled_up(self, data, written, text, expected):
        raw = read_again(written(text, "t.svm"), data.provenance, known=data.encoding.known)
        assert raw.rows.dense().tolist() == expected
        largest = self.rows[data.train.origin].max(axis=0)
        np.testing.assert_allclose(data.encoding.encode(raw, []).inputs.dense(), np.array(expected) / largest)

    def test_a_model_of_dense_rows(self, written):
        data = load_data((self.rows, [0, 1] * 15))
        raw = read_again(written("1 1:0.5\n0 3:2\n", "t.svm"), data.provenance, known=data.encoding.known)
        expected = data.encoding.inputs.encode([[0.5, 0, 0, 0, 0], [0, 0, 2, 0, 0]])[0]
        assert np.array_equal(data.encoding.encode(raw, []).inputs, expected)

    def test_they_are_counted_as_in_training(self, written):
        text = "".join(f"{row % 2} 0:{row + 1} 2:{row % 3 + 1}\n" for row in range(20))
        data = load_data(written(text, "train.svm"))
        assert data.provenance["zero_based"] is True
        other = written("1 1:5 2:7\n", "other.svm")
        known = data.encoding.known
        assert read_again(other, data.provenance, known=known).rows.dense().tolist() == [[0, 5, 7]]
        counted = read_again(other, data.provenance, known=known, zero_based=False)
        assert counted.rows.dense().tolist() == [[5, 7, 0]]

    def test_a_column_0_where_they_are_counted_from_1(self, written):
        data = load_data(written("1 1:2 2:3\n0 1:5\n" * 5, "train.svm"))
        other = written("1 0:5 1:7\n", "other.svm")
        with pytest.raises(DataError, match="there is a column 0, but columns are counted from 1") as caught:
            read_again(other, data.provenance, known=data.encoding.known)
        assert "--zero-based" in caught.value.remedy
        raw = read_again(other, data.provenance, known=data.encoding.known, zero_based=True)
        assert raw.rows.dense().tolist() == [[5, 7]]

    def test_more_columns_are_refused(self, data, written):
        raw = read_again(written("1 1:1 6:1\n", "t.svm"), data.provenance, known=data.encoding.known)
        with pytest.raises(DataError, match="do not have as many columns") as caught:
            data.encoding.encode(raw, [])
        assert (caught.value.expected, caught.value.received) == ("5 columns", "6 columns")

    def test_a_separate_set_is_filled_up(self, written):
        train = written("".join(f"{row % 2} 1:{row + 1} 4:{row % 3 + 1}\n" for row in range(20)), "train.svm")
        test = written("0 1:2\n1 1:3\n", "test.svm")
        assert load_data(train, test_data=test).test.inputs.dense().shape == (2, 4)
