"""The options that say how to train: they reach the run, and any of them together train or are refused."""

import csv
from itertools import combinations, product

import numpy as np
import pytest

from pellucid.cli.training_options import _OPTIONS
from pellucid.data import load_data
from pellucid.network import normalisations
from pellucid.storage import load_model, save_model
from pellucid.training import Clipping, Regularisation, build_network, optimizers, schedules, train

from .conftest import write_table

# Each option with a value that works; of those for classes, none works for values.
SOUND = {
    "--optimizer": "adam:beta2=0.95", "--learning-rate": "0.01", "--schedule": "cosine", "--batch-size": "7",
    "--epochs": "2", "--seed": "3", "--l1": "0.001", "--l2": "0.001,0", "--weight-decay": "0.01",
    "--max-norm": "2", "--dropout": "0.2", "--input-dropout": "0.1", "--input-noise": "0.1",
    "--label-smoothing": "0.1", "--clip-norm": "1", "--clip-value": "0.5", "--average": "0.9",
    "--class-weight": "balanced", "--validation-size": "0.2", "--validation": "TABLE",
    "--early-stopping": "1", "--monitor": "test_cost", "--max-seconds": "100", "--goal": "test_accuracy=0.5",
    "--log": "LOG", "--normalise": "batch", "--weight-column": "size[m]", "--start": "START",
    "--tensorboard": "EVENTS", "--checkpoint": "CHECKPOINT", "--checkpoint-every": "2",
    "--min-delta": "0.01", "--biases": True, "--measure-every": "2", "--measure-rows": "5",
}  # fmt: skip
# What cannot go together, whatever the rest.
CLASH = {frozenset({"--validation-size", "--validation"}), frozenset({"--start", "--normalise"})}
NEEDS = {
    "--monitor": "--early-stopping", "--min-delta": "--early-stopping",
    "--checkpoint-every": "--checkpoint", "--normalise": "--batch-size",
}  # fmt: skip
FOR_CLASSES = {"--label-smoothing", "--class-weight", "--goal", "--start"}


def names(option):
    return {name for name in option.opts if name.startswith("--")}


def test_every_option_is_in_the_table():
    class Holder:
        __click_params__ = []  # noqa: RUF012  # what click's options add themselves to

    for option in _OPTIONS:
        option(Holder)
    shown = [param for param in Holder.__click_params__ if not param.hidden]
    declared = {max(names(param), key=len) for param in shown}
    assert declared == set(SOUND)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A saved model of the table's classes, to which rows count by their size."""
    folder = tmp_path_factory.mktemp("start")
    data = load_data(str(write_table(folder / "table.csv")), target="kind", sample_weight="size[m]")
    model = train(build_network(data, [3]), data, epochs=1)
    return save_model(model, folder / "start.pellucid")


@pytest.fixture
def go(run, table, start, tmp_path):
    """Train with options for two short epochs; give the result."""

    def go(*options, target="kind", more=()):
        n = len(list(tmp_path.iterdir()))
        files = {
            "TABLE": table,
            "START": start,
            "LOG": tmp_path / f"log{n}.csv",
            "CHECKPOINT": tmp_path / f"{n}.pellucid",
            "EVENTS": tmp_path / f"events{n}",
        }
        words = []
        for option in options:
            value = files.get(SOUND[option], SOUND[option])
            words += [option] if value is True else [option, value]
        if "--epochs" not in options:
            words += ["--epochs", "2"]
        return run("train", table, "-t", target, "-l", "3", "--json", *words, *more)

    return go


def trains(result):
    end = result.records[-1]
    # A few epochs may be no improvement on the first weights, and then that is said.
    return end["event"] == "end" and result.status == (0 if end["learned"] else 2)


def is_refused(result):
    return result.status == 2 and result.err.count("Error: ") == 1 and "Traceback" not in result.err


@pytest.mark.parametrize("pair", list(combinations(SOUND, 2)), ids=" ".join)
def test_any_two_together(go, pair):
    options = set(pair)
    for option in pair:
        options |= {NEEDS[option]} if option in NEEDS else set()
    sound = not any(clash <= options for clash in CLASH)
    assert (trains if sound else is_refused)(go(*options))


@pytest.mark.parametrize("option", SOUND)
def test_each_for_values(go, option):
    options = {option} | ({NEEDS[option]} if option in NEEDS else set())
    result = go(*options, target="weight", more=["--task", "regression"])
    assert (is_refused if option in FOR_CLASSES else trains)(result)


