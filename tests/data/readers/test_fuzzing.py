import pytest
from benchmarks.fuzzing import intact_files, try_files, try_heads

from pellucid.data import read_data
from pellucid.data.readers.formats import FORMATS


@pytest.mark.slow
def test_damaged_heads_are_recognised_or_give_one_error():
    outcome = try_heads(100_000, seed=1)
    assert outcome.failures == []
    assert min(outcome.counts["read"], outcome.counts["refused"]) > 1000


@pytest.mark.slow
@pytest.mark.parametrize("n", [600, pytest.param(4_000, marks=pytest.mark.long)])
def test_damaged_files_are_read_or_give_one_error(n):
    outcome = try_files(n, seed=n)
    assert outcome.failures == []
    assert min(outcome.counts["read"], outcome.counts["refused"]) > n / 10


def test_the_intact_files_are_of_every_format(tmp_path):
    names = set()
    for ending, content in intact_files(tmp_path).items():
        path = tmp_path / f"table{ending}" if "." in ending else tmp_path / ending
        if not path.is_dir():
            path.write_bytes(content)
        assert len(read_data(path)) > 5
        names |= {declared.name for declared in FORMATS if declared.recognises(path)}
    assert names == {declared.name for declared in FORMATS}
