"""Data that cannot be used: each gets one clear error, and nothing is half-written."""

import gzip
import struct
import zipfile

import numpy as np
import polars as pl
import pytest

from .conftest import write_images

HEAD = "size,colour,kind"
GOOD = [f"{k},{'red' if k % 3 else 'blue'},{'yes' if k % 2 else 'no'}" for k in range(20)]


def lines(*rows):
    return "\n".join([HEAD, *rows]) + "\n"


# The content of table.csv, more options, and what the error must say.
TABLES = {
    "no target column": (lines(*GOOD), ["-t", "kinds"], ["no column 'kinds'", "did you mean 'kind'"]),
    "empty": ("", [], []),
    "no rows": (lines(), [], ["rows"]),
    "one class": (lines(*(f"{k},red,yes" for k in range(20))), [], ["class"]),
    "one value": ("x,y\n" + "".join(f"{k},5.5\n" for k in range(30)), [], ["constant"]),
    "words where numbers were": (
        "x,y\n" + "".join(f"{k},{k}.5\n" for k in range(30)) + "3,many\n",
        ["--task", "regression"],
        ["numbers", "'many'", "line 32"],
    ),
    "a wrong delimiter": (
        lines(*GOOD).replace(",", ";"),
        ["--delimiter", ","],
        ["another delimiter", "--delimiter ';'"],
    ),
    "a row too short": (lines(*GOOD, "7,red"), [], ["does not have as many cells", "line 22", "3 cells"]),
    "mixed encodings": (
        lines(*GOOD).encode() + "1,grün,yes\n".encode() + "1,grün,yes\n".encode("latin-1"),
        [],
        ["table.csv"],
    ),
    "a split column of other words": (
        "x,y,part\n" + "".join(f"{k},{k % 2},{'xyz'[k % 3]}\n" for k in range(30)),
        ["-t", "y", "--split-column", "part"],
        ["part"],
    ),
    "a split without a test part": (
        "x,y,part\n" + "".join(f"{k},{k % 2},train\n" for k in range(30)),
        ["-t", "y", "--split-column", "part"],
        ["test"],
    ),
    "only a target": ("y\n" + "".join(f"{k % 2}\n" for k in range(30)), [], []),
}  # fmt: skip


def is_one_clear_error(result):
    assert result.status == 2
    assert result.out == ""
    assert "Traceback" not in result.err
    assert result.err.count("Error: ") == 1
    assert len(result.err.splitlines()) >= 2


@pytest.mark.parametrize("kind", TABLES)
def test_a_table(run, tmp_path, kind):
    content, options, says = TABLES[kind]
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run("train", path, "--save", tmp_path / "m.pellucid", "-e", "1", *options)
    is_one_clear_error(result)
    assert [words for words in says if words not in result.err] == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]