@pytest.mark.parametrize(("optimizer", "schedule"), list(product(optimizers.names, schedules.names)))
def test_every_optimizer_with_every_schedule(go, optimizer, schedule):
    more = ["--optimizer", optimizer, "--schedule", schedule, "--l2", "0.1", "--validation-size", "0.2"]
    searches = optimizers.get(optimizer).searches  # along lines, without a rate that could change
    idle = searches and schedule not in ("linear", "constant")
    assert (is_refused if idle else trains)(go(more=more))
    assert (is_refused if searches else trains)(go(more=[*more, "--dropout", "0.1"]))


@pytest.mark.parametrize(("optimizer", "rule"), list(product(optimizers.names, normalisations.names)))
def test_every_optimizer_with_every_normalisation(go, optimizer, rule):
    declared = optimizers.get(optimizer)
    size = [] if declared.full_batch else ["--batch-size", "7"]
    without_batches = declared.searches and normalisations.get(rule).over_examples
    result = go(more=["--optimizer", optimizer, "--normalise", rule, *size])
    assert (is_refused if without_batches else trains)(result)


def test_all_of_them_together(go):
    assert trains(go(*(set(SOUND) - {"--validation", "--start"})))


BAD = [
    (["--optimizer", "adm"], ["there is no optimizer named 'adm'", "did you mean 'adam'"]),
    (["--optimizer", "adam:beta3=1"], ["no parameter 'beta3'"]),
    (["--dropout", "1"], ["dropout cannot be 1", "below 1"]),
    (["--dropout", "0.1,0.2"], ["dropout does not match the layers", "1 hidden layers"]),
    (["--dropout", "half"], ["--dropout", "'half'"]),
    (["--l2", "-1"], ["l2 cannot be -1", "0 or more"]),
    (["--l1", "0.1,0.2,0.3"], ["l1 does not match the layers", "2 layers"]),
    (["--weight-decay", "nan"], ["weight_decay cannot be nan"]),
    (["--max-norm", "0"], ["max_norm cannot be 0", "above 0"]),
    (["--input-noise", "-1"], ["input_noise cannot be -1"]),
    (["--label-smoothing", "1"], ["label_smoothing cannot be 1"]),
    (["--clip-norm", "0"], ["the clipping norm cannot be 0"]),
    (["--clip-value", "-1"], ["the clipping value cannot be -1"]),
    (["--average", "1"], ["decay of the average of the weights cannot be 1"]),
    (["--class-weight", "even"], ["--class-weight", "'even'"]),
    (["--class-weight", "yes[1]=5,yes[1]=6"], ["one weight per class", "'yes[1]=5,yes[1]=6'"]),
    (["--class-weight", "yes[1]=5,no[/]"], ["CLASS=WEIGHT", "'yes[1]=5,no[/]'"]),
    (["--class-weight", "yes[1]=much,no[/]=1"], ["CLASS=WEIGHT", "much"]),
    (["--class-weight", ""], ["CLASS=WEIGHT"]),
    (["--class-weight", "maybe=2"], ["there is no class 'maybe'"]),
    (["--class-weight", "yes[1]=-1"], ["cannot be -1"]),
    (["--validation-size", "1.5"], ["the size of the validation set is not valid"]),
    (["--validation-size", "48"], ["would be too small"]),
    (["--validation", "nowhere.csv"], ["no such file or data set"]),
    (["--early-stopping", "0"], ["the patience cannot be 0"]),
    (["--early-stopping", "1", "--monitor", "test_f3"], ["the history has no figure 'test_f3'", "test_cost"]),
    (
        ["--monitor", "test_cost"],
        ["--monitor has no effect without early stopping", "--early-stopping EPOCHS"],
    ),
    (["--max-seconds", "0"], ["max_seconds cannot be 0"]),
    (["--goal", "high"], ["--goal", "'high'"]),
    (["--goal", "fame=1"], ["the history has no figure 'fame'"]),
    (["--log", "nowhere/log.csv"], ["the folder to save to does not exist"]),
    (["--normalise", "bach"], ["there is no normalisation named 'bach'", "did you mean 'batch'"]),
    (["--dropout", "0.2", "--layers", "none"], ["dropout needs a hidden layer", "--input-dropout"]),
    (["--normalise", "layer", "--layers", "4,1"], ["a layer with a single neuron"]),
    (["--tensorboard", "t", "--log", "t"], ["two outputs cannot have the same path", "--tensorboard"]),
    (["--early-stopping", "2", "--validation-size", "0"], ["the size of the validation set"]),
    (["--min-delta", "1"], ["--min-delta has no effect without early stopping"]),
    (["--optimizer", "lbfgs", "--schedule", "step"], ["schedule does not go with lbfgs"]),
    (["--normalise", "batch"], ["one in each", "--batch-size 32"]),
    (["--normalise", "layer", "--layers", "none"], ["has nothing to normalise"]),
    (["--weight-column", "count"], ["there is no column 'count'"]),
    (["--weight-column", "kind"], ["column 'kind' is named twice", "target, split, weights or dropped"]),
    (["--weight-column", "col[/bold]our"], ["invalid sample weight", "line 2 of table[dim].csv"]),
    (["--tensorboard", "table[dim].csv"], ["not a folder"]),
    (["--tensorboard", "table[dim].csv/events"], ["not a folder"]),
    (["--checkpoint", "nowhere/m.pellucid"], ["the folder to save to does not exist"]),
    (["--checkpoint", "table[dim].csv", "--force"], ["the file is being read"]),
    (
        ["--checkpoint", "m", "--checkpoint-every", "0"],
        ["the number of epochs between checkpoints cannot be 0"],
    ),
    (["--checkpoint-every", "2"], ["--checkpoint-every requires a file", "--checkpoint FILE"]),
    (
        ["--checkpoint", "m", "--save", "./m"],
        ["two outputs cannot have the same path", "--save", "--check"],
    ),
    (["--checkpoint", "m", "--log", "m"], ["two outputs cannot have the same path", "--log"]),
    (["--optimizer", "rprop", "--batch-size", "8"], ["rprop needs the gradient of all examples at once"]),
]


