import json
import random

import pytest

from pellucid.evaluation import VERDICTS
from pellucid.network import activations, costs, initializers
from pellucid.storage import load_model
from pellucid.training import schedules

OF_TWO_CLASSES = ["cost", "accuracy", "balanced_accuracy", "f1", "f1_macro", "auc"]
FIGURES = {
    "classification": [f"{part}_{name}" for name in OF_TWO_CLASSES for part in ("train", "test")],
    "regression": ["train_cost", "test_cost", "train_rmse", "test_rmse", "train_r2", "test_r2"],
}


class TestJson:
    @pytest.mark.parametrize(("target", "task"), [("kind", "classification"), ("weight", "regression")])
    def test_an_object_for_each_epoch_and_one_at_the_end(self, run, table, target, task):
        result = run("train", table, "-t", target, "-e", "3", "--json")
        *epochs, end = result.records
        assert result.status == 0
        assert [(record["event"], record["epoch"]) for record in epochs] == [("epoch", k) for k in (1, 2, 3)]
        for record in epochs:
            figures = {key: value for key, value in record.items() if key not in ("event", "epoch")}
            assert set(FIGURES[task]) <= set(figures)
            assert all(isinstance(value, float) for value in figures.values())
            assert not set(figures) - {*FIGURES[task], "seconds", "learning_rate"}
        assert (end["event"], end["task"], end["epochs"], end["stopped"]) == ("end", task, 3, None)
        assert {key: end[key] for key in FIGURES[task]} == {key: epochs[-1][key] for key in FIGURES[task]}
        assert set(end["diagnosis"]) >= {"verdict", "reasons", "advice"}
        assert end["diagnosis"]["verdict"] in VERDICTS
        assert end["diagnosis"]["reasons"]
        assert all(isinstance(reason, str) for reason in end["diagnosis"]["reasons"])

    def test_a_run_that_diverges_has_no_nan(self, run, table):
        result = run("train", table, "-t", "weight", "-r", "1e9", "-e", "3", "--json")
        end = result.records[-1]  # which refuses NaN and Infinity
        assert (result.status, end["stopped"], end["learned"]) == (2, "diverged", False)
        assert end["diagnosis"]["verdict"] == "learning rate too large"
        assert "NaN" not in result.out

    def test_a_run_that_learned_nothing_says_so_wherever_its_model_is_used(self, run, table, tmp_path):
        path = tmp_path / "model"
        result = run("train", table, "-t", "weight", "-r", "1e9", "-e", "3", "--save", path)
        assert result.status == 2
        assert "Training diverged in epoch 1." in result.out
        assert "Nothing was learned: the network has its initial weights." in result.out
        said = "training changed nothing: this model has its initial weights, because training diverged"
        assert said in result.err
        for command in ("predict", "evaluate", "explain"):
            used = run(command, path, table)
            assert (used.status, said in used.err) == (0, True), command
        shown = run("show", path)
        assert (shown.status, said in shown.err) == (0, True)

    def test_a_rate_that_moves_no_weight_is_nothing_learned(self, run, table):
        how = ["-t", "kind", "-r", "1e-60", "-e", "4", "--validation-size", "0.3", "--json"]
        for more in ([], ["--early-stopping", "2"]):
            result = run("train", table, *how, *more)
            end = result.records[-1]
            assert (result.status, end["learned"], end["kept_epoch"]) == (2, False, 0)
            assert end["diagnosis"]["verdict"] != "learning rate too large"

    def test_no_epoch_that_was_an_improvement_is_nothing_learned(self, run, table):
        how = ["-t", "kind", "-r", "30", "-e", "6", "--early-stopping", "2", "--validation-size", "0.3"]
        first = run("train", table, "-t", "kind", "-r", "0.05", "-e", "30", "--save", table.parent / "good")
        assert first.status == 0
        result = run("train", table, "--start", table.parent / "good", *how, "--json")
        assert (result.status, result.records[-1]["kept_epoch"]) == (2, 0)

    def test_a_run_that_learned_before_it_diverged_ends_well(self, run, table):
        how = ["-t", "weight", "-e", "40", "--schedule", "one_cycle", "-r", "5", "-b", "20"]
        end = run("train", table, *how, "--json")
        assert end.records[-1]["stopped"] == "diverged"
        assert (end.status, end.records[-1]["learned"]) == (0, True)
        assert "Training diverged in epoch" in run("train", table, *how).out

    def test_is_the_same_again(self, run, table):
        def figures(seed):
            records = run("train", table, "-e", "2", "-s", seed, "--json").records
            return [record["train_cost"] for record in records]

        assert figures(7) == figures(7)
        assert figures(7) != figures(8)


