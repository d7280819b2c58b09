"""The names of idx files, and the data sets that a folder of them contains."""

import re
from collections.abc import Mapping
from pathlib import Path

from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.unpacking import COMPRESSED
from pellucid.errors import DataError, MissingFileError

__all__ = ["FILES", "find_set", "has_sets", "is_set"]

# The names of the four files, as published.
FILES: Mapping[str, str] = {
    "training images": "train-images-idx3-ubyte",
    "training labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}
# EMNIST's begin with the name of a set, as in emnist-letters-test-images-idx3-ubyte.gz; some copies are named
# train-images.idx3-ubyte.
_NAME = re.compile(
    rf"(|.+-)(train|t10k|test)-(images|labels)[-.]idx\d-ubyte(|{'|'.join(map(re.escape, COMPRESSED))})"
)
_SETS = {"train": "training", "t10k": "test", "test": "test"}

Paths = dict[str, Path]


def is_set(path: Path) -> bool:
    """Return whether a path is the name of a set in a folder of several, such as folder/emnist-letters."""
    return not path.exists() and path.parent.is_dir() and f"{path.name}-" in _sets(path.parent)


def has_sets(folder: Path) -> bool:
    """Return whether a folder contains idx files."""
    return bool(_sets(folder))


def find_set(folder: Path) -> tuple[Paths, str, list[str]]:
    """Return the four files of a folder by their contents, what their names begin with, and notes."""
    if is_set(folder):
        prefix = f"{folder.name}-"
        return _complete(_sets(folder.parent)[prefix], prefix, folder.parent), prefix, []
    sets = _sets(folder)
    if not sets:
        raise _no_data(folder)
    if len(sets) > 1 and "" not in sets:
        names = sorted(prefix.removesuffix("-") for prefix in sets)
        raise DataError(
            "the folder contains several data sets",
            expected="the four files of one data set",
            received=excerpt(", ".join(names)),
            where=str(folder),
            remedy=f"choose one by its name, such as {folder / names[0]}",
        )
    prefix = "" if "" in sets else next(iter(sets))
    others = sorted(other.removesuffix("-") for other in sets if other != prefix)
    notes = [f"other data sets in the folder are not read: {excerpt(', '.join(others))}"] * bool(others)
    return _complete(sets[prefix], prefix, folder), prefix, notes


def _sets(folder: Path) -> dict[str, Paths]:
    """Return the files of each data set in a folder; of a file and its compressed copy, the file counts."""
    sets: dict[str, Paths] = {}
    for path in sorted(folder.iterdir()):
        found = _NAME.fullmatch(path.name)
        if found and path.is_file():
            sets.setdefault(found[1], {}).setdefault(f"{_SETS[found[2]]} {found[3]}", path)
    return sets


def _complete(paths: Paths, prefix: str, folder: Path) -> Paths:
    """Check that all four files are there."""
    for part, file in FILES.items():
        if part not in paths:
            raise MissingFileError(
                "one of the four idx files is missing",
                expected=f"{prefix}{file}, plain or with .gz",
                received=_listing(folder),
                where=str(folder),
                remedy="put the four files of one data set into the folder, or give a single file",
            )
    return paths


def _no_data(folder: Path) -> MissingFileError:
    inner = [path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] not in "._"]
    return MissingFileError(
        "the folder contains neither idx files nor images by class",
        expected=f"{', '.join(FILES.values())}, plain or with .gz; or a folder of images for each class, "
        "such as cat/1.png and dog/1.png, perhaps in folders train, validation and test",
        received=_listing(folder),
        where=str(folder),
        remedy=f"if the data are in {inner[0]}, give that folder"
        if len(inner) == 1
        else "give a single file",
    )


def _listing(folder: Path) -> str:
    names = sorted(entry.name for entry in folder.iterdir())
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return excerpt(", ".join(names[:8])) + more or "an empty folder"
