import io
import json
import random
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import pellucid
from pellucid.data import load_data
from pellucid.data.readers import separate_process as module
from pellucid.data.readers.separate_process import read_frame
from pellucid.errors import DataError, FormatError, PellucidError, StorageError

FRAME = pl.DataFrame({"a": [row / 3 for row in range(60)], "w": [f"w{row % 5}" for row in range(60)]})


def read_parquet(path):
    return read_frame(path, "Parquet")


@pytest.fixture
def saved(tmp_path):
    """Write a frame and give its path."""

    def save(frame, **how):
        frame.write_parquet(tmp_path / "t.parquet", **how)
        return tmp_path / "t.parquet"

    return save


def test_there_and_back(saved):
    frame = pl.DataFrame({"a": [1, None], "b": ["x", " ? "]})
    assert read_frame(saved(frame), "Parquet").rows() == [(1.0, "x"), (None, "?")]


COLUMNS = {
    "bytes": (pl.Series([1, None, 255], dtype=pl.UInt8), [1.0, None, 255.0]),
    "float32": (pl.Series([0.5, None, float("nan")], dtype=pl.Float32), [0.5, None, None]),
    "decimals": (pl.Series(["1.5", None, "2"]).cast(pl.Decimal(10, 2)), [1.5, None, 2.0]),
    "categories": (pl.Series(["é", None, "b"], dtype=pl.Categorical), ["é", None, "b"]),
    "enumerated": (pl.Series(["a", None, "b"], dtype=pl.Enum(["b", "a"])), ["a", None, "b"]),
    "booleans": (pl.Series([True, None, False]), [True, None, False]),
    "dates": (pl.Series([date(2024, 5, 1), None]), ["2024-05-01", None]),
    "durations": (pl.Series([timedelta(minutes=2, milliseconds=5), None]), [120.005, None]),
    "nothing": (pl.Series([None, None, None]), [None, None, None]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of(saved, kind):
    column, expected = COLUMNS[kind]
    assert read_frame(saved(pl.DataFrame({"c": column})), "Parquet").to_series().to_list() == expected


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (pl.Series([[1, 2], [3], [4], [5]]), "lists"),
        (pl.Series([[1, 2], [3, 4], [5, 6], [7, 8]], dtype=pl.Array(pl.Int8, 2)), "lists"),
        (pl.Series([{"k": 1}, {"k": 2}, {"k": 3}, {"k": 4}]), "structs"),
        (pl.Series([b"a", b"b", b"c", b"d"]), "bytes"),
    ],
    ids=lambda value: str(getattr(value, "dtype", value)),
)
def test_a_column_of_another_kind_is_refused_only_if_it_is_used(saved, column, what):
    path = saved(pl.DataFrame({"good": [1, 2, 1, 2], "odd": column, "y": [1, 2, 1, 2]}))
    data = load_data(path, test_size=2)
    assert data.inputs.features == ("good",)
    assert f"column 'odd': left out, because the cells are {what}" in data.notes
    with pytest.raises(DataError, match="neither numbers nor text") as caught:
        load_data(path, target="odd")
    assert (caught.value.received, caught.value.where) == (what, "column 'odd'")


def test_names_with_signs_that_polars_takes_for_patterns(saved):
    path = saved(FRAME).rename(saved(FRAME).with_name("a[b]*?é.parquet"))
    assert len(read_parquet(path)) == 60


