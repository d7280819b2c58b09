import bz2
import gzip
import io
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from pellucid.data import load_data, read_data, read_own
from pellucid.data.readers import piped as module
from pellucid.errors import DataError, FormatError, StorageError

TABLE = b"size,kind\n1,a\n2,b\n3,a\n4,b\n"
CONTENTS = {
    "text": TABLE,
    "gzip": gzip.compress(TABLE),
    "bzip2": bz2.compress(TABLE),
    "JSON lines": b'{"size": 1, "kind": "a"}\n{"size": 2, "kind": "b"}\n',
}


@pytest.fixture
def pipe():
    """Make a pipe that some bytes come through, and give its path."""
    reading, writing = os.pipe()

    def send(content):
        def write():
            with suppress(BrokenPipeError), os.fdopen(writing, "wb") as file:
                file.write(content)

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        return Path(f"/dev/fd/{reading}")

    yield send
    os.close(reading)


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="open files by their numbers")
class TestPipe:
    @pytest.mark.parametrize("kind", CONTENTS)
    def test_is_read_as_what_it_delivers(self, pipe, kind):
        assert read_data(pipe(CONTENTS[kind])).target.tolist()[:2] == ["a", "b"]

    def test_is_read_to_its_end(self, pipe):
        raw = read_data(pipe(b"size,kind\n" + b"1,x\n" * 300_000))
        assert len(raw) == 300_000

    def test_without_an_end_is_given_up(self, pipe, monkeypatch):
        monkeypatch.setattr(module, "_MOST_BYTES", 3_000_000)
        path = pipe(b"1,2\n" * 1_000_000)
        with pytest.raises(FormatError, match="the pipe delivers too much data") as caught:
            read_data(path)
        assert caught.value.expected == "at most 3,000,000 bytes"
        assert caught.value.where == str(path)

    def test_errors_name_the_pipe_and_nothing_is_left(self, pipe, monkeypatch, tmp_path):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        path = pipe(b"a,b\n1,2\n1,2,3\n1,2\n")
        with pytest.raises(FormatError) as caught:
            read_data(path, delimiter=",")
        assert caught.value.where == f"line 3 of {path} (counted from 1)"
        assert list(tmp_path.iterdir()) == []


@pytest.fixture
def standard_input(monkeypatch):
    """Put some bytes on standard input."""

    def put(content):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return put


class TestStandardInput:
    @pytest.mark.parametrize("kind", CONTENTS)
    def test_is_read_as_what_it_contains(self, standard_input, kind):
        standard_input(CONTENTS[kind])
        raw = read_data("-")
        assert (raw.name, raw.target.tolist()[:2]) == ("standard input", ["a", "b"])
        assert not any("looks like" in note for note in raw.notes)

    def test_a_single_column_is_text(self, standard_input):
        standard_input(b"size\n1\n2\n")
        assert read_data("-", require_target=False).rows["size"].to_list() == ["1", "2"]

    def test_can_be_read_again(self, standard_input):
        standard_input(TABLE)
        assert read_data("-").fingerprint() == read_data("-").fingerprint()

    def test_errors_name_it(self, standard_input):
        standard_input(b"a,b\n1,2\n1,2,3\n1,2\n")
        with pytest.raises(FormatError) as caught:
            read_data("-")
        assert caught.value.where == "line 3 of standard input (counted from 1)"

    def test_a_model_asks_for_data_later(self, standard_input):
        standard_input(TABLE)
        provenance = load_data("-", test_size=0.5).provenance
        assert provenance["source"] == "standard input"
        with pytest.raises(DataError, match="no data were given") as caught:
            read_own(provenance)
        assert caught.value.received == "a pipe, which is read only once"

    def test_empty(self, standard_input):
        standard_input(b"")
        with pytest.raises(DataError, match="the file is empty") as caught:
            read_data("-")
        assert caught.value.where == "standard input"

    def test_a_terminal_or_nothing_is_refused(self, monkeypatch):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        for stream, kind in ((Terminal(), "a terminal"), (None, "a closed stream")):
            monkeypatch.setattr(sys, "stdin", stream)
            with pytest.raises(StorageError, match="no data on standard input") as caught:
                read_data("-")
            assert caught.value.received == kind
            assert "pellucid train -" in caught.value.expected
