"""What all tests share: the folder of real data, which not everyone has."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder():
    """The real files: $PELLUCID_DATA, or shared/data beside the repository."""
    repository = Path(__file__).resolve().parents[1]
    folder = Path(os.environ.get("PELLUCID_DATA") or repository.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real data are not in {folder}; PELLUCID_DATA names their folder")
    return folder
