"""Damaged files through the readers: each is read, or gives one error.

``python -m benchmarks.fuzzing --heads 1000000 --files 20000``
"""

import bz2
import gzip
import io
import lzma
import random
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import polars as pl

from pellucid.data import read_data
from pellucid.data.options import ReadOptions
from pellucid.data.readers.files import choose_format
from pellucid.data.readers.idx_names import FILES
from pellucid.data.readers.recognition import Start, start_of
from pellucid.errors import PellucidError

__all__ = ["APART", "Outcome", "intact_files", "try_files", "try_heads"]

# Formats that are read in a process of their own, which takes long to start: one damaged file in this many.
APART = (".parquet", ".arrow", ".xlsx")
_SHARE_APART = 20
# One head in this many is written to a file, and unpacked if it is compressed.
_SHARE_WRITTEN = 100
_HEAD_BYTES = 400
_LONGEST_ERROR = 5_000


@dataclass
class Outcome:
    """What became of damaged files.

    Parameters
    ----------
    counts : Counter
        How many were read and refused.
    slowest : (float, str)
        The longest time of the processor in seconds, without other processes, and the name of the file.
    failures : list of (str, bytes, str)
        Names, contents and tracebacks of those that ended otherwise.
    """

    counts: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "")
    failures: list[tuple[str, bytes, str]] = field(default_factory=list)

    def add(self, name: str, content: bytes, read: Callable[[], object]) -> None:
        """Try to read a file, and count the outcome."""
        begin = time.process_time()
        try:
            read()
            self.counts["read"] += 1
        except PellucidError as error:
            self.counts["refused"] += 1
            if len(str(error)) > _LONGEST_ERROR:
                self.failures.append((name, content, f"an error of {len(str(error)):,} characters"))
        except Exception:
            self.failures.append((name, content, traceback.format_exc()))
        self.slowest = max(self.slowest, (time.process_time() - begin, name))


def try_heads(n: int, seed: int) -> Outcome:
    """Let damaged beginnings of files of every format be recognised."""
    outcome = Outcome()
    with TemporaryDirectory() as folder:
        intact = intact_files(Path(folder))
        draw = random.Random(seed)
        endings = [*intact, ".doc", ".zip", ""]
        for index in range(n):
            content = _damaged(draw.choice(list(intact.values()))[:_HEAD_BYTES], draw)
            name = f"table{draw.choice(endings)}"
            if index % _SHARE_WRITTEN:
                path = Path(folder, "no such folder", name)
                start = Start(path, content, content)
                outcome.add(name, content, partial(choose_format, path, start, ReadOptions()))
            else:
                path = Path(folder, name)
                path.write_bytes(content)
                outcome.add(name, content, partial(_recognised, path))
                path.unlink()
    return outcome


def _recognised(path: Path) -> object:
    return choose_format(path, start_of(path), ReadOptions())


def try_files(n: int, seed: int) -> Outcome:
    """Read damaged files of every format as a whole."""
    outcome = Outcome()
    with TemporaryDirectory() as folder:
        intact = intact_files(Path(folder))
        draw = random.Random(seed)
        fast = [ending for ending in intact if ending not in APART]
        for index in range(n):
            ending = draw.choice(fast if index % _SHARE_APART else APART)
            content = _damaged(intact[ending], draw)
            path = _written(Path(folder), ending, content)
            outcome.add(path.name, content, partial(read_data, path))
    return outcome


def _written(folder: Path, ending: str, content: bytes) -> Path:
    """Write a file, or one of a folder of files, and return what is to be read."""
    if ending not in _IN_FOLDERS:
        path = folder / f"table{ending}"
        path.write_bytes(content)
        return path
    whole = folder / ending
    (whole / _IN_FOLDERS[ending]).write_bytes(content)
    return whole


