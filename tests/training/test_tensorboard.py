"""The log for TensorBoard, read back by hand: the frames of its records, then its own messages."""

import stat
import struct
import sys

import numpy as np
import pytest
from tensorboardX.proto.event_pb2 import Event

from pellucid.data import load_data
from pellucid.errors import ConfigurationError, ExistingFileError, StorageError
from pellucid.network import Network
from pellucid.training import (
    Callback,
    EarlyStopping,
    Regularisation,
    Statistics,
    TensorBoardLog,
    Trainer,
    TrainingConfig,
    build_network,
    train,
)


def crc32c(content):
    """Castagnoli's sum bit by bit, as RFC 3720 has it."""
    total = 0xFFFFFFFF
    for byte in content:
        total ^= byte
        for _ in range(8):
            total = (total >> 1) ^ (0x82F63B78 if total & 1 else 0)
    return total ^ 0xFFFFFFFF


def masked(content):
    total = crc32c(content)
    return (((total >> 15) | (total << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def test_the_sum_is_that_of_the_standard():
    assert crc32c(b"123456789") == 0xE3069283


def events(path):
    """Each record of a file, its length and its content checked."""
    content, found = path.read_bytes(), []
    while content:
        head = content[:8]
        (length,) = struct.unpack("<Q", head)
        body = content[12 : 12 + length]
        assert struct.unpack("<I", content[8:12])[0] == masked(head)
        assert struct.unpack("<I", content[12 + length : 16 + length])[0] == masked(body)
        found.append(Event.FromString(body))
        content = content[16 + length :]
    assert found[0].file_version == "brain.Event:2"
    return found[1:]


def read(folder):
    """Give {run: {tag: {step: value}}}."""
    found = {}
    for path in sorted(folder.glob("*/*")):
        tags = found.setdefault(path.parent.name, {})
        for event in events(path):
            for value in event.summary.value:
                kind = value.WhichOneof("value")
                tags.setdefault(value.tag, {})[event.step] = getattr(value, kind)
    return found


class Parameters(Callback):
    """What weights and biases were after each epoch."""

    def start(self, run):
        self.seen = [run.shown.copy().parameters]

    def epoch(self, run):
        self.seen.append(run.shown.copy().parameters)


def run(data, *callbacks, **how):
    how = {"epochs": 2, "batch_size": 12, **how}
    return train(build_network(data, [4, 3]), data, **how, callbacks=callbacks)


def near(value):
    return pytest.approx(value, rel=1e-6)  # scalars are kept in 32 bits


def test_is_the_history_a_run_for_each_part(classes, tmp_path):
    model = run(classes, TensorBoardLog(tmp_path / "log"))
    found = read(tmp_path / "log")
    assert set(found) == {"train", "test"}
    for name in model.history.columns[1:]:
        part, _, figure = name.partition("_")
        place, tag = (part, figure) if part in found else ("train", name)
        assert found[place][tag] == {k: near(value) for k, value in enumerate(model.history[name])}
    assert set(found["test"]) == {"cost", "accuracy", "balanced_accuracy", "f1_macro"}


def test_a_validation_part_and_a_penalty(tmp_path):
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 2))
    data = load_data((x, x[:, 0] + random.normal(size=60)), validation_size=0.2)
    model = run(data, TensorBoardLog(tmp_path), EarlyStopping(1), regularisation=Regularisation(l2=0.1))
    found = read(tmp_path)
    assert set(found) == {"train", "test", "validation"}
    assert set(found["validation"]) == {"cost", "rmse", "r2"}
    assert list(found["validation"]["r2"].values()) == near(model.history["validation_r2"])
    assert list(found["train"]["penalty"].values()) == near(model.history["penalty"])


def test_an_undefined_figure_is_no_point_of_a_curve(tmp_path):
    x = np.random.default_rng(0).normal(size=(30, 2))
    run(load_data((x, x[:, 0]), test_size=1), TensorBoardLog(tmp_path))
    found = read(tmp_path)
    assert "r2" not in found["test"]
    assert {"r2", "rmse"} <= set(found["train"])


def test_statistics_and_histograms(classes, tmp_path):
    statistics, parameters = Statistics(), Parameters()
    run(classes, TensorBoardLog(tmp_path), statistics, parameters)
    found = read(tmp_path)["train"]
    for row in statistics.rows:
        for name in ("gradient", "output", "spread", "silent"):
            assert found[f"{name}/layer_{row['layer']}"][row["epoch"]] == near(row[name])
    assert len(statistics.rows) == 2 * 3
    for epoch, arrays in enumerate(parameters.seen):
        for name, array in arrays.items():
            told = found[f"parameters/{name}"][epoch]
            flat = array.ravel().astype(float)
            assert (told.num, told.min, told.max) == (flat.size, flat.min(), flat.max())
            assert told.sum == pytest.approx(flat.sum())
            assert told.sum_squares == pytest.approx((flat**2).sum())
            # A bucket has what lies below its limit and in none before it; the last has the limit too.
            below = [(flat < limit).sum() for limit in told.bucket_limit[:-1]]
            assert np.cumsum(told.bucket).tolist() == [*below, flat.size]


def test_a_search_has_no_statistics(classes, tmp_path):
    model = run(classes, TensorBoardLog(tmp_path), optimizer="lbfgs", batch_size=None)
    found = read(tmp_path)["train"]
    assert len(found["cost"]) == len(model.history) > 1
    assert not [tag for tag in found if tag.startswith("gradient")]


def test_weights_that_differ_by_next_to_nothing(classes, tmp_path):
    network = build_network(classes, [4], dtype="float64")
    network.layers[0].weights[...] = 1.0
    network.layers[0].weights[0, 0] = np.nextafter(1.0, 2.0)
    model = train(network, classes, learning_rate=1e-300, epochs=1, callbacks=[TensorBoardLog(tmp_path)])
    assert model.stopped is None
    assert sum(read(tmp_path)["train"]["parameters/W1"][1].bucket) == 8


def test_whole_after_each_epoch(classes, tmp_path):
    steps = []
    run(classes, TensorBoardLog(tmp_path), lambda row: steps.append(max(read(tmp_path)["test"]["cost"])))
    assert steps == [1, 2]


def test_looking_on_changes_nothing(classes, tmp_path):
    assert run(classes, TensorBoardLog(tmp_path)).network == run(classes).network


def test_another_runs_events_stay(classes, tmp_path):
    log = TensorBoardLog(tmp_path)
    run(classes, log, epochs=3)
    (tmp_path / "train" / "mine").write_text("mine")
    before = read(tmp_path / "train")
    with pytest.raises(ExistingFileError, match="the events of another run"):
        TensorBoardLog(tmp_path)
    with pytest.raises(ExistingFileError, match="the events of another run"):
        run(classes, log)  # once more
    assert read(tmp_path / "train") == before
    again = TensorBoardLog(tmp_path, force=True)
    assert max(read_costs(tmp_path)) == 3  # nothing is replaced before the run begins
    run(classes, again, epochs=1)
    assert (tmp_path / "train" / "mine").read_text() == "mine"
    assert max(read_costs(tmp_path)) == 1


def read_costs(folder):
    (path,) = (folder / "train").glob("*.tfevents.*")
    return {e.step for e in events(path) for value in e.summary.value if value.tag == "cost"}


def test_events_that_are_replaced_keep_their_rights(classes, tmp_path):
    for part, mode in (("train", 0o600), ("test", 0o640)):
        (tmp_path / part).mkdir()
        (tmp_path / part / "events.out.tfevents.1.elsewhere").touch()
        (tmp_path / part / "events.out.tfevents.1.elsewhere").chmod(mode)
    run(classes, TensorBoardLog(tmp_path, force=True))
    rights = {path.parent.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*/*")}
    assert rights == {"train": 0o600, "test": 0o640}
    assert read(tmp_path)["train"]["cost"]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_way(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError, match="not a folder"):
        TensorBoardLog(tmp_path / place)
    assert (tmp_path / "file").read_text() == "mine"


def test_folders_are_made_when_the_run_begins(classes, tmp_path):
    log = TensorBoardLog(tmp_path / "runs" / "first")
    assert list(tmp_path.iterdir()) == []
    run(classes, log)
    assert sorted(path.name for path in (tmp_path / "runs" / "first").iterdir()) == ["test", "train"]


def test_without_the_library(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboardX.event_file_writer", None)
    with pytest.raises(ConfigurationError) as caught:
        TensorBoardLog(tmp_path / "log")
    assert caught.value.remedy == "pip install 'pellucid[tensorboard]'"


def test_after_a_restart_the_events_are_those_of_the_run_that_is_kept(tmp_path):
    x = np.sqrt(1000.0) * np.where(np.arange(8) % 2, 1.0, -1.0)[:, None]  # diverges at 0.01, not at 0.001
    data = (x, x[:, 0] / 10)
    written = []
    for name, rate in (("usual", None), ("lower", 0.001)):
        trainer = Trainer(
            Network([1, 1], output="identity"),
            data,
            TrainingConfig(rate, epochs=2),
            test_data=data,
            callbacks=[TensorBoardLog(tmp_path / name)],
        ).fit()
        assert len(trainer.restarts) == (2 if rate is None else 0)
        assert len(list((tmp_path / name).glob("*/*"))) == 2
        tags = read(tmp_path / name)
        del tags["train"]["seconds"]
        written.append(tags)
    assert written[0] == written[1]