class TestForPeople:
    @pytest.mark.parametrize("target", ["kind", "weight"])
    def test_a_row_an_epoch_in_80_columns(self, run, table, target):
        lines = run("train", table, "-t", target, "-e", "3").out.splitlines()
        assert max(map(len, lines)) <= 80
        head = next(k for k, line in enumerate(lines) if line.startswith("epoch"))
        assert [line.split()[0] for line in lines[head + 1 : head + 4]] == ["1", "2", "3"]
        assert len({len(line) for line in lines[head : head + 4]}) == 1
        assert lines[head + 4].startswith("╭─ Diagnosis: ")

    def test_says_what_the_data_and_the_network_are(self, run, table):
        result = run("train", table, "-e", "1", "-l", "7,3", "-a", "tanh,elu:alpha=2")
        words = " ".join(result.out.split())
        assert "table[dim].csv: 48 training and 12 test examples, 5 inputs, 2 classes" in words
        assert "1 7 tanh 7 x 5 7 42" in words
        assert "2 3 elu:alpha=2.0 3 x 7 3 24" in words
        assert "3 1 sigmoid 1 x 3 1 4" in words
        assert "the target is the last column, 'kind'" in result.err
        assert "note: the task is classification" in result.err

    def test_digits_are_the_data_unless_said(self, digits):
        assert digits.out.startswith("digits: 1,438 training and 359 test examples, 64 inputs, 10 classes")
        assert f"Saved to {digits.path}." in "".join(digits.out.splitlines())


class TestOptions:
    def test_reach_the_model(self, run, table, tmp_path):
        path = tmp_path / "m.pellucid"
        result = run(
            "train", table, "--target", "kind", "--task", "classification", "--test-size", "0.3",
            "--drop", "weight", "--layers", "6,5", "--activation", "swish:beta=2,tanh", "--output", "softmax",
            "--cost", "cce", "--learning-rate", "0.02", "--schedule", "constant", "--batch-size", "8",
            "--epochs", "2", "--seed", "5", "--initializer", "orthogonal", "--dtype", "float64",
            "--save", path, "--json",
        )  # fmt: skip
        assert (result.status, result.records[-1]["saved"]) == (0, str(path))
        model = load_model(path)
        assert model.network.sizes == (4, 6, 5, 2)
        names = [str(layer.activation) for layer in model.network.layers]
        assert names == ["swish:beta=2.0", "tanh", "softmax"]
        assert str(model.cost) == "categorical_cross_entropy"
        assert model.network.dtype == "float64"
        assert model.settings == {
            "learning_rate": 0.02, "schedule": "constant", "batch_size": 8, "epochs": 2, "seed": 5,
            "optimizer": "sgd",
        }  # fmt: skip
        assert (model.provenance["target"], model.provenance["test_size"]) == ("kind", 0.3)
        assert model.provenance["drop"] == ["weight"]

    @pytest.mark.parametrize("name", [activation.name for activation in activations if activation.trainable])
    def test_every_activation(self, run, table, name):
        assert run("train", table, "-e", "1", "-l", "3", "-a", name, "--json").status == 0

    @pytest.mark.parametrize("name", costs.names)
    def test_every_cost_finds_its_output(self, run, table, name):
        cost = costs.get(name)
        target = "size[m]" if name == "poisson" else "weight" if cost.task == "regression" else "kind"
        result = run("train", table, "-t", target, "-e", "1", "--cost", name, "--json")
        assert (result.status, result.records[-1]["cost"]) == (0, name)

    @pytest.mark.parametrize("name", [name for name in initializers.names if name != "zeros"])
    def test_every_initializer(self, run, table, name):
        assert run("train", table, "-e", "1", "--initializer", name, "--json").status == 0

    @pytest.mark.parametrize("name", schedules.names)
    def test_every_schedule(self, run, table, name):
        assert run("train", table, "-e", "1", "--schedule", name, "--json").status == 0

    def test_weights_that_begin_at_0_get_a_warning_and_no_path(self, shell, table):
        result = shell("train", table, "-e", "1", "--initializer", "zeros", env={"PYTHONWARNINGS": "default"})
        assert result.status == 0
        assert "Warning: if all weights start at 0" in result.err
        assert ".py" not in result.err

    def test_a_split_of_ones_own(self, run, tmp_path):
        rows = [f"{k % 7},{k % 2},{'test' if k % 5 == 0 else 'train'}" for k in range(40)]
        path = tmp_path / "parts.csv"
        path.write_text("\n".join(["x,y,part", *rows]))
        result = run("train", path, "-t", "y", "--split-column", "part", "-e", "1")
        assert "32 training and 8 test examples, 1 input," in result.out

    def test_a_file_without_a_known_ending(self, run, tmp_path):
        path = tmp_path / "table.txt"
        path.write_text("\n".join(["x;y", *(f"{k};{k % 2}" for k in range(20))]))
        assert run("train", path, "--delimiter", ";", "-e", "1").status == 0

    def test_no_hidden_layer(self, run, table):
        end = run("train", table, "-e", "1", "-l", "none", "--json").records[-1]
        assert end["network"].startswith("Network(5 -> 1 sigmoid")


