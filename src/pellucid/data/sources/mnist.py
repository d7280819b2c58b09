"""MNIST by its name: found in a folder of data, in the cache, or downloaded into it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pellucid.data.raw import RawData
from pellucid.data.sources.idx import idx_folder
from pellucid.errors import StorageError

__all__ = ["CHECKSUMS", "MIRRORS", "mnist"]

MIRRORS: Sequence[str] = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

# SHA-256 of the four files.
CHECKSUMS: Mapping[str, str] = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}


def mnist(mirrors: Sequence[str] = MIRRORS) -> RawData:
    """Give MNIST: 60,000 handwritten digits to train on and 10,000 to test with, 28 x 28 bytes each.

    It is looked for in the folder mnist of $PELLUCID_DATA, then in the user's cache folder, and
    downloaded there when it is in neither.

    Parameters
    ----------
    mirrors : sequence of str
        Where to download from.

    Raises
    ------
    StorageError
        When it cannot be downloaded.
    """
    given = os.environ.get("PELLUCID_DATA")
    if given and (Path(given) / "mnist").is_dir():
        return idx_folder(Path(given) / "mnist", "mnist")
    from pellucid.data.sources.download import fetch  # 20 ms to import, with http behind it

    folder = _cache() / "mnist"
    for name, sha256 in CHECKSUMS.items():
        fetch(name, sha256, mirrors, folder)
    return idx_folder(folder, "mnist")


def _cache() -> Path:
    """Give the user's cache folder."""
    import platformdirs  # its own start-up cost

    try:
        folder = platformdirs.user_cache_path("pellucid")
    except RuntimeError:
        folder = Path("~")
    if not folder.is_absolute():  # as older versions of platformdirs leave it
        raise StorageError(
            "there is no folder to keep mnist in, for this user has no home",
            expected="HOME or XDG_CACHE_HOME in the environment, or PELLUCID_DATA with a folder mnist",
            received="none of them, and no entry in the system's list of users",
        )
    return folder
