import numpy as np
import pytest

from pellucid.data.raw import RawData
from pellucid.data.splits.split import Split, classes_in
from pellucid.errors import ConfigurationError

RAW = RawData("rows", np.arange(20.0)[:, None], np.arange(20) % 4)


@pytest.mark.parametrize("validation_size", [None, 4])
@pytest.mark.parametrize("own", [False, True])
def test_each_row_is_in_one_set(validation_size, own):
    raw = RawData("rows", RAW.rows, train=np.arange(20) < 14) if own else RAW
    parts = Split(6, 3, validation_size).parts(raw)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(20))
    assert len(parts["test"]) == 6
    assert len(parts.get("validation", ())) == (validation_size or 0)
    if own:
        assert parts["test"].tolist() == list(range(14, 20))


@pytest.mark.parametrize("split", [Split(), Split(0.25, 3, 0.5), Split(7, 1, 2)])
def test_what_is_stored_gives_the_same_split(split):
    stored = split.to_provenance()
    assert Split.from_provenance(stored) == split
    assert {type(value) for value in stored.values()} <= {int, float, type(None)}
    again = Split.from_provenance(stored).parts(RAW, *classes_in(RAW))
    for name, rows in split.parts(RAW, *classes_in(RAW)).items():
        assert np.array_equal(again[name], rows)


def test_older_models_have_no_validation_set():
    assert Split.from_provenance({"test_size": 0.2, "seed": 0}) == Split()


@pytest.mark.parametrize("split", [Split(0.0), Split(0.2, -1), Split(validation_size=1.5)])
def test_sizes_are_checked(split):
    with pytest.raises(ConfigurationError):
        split.check()


def test_classes_that_occur():
    classes, names = classes_in(RawData("one", RAW.rows, np.array(["b"] * 20)))
    assert names == ("b",)
    assert not classes.any()
