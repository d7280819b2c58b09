import subprocess
import sys

import pytest

from pellucid.data.readers import limits as module
from pellucid.data.readers.limits import check_cells, check_columns, most_cells, most_columns
from pellucid.errors import ConfigurationError, FormatError

GIB = 1 << 30

# What people have: rows, columns, and the bytes of the smallest file that it was seen in.
HONEST = {
    "Higgs": (11_000_000, 29, 800_000_000),
    "MNIST": (60_000, 784, 9_000_000),
    "gene expression": (1_000, 60_000, 20_000_000),
    "one-hot columns, nearly all of them zero": (100_000, 1_000, 700_000),
    "a small table": (10, 3, 100),
}


@pytest.mark.parametrize("kind", HONEST)
@pytest.mark.parametrize("memory", [8 * GIB, 16 * GIB, 10**15])
def test_honest_data_are_within_the_limits(monkeypatch, kind, memory):
    monkeypatch.setattr(module, "_memory", lambda: memory)
    rows, columns, size = HONEST[kind]
    check_cells(rows * columns, size, kind, frame=True)
    check_columns(columns, kind)


@pytest.mark.parametrize(
    ("cells", "size"),
    [(10**12, 300), (10**12, 10**12), (10_000_001, 1_000), (600_000_000, 1_300_000), (500_000_001, 10**9)],
)
def test_more_than_memory_would_hold_is_refused(cells, size):
    with pytest.raises(FormatError, match="too many cells") as caught:
        check_cells(cells, size, "here")
    assert (caught.value.received, caught.value.where) == (f"{cells:,}", "here")
    assert "PELLUCID_MAX_CELLS" in caught.value.remedy


def test_a_small_machine_holds_smaller_frames(monkeypatch):
    monkeypatch.setattr(module, "_memory", lambda: 4 * GIB)
    assert most_cells(10**9, frame=True) == 4 * GIB // 24
    assert most_cells(10**9) == 500_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="a limited address space")
def test_a_limited_address_space_holds_smaller_frames():
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30));"
        "from pellucid.data.readers.limits import most_cells; print(most_cells(10**9, frame=True))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert int(done.stdout) == GIB // 24


@pytest.mark.parametrize(
    ("variable", "most", "check"),
    [
        ("PELLUCID_MAX_CELLS", lambda: most_cells(300), lambda n: check_cells(n, 300, "here")),
        ("PELLUCID_MAX_COLUMNS", most_columns, lambda n: check_columns(n, "here")),
    ],
)
class TestVariables:
    @pytest.mark.parametrize("said", ["7", "999999999999999999"])
    def test_set_another_limit(self, monkeypatch, variable, most, check, said):
        monkeypatch.setenv(variable, said)
        assert most() == int(said)
        check(int(said))
        with pytest.raises(FormatError) as caught:
            check(int(said) + 1)
        assert f"{int(said):,}" in caught.value.expected
        assert variable in caught.value.remedy

    @pytest.mark.parametrize("said", ["", "0", "-1", "1e9", "many", "²", "9" * 19, "9" * 5000])
    def test_that_cannot_be_used_are_said(self, monkeypatch, variable, most, check, said):
        monkeypatch.setenv(variable, said)
        with pytest.raises(ConfigurationError, match="invalid limit on the size of data") as caught:
            check(1)
        assert variable in caught.value.where
        assert len(caught.value.received) <= 200
