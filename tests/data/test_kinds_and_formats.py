"""Every kind of table in every format: the same inputs, notes and errors, whatever it is read from."""

import re
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.data.oddities import KINDS
from tests.data.sources import SOURCES, polars_frame

from pellucid.data import load_data
from pellucid.data.column_notes import ColumnNote
from pellucid.data.readers import reading_program, separate_process
from pellucid.errors import PellucidError

PAIRS = [(kind, source) for source in SOURCES for kind in KINDS if source.expresses(kind)]


@cache
def of_polars(kind):
    return load_data(polars_frame(Path(), kind), **kind.options)


def column_notes(data):
    """The notes about columns, without places; a column without a name is called column_1 in text."""
    notes = [str(note).replace("'column_1'", "''") for note in data.notes if isinstance(note, ColumnNote)]
    return [re.sub(r"(row|line) \d+.*? \(counted from [01]\)", "a row", note) for note in notes]


@pytest.fixture
def reading_here(monkeypatch):
    """Run the program that reads some formats in this process: 180 processes would take a minute."""

    def answer(file, kind, size, table, path, sheet):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=file))
        return reading_program.main(kind, sheet, str(table), 10**6, 10**3, size)

    monkeypatch.setattr(reading_program, "limit_memory", lambda cells, size: None)
    monkeypatch.setattr(separate_process, "_answer", answer)


@pytest.mark.usefixtures("reading_here")
@pytest.mark.parametrize(("kind", "source"), PAIRS, ids=str)
def test_walk(kind, source, tmp_path):
    right = source.right(kind)
    made = source.make(tmp_path, kind)
    if right.error:
        with pytest.raises(PellucidError) as caught:
            load_data(made, **kind.options)
        assert right.error in str(caught.value)
        return
    data, expected = load_data(made, **kind.options), of_polars(kind)
    assert data.inputs.features == right.features
    for words in right.notes:
        assert words in "\n".join(data.notes)
    if source.named and right.same:
        assert column_notes(data) == column_notes(expected)
    assert data.sets.keys() == expected.sets.keys()
    for part, examples in data.sets.items():
        same = expected.sets[part]
        np.testing.assert_array_equal(examples.origin, same.origin)
        np.testing.assert_array_equal(examples.targets, same.targets)
        np.testing.assert_array_equal(examples.weights, same.weights)
        if source.scaled and right.same:
            np.testing.assert_allclose(examples.inputs, same.inputs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_what_differs_occurs(source):
    """A declaration for a kind that is not walked, or of what no kind needs, would say nothing."""
    assert source.differs.keys() <= {kind.name for kind in KINDS if source.expresses(kind)}
    assert all(right.why for right in source.differs.values())
    assert source.lacks.keys() <= set().union(*(kind.required for kind in KINDS))
