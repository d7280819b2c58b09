"""What all tests share: the folder of real data."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder():
    """The real files: $PELLUCID_DATA, or shared/data beside the repository."""
    repository = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("PELLUCID_DATA") or repository.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.fail(f"the real data is not there: {folder}; name its folder with PELLUCID_DATA")
    return folder
