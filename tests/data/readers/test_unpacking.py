import bz2
import gzip
import io
import lzma
import os
import random
import sys
import zipfile
import zlib

import pytest
import zstandard

from pellucid.data import read_data
from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import FormatError, PellucidError, StorageError

TABLE = b"a,b\n" + b"".join(b"%d,%s\n" % (number, b"xy"[number % 2 :][:1]) for number in range(40))


def zipped(content, *names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ["table.csv"]:
            archive.writestr(name, content)
    return file.getvalue()


PACK = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zip": zipped,
    ".zst": zstandard.compress,
}


@pytest.fixture(params=PACK)
def ending(request):
    return request.param


def test_a_table_is_unpacked(written, ending):
    path = written(PACK[ending](TABLE), f"table.csv{ending}")
    raw = read_data(path)
    assert (len(raw), raw.notes) == (40, read_data(written(TABLE)).notes)
    with open_file(path) as file:
        assert (size_of(file), file.read()) == (path.stat().st_size, TABLE)
    with open_file(path, as_stored=True) as file:
        assert file.read() == path.read_bytes()


def test_a_name_that_does_not_say_so_is_noted(written, ending):
    raw = read_data(written(PACK[ending](TABLE)))
    assert len(raw) == 40
    assert "which its name does not say; it is unpacked" in raw.notes[0]


def test_parts_that_follow_each_other_are_one_file(written):
    for name in (".gz", ".bz2", ".xz", ".zst"):
        with open_file(written(PACK[name](b"a,b\n") + PACK[name](b"1,2\n"))) as file:
            assert file.read() == b"a,b\n1,2\n"


def test_a_bomb_is_refused_while_it_is_unpacked(written, ending, monkeypatch):
    path = written(PACK[ending](b"0,1\n" * 100_000), f"table.csv{ending}")
    monkeypatch.setenv("PELLUCID_MAX_UNPACKED", "399999")
    with pytest.raises(FormatError, match="too much data") as caught:
        read_data(path)
    assert caught.value.expected.startswith("at most 399,999 bytes")
    monkeypatch.setenv("PELLUCID_MAX_UNPACKED", "400000")
    assert len(read_data(path)) == 100_000


def test_a_truncated_file(written, ending):
    packed = PACK[ending](TABLE)
    with pytest.raises(FormatError, match="corrupt or truncated"):
        read_data(written(packed[:-20], f"table.csv{ending}"))


def test_damaged_files_are_read_or_give_one_error(written, ending):
    draw, refused = random.Random(0), 0
    for _ in range(40):
        packed = bytearray(PACK[ending](TABLE))
        for _ in range(3):
            packed[draw.randrange(len(packed))] = draw.randrange(256)
        try:
            read_data(written(bytes(packed), f"table.csv{ending}"))
        except PellucidError:
            refused += 1
    assert refused > 20


def test_an_xz_file_that_claims_much_memory(written):
    packed = bytearray(lzma.compress(TABLE))
    # The size of the dictionary in the header of the first block, and the checksum of that header.
    end = 12 + 4 * (packed[12] + 1)
    packed[16] = 36  # 1 GiB
    packed[end - 4 : end] = zlib.crc32(packed[12 : end - 4]).to_bytes(4, "little")
    with pytest.raises(FormatError, match="corrupt or truncated") as caught:
        read_data(written(bytes(packed), "table.csv.xz"))
    assert "Memory usage limit" in caught.value.received


def test_without_the_package_for_zstd_the_error_names_the_extra(written, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(StorageError, match="not installed") as caught:
        read_data(written(zstandard.compress(TABLE), "table.csv.zst"))
    assert "pellucid[zstd]" in caught.value.remedy


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("folder/",)])
def test_a_zip_file_must_contain_a_single_file(written, names):
    with pytest.raises(FormatError, match="does not contain a single file"):
        read_data(written(zipped(b"" if len(names) == 1 else TABLE, *names), "tables.zip"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz", ".zst"], indirect=True)
def test_a_pipe(tmp_path, ending):
    path = tmp_path / "table.csv"
    os.mkfifo(path)
    # A pipe that is open at both ends keeps what is written to it.
    ends = os.open(path, os.O_RDWR)
    os.write(ends, PACK[ending](TABLE))
    with open_file(path, pipe=True) as file:
        os.close(ends)
        assert (size_of(file), file.read()) == (0, TABLE)