@pytest.mark.parametrize("content", [b"", b"junk", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_no_parquet(written, content):
    with pytest.raises(FormatError, match="not a readable Parquet"):
        read_parquet(written(content, "t.parquet"))


def test_cut_short(saved):
    path = saved(pl.DataFrame({"a": list(range(1000))}))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError):
        read_parquet(path)


def repeated(text, times):
    """A column of one long text, which the file holds once."""
    return pl.DataFrame({"w": [text]}).select(pl.col("w").repeat_by(times).explode())


@pytest.mark.parametrize("how", [{}, {"compression": "zstd"}, {"compression": "lz4"}])
def test_arrow(tmp_path, how):
    FRAME.write_ipc(tmp_path / "t.arrow", **how)
    assert read_frame(tmp_path / "t.arrow", "Arrow").equals(FRAME)


@pytest.mark.parametrize("length", [8, 100, -10])
def test_arrow_cut_short(tmp_path, length):
    path = tmp_path / "t.arrow"
    FRAME.write_ipc(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(FormatError, match="not a readable Arrow file"):
        read_frame(path, "Arrow")


class TestMoreThanMemoryHolds:
    def test_columns(self, saved, monkeypatch):
        monkeypatch.setenv("PELLUCID_MAX_COLUMNS", "1")
        with pytest.raises(FormatError, match="too many columns") as caught:
            read_frame(saved(FRAME), "Parquet")
        assert caught.value.received == "2"

    def test_cells(self, saved, monkeypatch):
        monkeypatch.setenv("PELLUCID_MAX_CELLS", "119")
        with pytest.raises(FormatError, match="too many cells") as caught:
            read_frame(saved(FRAME), "Parquet")
        assert (caught.value.expected[:11], caught.value.received) == ("at most 119", "120")

    def test_text(self, saved):
        path = saved(repeated("x" * 100_000, 1000))
        with pytest.raises(FormatError, match="too many cells") as caught:
            read_parquet(path)
        assert caught.value.received == "12,500,000"

    def test_a_dictionary_of_text(self, saved):
        path = saved(repeated("x" * 100_000, 1000).cast(pl.Categorical))
        with pytest.raises(FormatError, match="too many cells"):
            read_parquet(path)

    def test_lists_are_not_read(self, saved, monkeypatch):
        handed_over = []
        read = pl.read_ipc
        monkeypatch.setattr(pl, "read_ipc", lambda file: handed_over.append(read(file)) or handed_over[0])
        read_frame(saved(pl.DataFrame({"a": [1], "l": [[1, 2]]})), "Parquet")
        assert handed_over[0].rows() == [(1, None)]

    @pytest.mark.skipif(sys.platform != "linux", reason="a limit on memory that holds")
    def test_the_process_that_reads_is_limited(self, saved, tmp_path):
        # The same file, in a process that is allowed next to nothing beyond what it has.
        program = (
            "import runpy, sys; reader = runpy.run_path(sys.argv[1]); main = reader['main'];"
            "main.__globals__.update(_MEMORY=1 << 20, _MEMORY_PER_THREAD=0);"
            "print(main('Parquet', sys.argv[2], 10**9, 10**9, 0))"
        )
        line = [sys.executable, "-c", program, module._PROGRAM, tmp_path / "frame"]
        path = saved(repeated("x" * 50_000_000, 2))
        with path.open("rb") as file:
            done = subprocess.run(list(map(str, line)), stdin=file, capture_output=True)
        assert done.returncode != 0 or b"refused" in done.stdout
        assert not (tmp_path / "frame").exists()


@pytest.mark.slow
class TestDamage:
    KINDS = (
        FRAME,
        FRAME.with_columns(pl.when(pl.col("a") > 9).then(pl.col("a")), pl.col("w").cast(pl.Categorical)),
        FRAME.with_columns(pl.struct("a", "w").alias("s"), pl.concat_list("a", "a").alias("l")),
    )

    def damaged(self, draw):
        whole = io.BytesIO()
        compression = draw.choice(["uncompressed", "snappy", "zstd"])
        draw.choice(self.KINDS).write_parquet(whole, compression=compression)
        content = bytearray(whole.getvalue())
        footer = int.from_bytes(content[-8:-4], "little")
        at = len(content) - draw.randrange(1, 9 + footer if draw.random() < 0.5 else len(content))
        match draw.randrange(3):
            case 0:
                content[at] ^= 1 << draw.randrange(8)
            case 1:
                del content[at : at + draw.choice([1, 50])]
            case 2:
                content[at : at + 4] = b"\xff\xff\xff\x7f"
        return bytes(content)

    def test_is_one_error_or_harmless(self, written):
        draw = random.Random(3)
        refused = 0
        for _ in range(15):
            try:
                read_parquet(written(self.damaged(draw), "t.parquet"))
            except PellucidError as error:
                refused += len(str(error)) < 1000
        assert refused > 5


class TestTheProcessThatReads:
    """What may happen to it and around it, with other programs in its place."""

    @pytest.fixture
    def instead(self, monkeypatch, tmp_path):
        def put(program):
            path = tmp_path / "program.py"
            path.write_text(program)
            monkeypatch.setattr(module, "_PROGRAM", path)

        return put

    @pytest.mark.parametrize(
        ("program", "says"),
        [
            ("import os; os.abort()", "ended the reading process"),
            ("import sys; sys.exit(3)", "exit status 3"),
            ("print('{')", "exit status 0"),
            ("raise MemoryError", "exit status 1"),
        ],
    )
    def test_ends_in_any_way(self, saved, instead, capfd, program, says):
        instead("import sys; print('noise', file=sys.stderr);" + program)
        with pytest.raises(FormatError, match="not a readable Parquet") as caught:
            read_frame(saved(FRAME), "Parquet")
        assert says in caught.value.received
        assert capfd.readouterr() == ("", "")

    def test_takes_too_long(self, saved, instead, monkeypatch):
        monkeypatch.setattr(module, "_SECONDS", 0.1)
        instead("import time; time.sleep(60)")
        with pytest.raises(FormatError) as caught:
            read_frame(saved(FRAME), "Parquet")
        assert "took longer" in caught.value.received

    @pytest.mark.parametrize("name", ["", "/no/such/python"])
    def test_cannot_be_started(self, saved, monkeypatch, name):
        path = saved(FRAME)
        monkeypatch.setattr(sys, "executable", name)
        with pytest.raises(StorageError, match="could not be started") as caught:
            read_parquet(path)
        assert "polars.read_parquet" in caught.value.remedy

    def test_cannot_hand_over_what_it_read(self, saved, monkeypatch):
        path = saved(FRAME)
        answer = json.dumps({"not written": "No space left on device"})
        done = subprocess.CompletedProcess([], 0, stdout=answer.encode())
        monkeypatch.setattr(subprocess, "run", lambda *line, **how: done)
        with pytest.raises(StorageError, match="could not write it to a temporary file") as caught:
            read_parquet(path)
        assert caught.value.received == "No space left on device"

    def test_leaves_nothing_behind(self, saved, monkeypatch, tmp_path):
        place = tmp_path / "temporary"
        place.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(place))
        read_frame(saved(FRAME), "Parquet")
        assert list(place.iterdir()) == []

    def test_finds_the_packages_that_this_process_found(self, saved, instead, monkeypatch, tmp_path):
        place = tmp_path / "place"
        place.mkdir()
        (place / "only_here.py").touch()
        monkeypatch.syspath_prepend(place)
        instead("import only_here, json; print(json.dumps({'refused': 'found'}))")
        with pytest.raises(FormatError) as caught:
            read_frame(saved(FRAME), "Parquet")
        assert caught.value.received == "found"

    def test_takes_no_neighbour_of_its_program_for_a_package(self, saved, instead, tmp_path):
        (tmp_path / "json.py").write_text("raise SystemExit(7)")
        instead("import json; print(json.dumps({'refused': 'found'}))")
        with pytest.raises(FormatError) as caught:
            read_frame(saved(FRAME), "Parquet")
        assert caught.value.received == "found"

    def test_is_started_by_any_program(self, saved, tmp_path):
        """One without a guard, read from standard input or given with -c, in a folder of strange files."""
        (tmp_path / "polars.py").write_text("raise SystemExit(7)")
        place = Path(pellucid.__file__).parents[1]
        program = (
            f"import sys; sys.path[:] = [entry for entry in sys.path if entry] + [{str(place)!r}]\n"
            f"from pellucid.data import read_data\n"
            f"print(len(read_data({str(saved(FRAME))!r}, require_target=False)))\n"
        )
        for line, said in ((["-c", program], b""), (["-"], program.encode())):
            done = subprocess.run([sys.executable, *line], input=said, cwd=tmp_path, capture_output=True)
            assert (done.stdout.strip(), done.stderr) == (b"60", b"")

    def test_is_started_by_a_thread_as_well(self, saved):
        path, found = saved(FRAME), []
        thread = threading.Thread(target=lambda: found.append(read_parquet(path)))
        thread.start()
        thread.join()
        assert found[0].equals(read_parquet(path))
