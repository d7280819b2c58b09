"""A test that cannot run here is left out with its reason, and is a failure where all are to run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
TESTS = {
    "test_fixture.py": "def test_it(data_folder): pass",
    "test_mark.py": "import pytest\n@pytest.mark.skip(reason='no reason')\ndef test_it(): pass",
    "test_module.py": "import pytest\npytest.importorskip('no_such_module')\ndef test_it(): pass",
    "test_passes.py": "def test_it(): pass",
    "test_known.py": "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False",
}


@pytest.mark.parametrize(
    ("wanted", "status", "summary"),
    [("", 0, "1 passed, 3 skipped, 1 xfailed"), ("1", 1, "1 passed, 1 xfailed, 3 errors")],
)
def test_what_is_left_out(tmp_path, wanted, status, summary):
    (tmp_path / "tests").mkdir()
    for name in ("pyproject.toml", "conftest.py", "tests/conftest.py"):
        shutil.copy(REPOSITORY / name, tmp_path / name)
    for name, content in TESTS.items():
        (tmp_path / "tests" / name).write_text(content)
    line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    env = {**os.environ, "PELLUCID_RUN_ALL_TESTS": wanted, "PELLUCID_DATA": "", "COLUMNS": "200"}
    done = subprocess.run(
        line, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status
    assert summary in done.stdout
    for reason in (
        "the real data are not in",
        "PELLUCID_DATA names their folder",
        "no_such_module",
        "no reason",
    ):
        assert reason in done.stdout
