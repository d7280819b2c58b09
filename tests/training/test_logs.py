"""What is written down while a network learns."""

import csv
import stat

import numpy as np
import pytest

from pellucid.errors import ExistingFileError, StorageError
from pellucid.passes.reference import backward, forward
from pellucid.training import Callback, build_network, train
from pellucid.training.logs import CsvLog, Statistics


def run(data, *callbacks, **how):
    network = build_network(data, [4], dtype="float64")
    return train(network, data, **{"epochs": 3, "batch_size": 12, **how}, callbacks=callbacks)


class TestCsvLog:
    def test_is_the_history(self, classes, tmp_path):
        model = run(classes, CsvLog(tmp_path / "log.csv"))
        with (tmp_path / "log.csv").open(newline="") as file:
            rows = [{key: float(cell) for key, cell in row.items()} for row in csv.DictReader(file)]
        assert rows == list(model.history)

    def test_each_line_is_there_as_soon_as_it_is_known(self, classes, tmp_path):
        lines = []
        path = tmp_path / "log.csv"
        run(classes, CsvLog(path), lambda row: lines.append(len(path.read_text().splitlines())))
        assert lines == [3, 4, 5]  # the names, and epochs 0, 1, ...

    def test_an_existing_file_stays(self, classes, tmp_path):
        path = tmp_path / "log.csv"
        path.write_text("mine")
        with pytest.raises(ExistingFileError):
            CsvLog(path)
        assert path.read_text() == "mine"
        run(classes, CsvLog(path, force=True))
        assert path.read_text().startswith("epoch,")

    def test_a_file_that_is_replaced_keeps_its_rights(self, classes, tmp_path):
        path = tmp_path / "log.csv"
        path.write_text("mine")
        path.chmod(0o600)
        run(classes, CsvLog(path, force=True))
        assert path.read_text().startswith("epoch,")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_second_run_does_not_replace_what_the_first_wrote(self, classes, tmp_path):
        log = CsvLog(tmp_path / "log.csv")
        train(build_network(classes, [4]), classes, epochs=2, callbacks=[log])
        written = (tmp_path / "log.csv").read_bytes()
        network = build_network(classes, [4])
        before = network.copy()
        with pytest.raises(ExistingFileError):
            train(network, classes, epochs=1, callbacks=[log])
        assert (tmp_path / "log.csv").read_bytes() == written
        assert network == before

    def test_no_folder(self, tmp_path):
        with pytest.raises(StorageError):
            CsvLog(tmp_path / "no" / "log.csv")


class Witness(Callback):
    """Passes each update's examples once more, at the weights before it, and keeps what Statistics should."""

    def start(self, run):
        self.before, self.seen = run.network.copy(), []

    def batch(self, run):
        trace = run.trace
        again = backward(forward(self.before, trace.a[0]), trace.target, trace.objective)
        self.seen.append((run.epoch, again.weight_gradients, again.a[1:]))
        self.before = run.network.copy()


def test_statistics_against_another_pass(classes):
    statistics, witness = Statistics(), Witness()
    run(classes, witness, statistics)
    assert [(row["epoch"], row["layer"]) for row in statistics.rows] == [
        (e, k) for e in (1, 2, 3) for k in (1, 2)
    ]
    for row in statistics.rows:
        updates = [
            (w[row["layer"] - 1], a[row["layer"] - 1]) for e, w, a in witness.seen if e == row["epoch"]
        ]
        outputs = np.concatenate([a.ravel() for _, a in updates])
        assert row["gradient"] == pytest.approx(np.mean([np.linalg.norm(w) for w, _ in updates]))
        assert row["output"] == pytest.approx(outputs.mean())
        assert row["spread"] == pytest.approx(outputs.std())
        assert row["silent"] == pytest.approx((outputs == 0).mean())