class TestFiles:
    def test_missing(self, run, table):
        result = run("train", table.with_name("tabel[dim].csv"))
        is_one_clear_error(result)
        assert "no such file or data set" in result.err
        assert "did you mean 'table[dim].csv'" in result.err

    def test_a_name_nearly_right(self, run, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        result = run("train", "digit")
        is_one_clear_error(result)
        assert "did you mean 'digits'" in result.err

    @pytest.mark.parametrize("name", ["notes.pdf", "table"])
    def test_of_another_kind(self, run, tmp_path, name):
        (tmp_path / name).write_text("Dear reader,\nthis is a letter.\n")
        result = run("train", tmp_path / name)
        is_one_clear_error(result)
        assert ".csv, .tsv, .tab" in result.err
        assert "text, but not a table" in result.err

    @pytest.mark.parametrize("name", ["table.csv", "table.tsv", "table.parquet", "table.npz"])
    def test_of_noise(self, run, tmp_path, name):
        (tmp_path / name).write_bytes(bytes(range(256)) * 4)
        result = run("train", tmp_path / name)
        is_one_clear_error(result)
        assert name in result.err

    def test_an_empty_folder(self, run, tmp_path):
        result = run("train", tmp_path)
        is_one_clear_error(result)
        assert "idx" in result.err

    def test_through_the_real_command(self, shell, tmp_path):
        (tmp_path / "table.csv").write_text(lines())
        result = shell("train", "table.csv", "--save", "m.pellucid")
        is_one_clear_error(result)
        assert [entry.name for entry in tmp_path.iterdir()] == ["table.csv"]


class TestIdx:
    IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"

    @pytest.fixture
    def folder(self, tmp_path):
        return write_images(tmp_path)

    def test_is_good_as_it_is(self, run, folder):
        assert run("train", folder, "-e", "1").status == 0

    @pytest.mark.parametrize(
        ("name", "change", "says"),
        [
            (IMAGES, lambda content: content[:-5], "bytes"),
            (IMAGES, lambda content: content[:10], IMAGES),
            (IMAGES, lambda content: b"", IMAGES),
            (IMAGES, lambda content: content + b"more", "bytes"),
            (IMAGES, lambda content: b"\0\0\x0d\3" + content[4:], IMAGES),
            (IMAGES, lambda content: b"PK\3\4" + content[4:], IMAGES),
            (LABELS, lambda content: struct.pack(">BBBBI", 0, 0, 8, 1, 39) + content[8:-1], "39"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("gzipped", [False, True])
    def test_damaged(self, run, folder, name, change, says, gzipped):
        path = folder / name
        content = change(path.read_bytes())
        if gzipped:
            path.unlink()
            path.with_name(f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            path.write_bytes(content)
        result = run("train", folder)
        is_one_clear_error(result)
        assert says in result.err

    def test_a_gzip_file_cut_short(self, run, folder):
        path = folder / self.IMAGES
        whole = gzip.compress(path.read_bytes())
        path.unlink()
        path.with_name(f"{self.IMAGES}.gz").write_bytes(whole[: len(whole) // 2])
        is_one_clear_error(run("train", folder))

    @pytest.mark.parametrize("name", [IMAGES, LABELS])
    def test_a_file_too_few(self, run, folder, name):
        (folder / name).unlink()
        result = run("train", folder)
        is_one_clear_error(result)
        assert name in result.err


class TestNpz:
    def arrays(self, **changed):
        x = np.arange(80.0).reshape(40, 2)
        return {"x": x, "y": np.arange(40) % 2} | changed

    def saved(self, tmp_path, arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return tmp_path / "data.npz"

    def test_is_good_as_it_is(self, run, tmp_path):
        assert run("train", self.saved(tmp_path, self.arrays()), "-e", "1").status == 0

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    def test_no_number(self, run, tmp_path, bad):
        x = self.arrays()["x"]
        x[7, 1] = bad
        result = run("train", self.saved(tmp_path, self.arrays(x=x)))
        is_one_clear_error(result)
        assert "row 7" in result.err

    def test_different_lengths(self, run, tmp_path):
        result = run("train", self.saved(tmp_path, self.arrays(y=np.arange(39) % 2)))
        is_one_clear_error(result)
        assert "40" in result.err
        assert "39" in result.err

    def test_objects_are_not_unpickled(self, run, tmp_path):
        words = np.array([{"a": 1}] * 40, dtype=object)
        is_one_clear_error(run("train", self.saved(tmp_path, self.arrays(y=words))))


class TestMoreThanMemoryHolds:
    """Small files that claim or unpack to more than there is room for, through the real command."""

    def test_columns(self, shell, tmp_path):
        (tmp_path / "table.csv").write_text(",".join(f"c{column}" for column in range(200_000)) + "\n")
        result = shell("train", "table.csv")
        is_one_clear_error(result)
        assert "PELLUCID_MAX_COLUMNS" in result.err

    def test_numbers(self, shell, tmp_path):
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 2), }\n"
        with zipfile.ZipFile(tmp_path / "data.npz", "w") as file:
            file.writestr("x.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header)
        result = shell("train", "data.npz")
        is_one_clear_error(result)
        assert "PELLUCID_MAX_CELLS" in result.err

    def test_rows_of_a_parquet_file(self, shell, tmp_path):
        pl.select(x=pl.repeat(0, 60_000_000, dtype=pl.UInt8)).write_parquet(tmp_path / "table.parquet")
        assert (tmp_path / "table.parquet").stat().st_size < 200_000
        result = shell("train", "table.parquet", env={"PELLUCID_MAX_CELLS": "50000000"})
        is_one_clear_error(result)
        assert "60,000,000" in result.err

    def test_a_limit_that_is_none(self, shell, tmp_path):
        (tmp_path / "table.csv").write_text(lines(*GOOD))
        result = shell("train", "table.csv", env={"PELLUCID_MAX_COLUMNS": "many"})
        is_one_clear_error(result)
        assert "PELLUCID_MAX_COLUMNS" in result.err
