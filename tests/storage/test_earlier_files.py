"""Files that earlier versions wrote open, and their models predict the same bits."""

import json

import numpy as np
import pytest
from tests.storage.earlier_files import FOLDER, KINDS, rows_of, told_by

from pellucid.data import load_data
from pellucid.passes.engines import engine
from pellucid.storage import load_model, save_model
from pellucid.training import train

_TOLD = json.loads((FOLDER / "told.json").read_text(encoding="utf-8"))


def test_each_file_is_told_of():
    assert sorted(_TOLD) == sorted(path.stem for path in FOLDER.glob("*.pellucid"))
    assert {name.partition("-")[0] for name in _TOLD} == set(KINDS)


@pytest.mark.parametrize("name", _TOLD)
class TestEarlierFiles:
    @pytest.fixture
    def model(self, name):
        return load_model(FOLDER / f"{name}.pellucid")

    @pytest.fixture
    def kind(self, name):
        return name.partition("-")[0]

    def test_nothing_has_changed(self, model, kind, name):
        with engine("compiled"):
            assert told_by(model, kind) == _TOLD[name]

    def test_the_reference_predicts_the_same_but_for_rounding(self, model, kind):
        with engine("compiled"):
            outputs = model.outputs(rows_of(kind)[0])
        with engine("reference"):
            expected = model.outputs(rows_of(kind)[0])
        tolerance = 1e-5 if outputs.dtype == np.float32 else 1e-12
        np.testing.assert_allclose(outputs, expected, rtol=tolerance, atol=tolerance)

    def test_saved_again_it_is_the_same(self, model, kind, name, tmp_path):
        with engine("compiled"):
            assert told_by(load_model(save_model(model, tmp_path / "again")), kind) == _TOLD[name]

    def test_it_goes_on_learning(self, model, kind):
        x, y = rows_of(kind)
        source = x.with_columns(level=y) if kind == "columns" else (x, y)
        data = load_data(source, encoding=model)
        went_on = train(model.network.copy(), data, cost=model.cost, epochs=1, batch_size=8)
        assert went_on.network != model.network
