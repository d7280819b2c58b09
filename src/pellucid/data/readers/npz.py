"""NumPy's .npz files: x and y, or a training and a test set."""

import warnings
import zipfile
from collections.abc import Collection
from functools import partial
from pathlib import Path

import numpy as np

from pellucid.data.cells.arrays import check_lengths
from pellucid.data.examples import Array
from pellucid.data.raw import RawData
from pellucid.data.readers.array_file import checked_array
from pellucid.data.readers.arrays import arrays
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.opening import open_file, size_of
from pellucid.errors import DataError, FormatError, PellucidError

__all__ = ["npz"]

_PAIR = ("x", "y")
# The words for features and targets, and for the sets; where several are in a file, the first one counts.
_WORDS_FOR = {"x": ("x", "data", "images", "features"), "y": ("y", "target", "targets", "labels")}
_SETS = {"train": ("train",), "validation": ("validation", "valid", "val", "dev"), "test": ("test",)}
# What the arrays are called, in lower case, in the order of preference: x_train, train_images, data.
_MEANINGS = {
    spelling: f"{letter}_{part}"
    for part, names in _SETS.items()
    for name in names
    for letter in _PAIR
    for word in _WORDS_FOR[letter]
    for spelling in (f"{word}_{name}", f"{name}_{word}")
} | {word: letter for letter in _PAIR for word in _WORDS_FOR[letter]}
_WORDS = {"train": "training", "validation": "validation", "test": "test"}


def npz(path: Path, require_target: bool = True) -> RawData:
    """Read an .npz file with x and y, or with x_train, y_train and so on for the test and validation sets."""
    found, names = _read(path)
    sets = _sets(found)
    if require_target and "train" in sets and len(sets) > 1:
        raw = _split(sets, path)
        raw.notes += _without_targets(found, sets)
        return raw
    if "x" not in found or (require_target and "y" not in found):
        raise FormatError(
            "the arrays in the file do not have the expected names",
            expected="x and y, or x_train, y_train, x_test and y_test, and perhaps x_val and y_val; or words "
            "such as data and target, train_images and train_labels",
            received=excerpt(", ".join(sorted(names))) or "no arrays",
            where=str(path),
            remedy="name the arrays when they are saved: numpy.savez(path, x=features, y=targets)",
        )
    return arrays(found["x"], found.get("y"), path.name)


def _sets(found: dict[str, Array]) -> dict[str, tuple[Array, Array]]:
    """Return x and y of each set that has both."""
    return {
        part: (found[f"x_{part}"], found[f"y_{part}"])
        for part in _SETS
        if {f"x_{part}", f"y_{part}"} <= found.keys()
    }


def _without_targets(found: Collection[str], sets: Collection[str]) -> list[str]:
    """Note the sets that have features but no targets."""
    lacking = [part for part in _SETS if f"x_{part}" in found and part not in sets]
    return [f"the file has {_WORDS[part]} rows without targets, which are not read" for part in lacking]


def _split(sets: dict[str, tuple[Array, Array]], path: Path) -> RawData:
    """Join the sets, and mark the rows of each."""
    x, y = (_joined({part: pair[k] for part, pair in sets.items()}, "xy"[k], path) for k in (0, 1))
    for part, (rows, targets) in sets.items():
        check_lengths(len(rows), len(targets), f"the {_WORDS[part]} set of {path.name}")
    part_of = np.repeat(list(sets), [len(rows) for rows, _ in sets.values()])
    raw = arrays(x, y, path.name)
    raw.train = part_of == "train"
    if "validation" in sets:
        raw.validation = part_of == "validation"
    return raw


def _joined(parts: dict[str, Array], name: str, path: Path) -> Array:
    train = parts["train"]
    for part, array in parts.items():
        if array.ndim == 0 or train.ndim != array.ndim or train.shape[1:] != array.shape[1:]:
            raise DataError(
                f"the rows of {name}_train and {name}_{part} differ in shape",
                expected="the same shape after the first dimension",
                received=f"{train.shape} and {array.shape}",
                where=str(path),
            )
    return np.concatenate(list(parts.values()))


def _read(path: Path) -> tuple[dict[str, Array], list[str]]:
    """Read the arrays with known names, and list the names of all arrays."""
    with open_file(path, as_stored=True) as file:
        size = size_of(file)
        try:
            # NumPy warns about files written by Python 2, and Python about odd text in a damaged header.
            with warnings.catch_warnings(), zipfile.ZipFile(file) as archive:
                warnings.simplefilter("ignore")
                members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
                found = {}
                for meaning, name in _meanings(members).items():
                    open_again = partial(archive.open, members[name].filename)
                    found[meaning] = checked_array(open_again, size, f"{name} in {path}")
            return found, list(members)
        except PellucidError:
            raise
        except Exception as error:  # zipfile and NumPy raise many types of errors for damaged files
            raise FormatError(
                "the file is not an .npz file of plain arrays",
                expected="arrays saved with numpy.savez, without pickled objects",
                received=excerpt(error) or type(error).__name__,
                where=str(path),
            ) from None


def _meanings(names: Collection[str]) -> dict[str, str]:
    """Return the name of the array for each meaning."""
    spelled = {name.lower(): name for name in names}  # X_train, or X_Train
    found: dict[str, str] = {}
    for spelling, meaning in _MEANINGS.items():
        if spelling in spelled:
            found.setdefault(meaning, spelled[spelling])
    return found