def _damaged(content: bytes, draw: random.Random) -> bytes:
    """Change, leave out, repeat or insert bytes in a few places, or none."""
    damaged = bytearray(content)
    for _ in range(draw.randrange(4)):
        at, length = draw.randrange(len(damaged) + 1), draw.choice([1, 4, 50])
        match draw.randrange(6):
            case 0 if at < len(damaged):
                damaged[at] ^= 1 << draw.randrange(8)
            case 1:
                del damaged[at : at + length]
            case 2:
                damaged[at:at] = damaged[at : at + length]
            case 3:
                damaged[at : at + 4] = draw.choice([b"\xff\xff\xff\x7f", b"\0\0\0\0", b"9999"])
            case 4:
                damaged[at:at] = draw.choice([b",", b"\n", b'"', b"{", b":", b"'", b"\0", "é".encode()])
            case _:
                del damaged[draw.randrange(len(damaged) + 1) :]
    return bytes(damaged)


# Formats of folders, and the file in each that is damaged.
_IN_FOLDERS: Mapping[str, str] = {"idx": FILES["training images"], "images": "a/0.png"}


def intact_files(folder: Path) -> dict[str, bytes]:
    """Return small files of every format by their endings, and write the folders."""
    numbers = np.arange(30) / 7
    frame = pl.DataFrame({"a": numbers, "b": numbers**2, "kind": ["x", "y y", "z"] * 10})
    text = frame.write_csv().encode()
    rows = "".join(f"{k % 3} 1:{k / 7} 3:{k}\n" for k in range(30))
    declared = "@relation t\n@attribute a real\n@attribute b numeric\n@attribute kind {x,'y y',z}\n@data\n"
    records = np.array([(k, "xyz"[k % 3]) for k in range(30)], [("a", "f8"), ("kind", "U2")])
    files = {
        ".csv": text,
        ".tsv": frame.write_csv(separator="\t").encode("utf-16"),
        ".txt": b"a report\n\n" + frame.write_csv(separator=";").replace(".", ",").encode("cp1252"),
        ".csv.gz": gzip.compress(text),
        ".csv.bz2": bz2.compress(text),
        ".csv.xz": lzma.compress(text),
        ".csv.zip": _zipped({"table.csv": text}),
        ".jsonl": frame.write_ndjson().encode(),
        ".npz": _saved(lambda file: np.savez(file, x=numbers.reshape(15, 2), y=np.arange(15) % 2)),
        ".npy": _saved(lambda file: np.save(file, numbers.reshape(15, 2))),
        ".npy.gz": gzip.compress(_saved(lambda file: np.save(file, records))),
        ".svm": rows.encode(),
        ".arff": (declared + frame.write_csv(include_header=False, quote_char="'")).encode(),
        ".parquet": _saved(frame.write_parquet),
        ".arrow": _saved(frame.write_ipc),
        ".xlsx": _saved(frame.write_excel),
    }
    return files | dict(_folders(folder))


def _folders(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Write folders of idx files and of images, and yield the file in each that is damaged."""
    from PIL import Image

    (folder / "idx").mkdir()
    for part, name in FILES.items():
        shape = (6, 2, 3) if "images" in part else (6,)
        sizes = b"".join(size.to_bytes(4, "big") for size in shape)
        head = bytes([0, 0, 8, len(shape)]) + sizes
        numbers = bytes(k % 3 for k in range(int(np.prod(shape))))
        (folder / "idx" / name).write_bytes(head + numbers)
    for label in "ab":
        (folder / "images" / label).mkdir(parents=True)
        for index in range(3):
            pixels = np.full((8, 9), 40 * index, np.uint8)
            Image.fromarray(pixels).save(folder / "images" / label / f"{index}.png")
    for name, file in _IN_FOLDERS.items():
        yield name, (folder / name / file).read_bytes()


def _saved(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _zipped(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@click.command()
@click.option("--heads", default=100_000, show_default=True, help="The number of damaged beginnings.")
@click.option("--files", default=2_000, show_default=True, help="The number of damaged files.")
@click.option("--seed", default=0, show_default=True)
def main(heads: int, files: int, seed: int) -> None:
    """Try damaged files, and print what became of them."""
    for what, outcome in (("heads", try_heads(heads, seed)), ("files", try_files(files, seed))):
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(outcome.counts.items()))
        seconds, name = outcome.slowest
        click.echo(f"{what}: {counts}, {len(outcome.failures)} failures; slowest {seconds:.2f} s ({name})")
        for name, content, error in outcome.failures[:20]:
            click.echo(f"\n{name}: {content[:200]!r}\n{error}")


if __name__ == "__main__":
    main()
