"""MNIST by name: from the data folder, from the cache, or downloaded into the cache."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pellucid.data.raw import RawData
from pellucid.data.readers.builtin.published import PublishedFile
from pellucid.data.readers.idx import idx_files, idx_folder
from pellucid.errors import MissingFileError, StorageError

__all__ = ["MIRRORS", "PUBLISHED", "mnist"]

MIRRORS: Sequence[str] = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# The four files, by their contents.
PUBLISHED: Mapping[str, PublishedFile] = {
    "training images": PublishedFile(
        "train-images-idx3-ubyte.gz",
        9_912_422,
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    "training labels": PublishedFile(
        "train-labels-idx1-ubyte.gz",
        28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    "test images": PublishedFile(
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    "test labels": PublishedFile(
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
}


def mnist(mirrors: Sequence[str] = MIRRORS, *, download: bool = True) -> RawData:
    """Return MNIST: 60,000 handwritten digits to train on and 10,000 to test with, 28 x 28 bytes each.

    It is read from the folder mnist in $PELLUCID_DATA if there is one, or else from the user's cache folder,
    where it is downloaded if necessary. Files in the cache are verified each time; those in $PELLUCID_DATA,
    which belong to the user, are not.

    Parameters
    ----------
    mirrors : sequence of str
        The URLs to download from.
    download : bool
        Whether files that are not on this machine may be downloaded.

    Raises
    ------
    StorageError
        When it cannot be downloaded, or there is no folder for it.
    MissingFileError
        When it would have to be downloaded.
    FormatError
        When the downloaded files are not MNIST.
    """
    given = os.environ.get("PELLUCID_DATA")
    if given and (Path(given) / "mnist").is_dir():
        return idx_folder(Path(given) / "mnist", "mnist")
    from pellucid.data.readers.builtin.download import fetch  # 20 ms to import, with http behind it

    folder = _cache() / "mnist"
    if not download:
        mirrors = ()
        if not all((folder / file.name).is_file() for file in PUBLISHED.values()):
            raise MissingFileError(
                "mnist is not on this machine", expected="its four files", where=str(folder)
            )
    # Exactly these files: others in that folder have not been verified.
    return idx_files({part: fetch(file, mirrors, folder) for part, file in PUBLISHED.items()}, "mnist")


def _cache() -> Path:
    """Return the user's cache folder."""
    import platformdirs  # it has a start-up cost

    try:
        folder = platformdirs.user_cache_path("pellucid")
    except (RuntimeError, KeyError):
        folder = Path("~")
    if not folder.is_absolute():  # as older versions of platformdirs leave it
        raise StorageError(
            "there is no folder to store mnist in, because this user has no home folder",
            expected="HOME or XDG_CACHE_HOME in the environment, or PELLUCID_DATA with a folder mnist",
            received="none of them, and no entry in the system's user database",
        )
    return folder