@pytest.mark.parametrize(("options", "says"), BAD, ids=lambda part: " ".join(part)[:40])
def test_is_refused(run, table, tmp_path, monkeypatch, options, says):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = run("train", table, "-t", "kind", "-l", "3", "--epochs", "2", *options)
    assert is_refused(result), result
    assert result.out == ""
    words = " ".join(result.err.split())
    assert [word for word in says if word not in words] == []
    assert sorted(tmp_path.iterdir()) == before


def test_they_reach_the_model(run, table, tmp_path):
    path = tmp_path / "m.pellucid"
    result = run(
        "train", table, "-t", "kind", "-l", "4,3", "--optimizer", "adam:beta2=0.95", "--schedule", "cosine",
        "--dropout", "0.2,0.1", "--l2", "0.001", "--average", "0.9", "--clip-norm", "1", "-b", "8", "-e", "3",
        "--class-weight", "yes[1]=2", "--save", path,
    )  # fmt: skip
    assert result.status == 0
    data = load_data(str(table), target="kind")
    network = build_network(data, [4, 3])
    twin = train(
        network, data, optimizer="adam:beta2=0.95", schedule="cosine", batch_size=8, epochs=3, average=0.9,
        regularisation=Regularisation(dropout=(0.2, 0.1), l2=0.001), class_weight={"yes[1]": 2},
        clipping=Clipping(norm=1.0),
    )  # fmt: skip
    model = load_model(path)
    assert model.network == twin.network
    assert model.settings == twin.settings


def test_a_class_with_commas_is_weighed(run, tmp_path):
    table, path = tmp_path / "table.csv", tmp_path / "m.pellucid"
    kinds = ['"p,q"', '"s, t, u"', "r"] * 10
    table.write_text("\n".join(["x,kind", *(f"{k},{kind}" for k, kind in enumerate(kinds))]))
    how = ["-l", "3", "-e", "2", "--class-weight", "p,q=2, s, t, u =4"]
    assert run("train", table, *how, "--save", path).status == 0
    data = load_data(str(table))
    twin = train(build_network(data, [3]), data, epochs=2, class_weight={"p,q": 2, "s, t, u": 4})
    assert load_model(path).network == twin.network


def test_early_stopping_sets_a_tenth_apart_unless_said(run, table):
    words = ["train", table, "-t", "kind", "-e", "2", "--early-stopping", "1", "--json"]
    assert "validation_cost" in run(*words).records[0]
    assert "validation_cost" not in run(*words, "--monitor", "test_cost").records[0]


