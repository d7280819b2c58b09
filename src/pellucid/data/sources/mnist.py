"""MNIST by its name: found in a folder of data, in the cache, or downloaded into it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pellucid.data.raw import RawData
from pellucid.data.sources.idx import idx_files, idx_folder
from pellucid.data.sources.published import PublishedFile
from pellucid.errors import MissingFileError, StorageError

__all__ = ["MIRRORS", "PUBLISHED", "mnist"]

MIRRORS: Sequence[str] = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# The four files, by the parts that they hold.
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

    It is looked for in the folder mnist of $PELLUCID_DATA, then in the user's cache folder, and
    downloaded there when it is in neither. What lies in the cache is checked each time; the folder of
    $PELLUCID_DATA is the user's own, and is not.

    Parameters
    ----------
    mirrors : sequence of str
        Where to download from.
    download : bool
        Whether files that are not on this machine may be fetched.

    Raises
    ------
    StorageError
        When it cannot be downloaded, or there is no folder for it.
    MissingFileError
        When it would have to be downloaded.
    FormatError
        When what was downloaded is not MNIST.
    """
    given = os.environ.get("PELLUCID_DATA")
    if given and (Path(given) / "mnist").is_dir():
        return idx_folder(Path(given) / "mnist", "mnist")
    from pellucid.data.sources.download import fetch  # 20 ms to import, with http behind it

    folder = _cache() / "mnist"
    if not download:
        mirrors = ()
        if not all((folder / file.name).is_file() for file in PUBLISHED.values()):
            raise MissingFileError(
                "mnist is not on this machine", expected="its four files", where=str(folder)
            )
    # These very files: any other in that folder has not been checked.
    return idx_files({part: fetch(file, mirrors, folder) for part, file in PUBLISHED.items()}, "mnist")


def _cache() -> Path:
    """Return the user's cache folder."""
    import platformdirs  # its own start-up cost

    try:
        folder = platformdirs.user_cache_path("pellucid")
    except (RuntimeError, KeyError):
        folder = Path("~")
    if not folder.is_absolute():  # as older versions of platformdirs leave it
        raise StorageError(
            "there is no folder to keep mnist in, for this user has no home",
            expected="HOME or XDG_CACHE_HOME in the environment, or PELLUCID_DATA with a folder mnist",
            received="none of them, and no entry in the system's list of users",
        )
    return folder