class TestSave:
    def test_an_existing_file_is_refused_before_training(self, run, table, tmp_path):
        path = tmp_path / "m.pellucid"
        path.write_bytes(b"mine")
        result = run("train", table, "--save", path)
        assert (result.status, result.out) == (2, "")
        assert "Error: the file already exists" in result.err
        assert "--force" in result.err
        assert path.read_bytes() == b"mine"

    def test_force_replaces_it(self, run, table, tmp_path):
        path = tmp_path / "m.pellucid"
        path.write_bytes(b"mine")
        assert run("train", table, "-e", "1", "--save", path, "--force").status == 0
        assert load_model(path).network.sizes == (5, 64, 1)

    def test_brackets_in_its_name_are_no_markup(self, run, table, tmp_path):
        folder = tmp_path / "a[/bold]b"  # two folders: the bracket holds a slash
        folder.mkdir(parents=True)
        result = run("train", table, "-e", "1", "--save", folder / "m[red].pellucid")
        assert "a[/bold]b/m[red].pellucid." in "".join(result.out.splitlines())

    @pytest.mark.parametrize("json_too", [False, True])
    def test_a_full_disk(self, shell, table, tmp_path, json_too):
        path = tmp_path / "m.pellucid"
        path.write_bytes(b"the old one")
        result = shell(
            "train", table, "-e", "1", "--save", path, "--force", *(["--json"] if json_too else []),
            largest_file=1000,
        )  # fmt: skip
        assert result.status == 2
        assert result.err.count("Error: the file could not be written") == 1
        assert "Traceback" not in result.err
        assert path.read_bytes() == b"the old one"
        assert {entry.name for entry in tmp_path.iterdir()} == {table.name, path.name}
        # What it cost time to find out is told all the same.
        if json_too:
            end = json.loads(result.out.splitlines()[-1])
            assert (end["event"], end["saved"]) == ("end", None)
        else:
            assert "Diagnosis" in result.out
            assert "Saved" not in result.out


def test_early_stopping_uses_the_validation_set_of_the_data(run, tmp_path):
    table = tmp_path / "t.csv"
    part = ["train", "val", "test", "train"] * 15
    table.write_text("x,y,part\n" + "".join(f"{k},{'ab'[k // 3 % 2]},{part[k]}\n" for k in range(60)))
    train = ("train", table, "-t", "y", "--split-column", "part", "-e", "2", "--early-stopping", "2")
    result = run(*train)
    assert (result.status, "30 training" in result.out) == (0, True)
    assert "given twice" in run(*train, "--validation-size", "0.1").err


@pytest.fixture
def alike(tmp_path):
    """A table with 80 columns that are almost the same, on which SGD diverges at its usual rate of 0.01."""
    draw = random.Random(0)
    rows = [[f"x{k}" for k in range(80)] + ["y"]]
    for _ in range(60):
        middle = draw.gauss(0, 1)
        rows.append([round(middle + draw.gauss(0, 0.1), 3) for _ in range(80)] + [round(middle, 3)])
    path = tmp_path / "alike.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in rows))
    return path


class TestRestart:
    SAID = "diverged at learning rate 0.01 in epoch 1; it started again at 0.003"

    def test_for_people(self, run, alike, tmp_path):
        result = run("train", alike, "-e", "4", "--save", tmp_path / "model")
        lines = result.out.splitlines()
        assert result.status == 0
        said = [line for line in lines if line.startswith("Training diverged")]
        assert said == [f"Training {self.SAID}."]
        assert [line.split()[0] for line in lines[lines.index(said[0]) + 1 :][:4]] == ["1", "2", "3", "4"]
        shown = run("show", tmp_path / "model")
        assert "diverged at 0.01" in " ".join(shown.out.split())
        for out in (result.out, shown.out):
            words = " ".join(out.replace("│", " ").split())
            assert f"training {self.SAID}" in words
            assert "--learning-rate 0.003 (learning_rate=0.003) for the same run without a restart" in words

    def test_for_programs_and_without_it(self, run, alike, tmp_path):
        log = tmp_path / "log.csv"
        restart, *epochs, end = run("train", alike, "-e", "4", "--json", "--log", log).records
        assert restart == {
            "event": "restart",
            "diverged_at": 0.01,
            "diverged_in": 1,
            "learning_rate": 0.003,
            "message": f"training {self.SAID}",
        }
        assert [record["epoch"] for record in epochs] == [1, 2, 3, 4]
        assert restart["message"] in end["diagnosis"]["reasons"]
        assert [line.partition(",")[0] for line in log.read_text().splitlines()] == ["epoch", *"01234"]
        *direct, _ = run("train", alike, "-e", "4", "--json", "-r", "0.003").records
        for record in [*epochs, *direct]:
            del record["seconds"]
        assert epochs == direct

    def test_with_a_model_to_start_from_it_starts_again_from_there(self, run, alike, tmp_path):
        start = tmp_path / "start"
        assert run("train", alike, "-e", "1", "-r", "1e-6", "--save", start).status == 0
        models = []
        for name, rate in (("usual", []), ("direct", ["-r", "0.003"])):
            path = tmp_path / name
            assert run("train", alike, "-e", "4", *rate, "--start", start, "--save", path).status == 0
            models.append(load_model(path))
        assert models[0].settings["diverged_at"] == [0.01]
        assert models[0].history[0]["train_cost"] == load_model(start).history[-1]["train_cost"]
        assert models[0].network == models[1].network