def test_what_stopped_a_run_is_said(run, table):
    result = run("train", table, "-t", "kind", "-e", "50", "--goal", "train_accuracy=0.1")
    assert "Stopped with the goal reached in epoch 1." in result.out
    told = run("train", table, "-t", "kind", "-e", "50", "--goal", "train_accuracy=0.1", "--json").records[-1]
    assert (told["stopped"], told["epochs"], told["kept_epoch"]) == ("goal", 1, 1)


def test_the_best_epoch_is_said_and_its_figures_given(run, table):
    # At such a rate the costs go up and down.
    how = ["-e", "12", "-r", "0.5", "--schedule", "constant", "--early-stopping", "12"]
    *epochs, end = run("train", table, "-t", "kind", *how, "--json").records
    best = min(epochs, key=lambda row: row["validation_cost"])
    assert end["kept_epoch"] == best["epoch"] < 12
    assert end["validation_cost"] == best["validation_cost"]
    out = run("train", table, "-t", "kind", *how).out
    assert f"The network has the weights of the best epoch, {best['epoch']}." in out


def test_the_log_is_what_json_tells(run, table, tmp_path):
    path = tmp_path / "log.csv"
    told = run("train", table, "-t", "kind", "-e", "3", "--log", path, "--json").records[:-1]
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["train_cost"]) for row in rows[1:]] == [row["train_cost"] for row in told]
    path.write_text("mine")
    refused = run("train", table, "-t", "kind", "--log", path)
    assert (refused.status, path.read_text()) == (2, "mine")


def test_the_log_for_tensorboard(run, table, tmp_path):
    folder = tmp_path / "events"
    how = ["train", table, "-t", "kind", "-e", "1", "--tensorboard", folder]
    assert run(*how).status == 0
    (before,) = (folder / "train").iterdir()
    refused = run(*how)
    assert (refused.status, refused.out) == (2, "")
    assert "the folder has the events of another run" in refused.err
    assert list((folder / "train").iterdir()) == [before]
    assert run(*how, "--force").status == 0
    assert len(list((folder / "train").iterdir())) == 1


def test_a_full_disk_ends_a_logged_run_with_what_was_learned_told(shell, table):
    result = shell(
        "train", table, "-t", "kind", "-e", "500", "--tensorboard", "events", "--json",
        env={"PYTHONWARNINGS": "default"}, largest_file=30_000,
    )  # fmt: skip
    assert (result.status, result.records[-1]["stopped"]) == (2, "failed")
    assert "an error in TensorBoardLog.epoch" in result.err
    assert "Traceback" not in result.err


def test_a_validation_file(run, table, tmp_path):
    rows = table.read_text().splitlines(keepends=True)
    other = tmp_path / "other.csv"
    other.write_text("".join([rows[0], *rows[1:13]]))
    told = run("train", table, "-t", "kind", "-e", "1", "--validation", other, "--json").records[0]
    assert np.isfinite(told["validation_cost"])


def test_only_some_epochs_are_measured(run, table):
    shown = ["train", table, "-t", "kind", "-l", "3", "-e", "5", "--measure-every", "2"]
    rows = [record for record in run(*shown, "--json").records if record["event"] == "epoch"]
    assert [row["epoch"] for row in rows if row["train_cost"] is not None] == [2, 4, 5]
    lines = run(*shown).out.splitlines()
    (heads,) = (number for number, line in enumerate(lines) if line.startswith("epoch"))
    printed = [line.split()[0] for line in lines[heads:] if line[:5].strip().isdigit()]
    assert printed == ["2", "4", "5"]


def test_a_sample_is_measured(run, table):
    ways = {rows: run("train", table, "-t", "kind", "-l", "3", "-e", "2", "--measure-rows", rows, "--json")
            for rows in ("3", "1000")}  # fmt: skip
    ends = {rows: result.records[-1] for rows, result in ways.items()}
    assert ends["3"]["train_cost"] != ends["1000"]["train_cost"]
    # Of three rows, a multiple of a third is right.
    assert abs(3 * ends["3"]["train_accuracy"] - round(3 * ends["3"]["train_accuracy"])) < 1e-9


@pytest.mark.parametrize("option", [["--measure-every", "-1"], ["--measure-rows", "0"]])
def test_what_cannot_be_measured(run, table, option):
    assert is_refused(run("train", table, "-t", "kind", *option))


def test_the_former_name_of_min_delta(run, table):
    result = run("train", table, "-t", "kind", "-e", "2", "--early-stopping", "1", "--least-improvement", "9")
    assert "--least-improvement is the former name of --min-delta" in result.err
    assert "--least-improvement" not in run("train", "--help").out
