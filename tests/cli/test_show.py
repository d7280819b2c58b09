import pytest

from pellucid.cli.numbers import figure
from pellucid.storage import load_model


@pytest.mark.parametrize("which", ["digits", "binary", "regression", "images"])
def test_as_json(run, request, which):
    trained = request.getfixturevalue(which)
    model = load_model(trained.path)
    result = run("show", trained.path, "--json")
    (shown,) = result.records
    assert result.status == 0
    assert shown["sizes"] == list(model.network.sizes)
    assert shown["activations"] == [str(layer.activation) for layer in model.network.layers]
    assert shown["parameters"] == model.network.n_parameters
    assert shown["cost"] == str(model.cost)
    assert shown["features"] == list(model.inputs.features)
    assert (shown["classes"] is None) == (which == "regression")
    assert len(shown["history"]) == shown["settings"]["epochs"] + 1
    assert shown["diagnosis"]["verdict"] == model.diagnosis.verdict


def test_for_people(run, binary):
    result = run("show", binary.path)
    words = " ".join(result.out.split())
    assert result.status == 0
    assert "1 4 relu 4 x 5 4 24" in words
    assert (
        "in 5: size[m], col[/bold]our = :smile:, col[/bold]our = [blue], col[/bold]our = red, weight" in words
    )
    assert "out 2: no[/], yes[1]" in words
    assert "cost binary_cross_entropy: -1/N" in words
    assert "learning rate 0.01, schedule linear, batch size 1, epochs 5, seed 0" in words
    last = load_model(binary.path).history[-1]
    assert f"after epoch 5 train test cost {last['train_cost']:.4g} {last['test_cost']:.4g}" in words
    accuracies = [f"{100 * last[f'{part}_accuracy']:.2f} %" for part in ("train", "test")]
    assert f" accuracy {' '.join(accuracies)} balanced accuracy " in words
    assert f" AUC {last['train_auc']:.4g} {last['test_auc']:.4g} " in words
    assert "Diagnosis: " in words
    assert max(map(len, result.out.splitlines())) <= 80


def test_each_figure_of_a_weighted_run_stands_in_a_row(run, table, tmp_path):
    path, log = tmp_path / "m.pellucid", tmp_path / "log.csv"
    how = ["-t", "kind", "--class-weight", "balanced", "--early-stopping", "9", "--l2", "0.01", "-e", "2"]
    result = run("train", table, *how, "--save", path, "--log", log)
    assert result.status == 0
    model = load_model(path)
    assert model.settings["monitor"] == "validation_weighted_cost"
    assert log.read_text().splitlines()[0] == ",".join(model.history.columns)
    out = run("show", path).out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert f"after epoch {model.kept_epoch} train validation test" in lines
    for name in ("weighted_cost", "f1_macro"):
        words = {"weighted_cost": "weighted cost", "f1_macro": "macro F1"}[name]
        numbers = [figure(model.figures[f"{part}_{name}"]) for part in ("train", "validation", "test")]
        assert f"{words} {' '.join(numbers)}" in lines
    for name in ("penalty", "objective"):
        assert f"{name} {figure(model.figures[name])}" in lines
    assert max(map(len, out.splitlines())) <= 80


def test_a_figure_that_is_undefined_is_said_to_be(run, table, tmp_path):
    path = tmp_path / "m.pellucid"
    how = ["-t", "weight", "--task", "regression", "--test-size", "1", "-e", "1"]
    trained = run("train", table, *how, "--save", path)
    row = next(line for line in trained.out.splitlines() if line.split()[:1] == ["1"] and "." in line)
    assert row.split()[-2] == "-"  # the R2 of the test part, before the seconds
    lines = [" ".join(line.split()) for line in run("show", path).out.splitlines()]
    assert any(line.startswith("R2 ") and line.endswith(" undefined") for line in lines)
    assert "R2 undefined (fewer than two examples)" in run("evaluate", path, table).out
    assert run("evaluate", path, table, "--json").records[0]["r2"] is None
    end = run("train", table, *how, "--json").records[-1]
    assert end["test_r2"] is None
    refused = run("train", table, *how, "--goal", "test_r2=0.5")
    assert (refused.status, refused.out, refused.err.count("Error: ")) == (2, "", 1)


def test_many_inputs_are_not_all_listed(run, digits):
    assert "and 52 more" in " ".join(run("show", digits.path).out.split())


class TestWhatIsNoModel:
    @pytest.mark.parametrize("command", ["show", "evaluate", "predict", "explain"])
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (None, "the model file does not exist"),
            (b"", "not a model file"),
            (b"size,kind\n1,a\n", "not a model file"),
            (bytes(1000), "not a model file"),
            (b"\x08\0\0\0\0\0\0\0{}      ", "not a Pellucid model"),
        ],
    )
    def test_is_refused(self, run, tmp_path, command, content, says):
        path = tmp_path / "m[red].pellucid"
        if content is not None:
            path.write_bytes(content)
        result = run(command, path)
        assert (result.status, result.out) == (2, "")
        assert result.err.count("Error: ") == 1
        assert says in result.err
        assert "m[red].pellucid" in result.err

    def test_nor_is_a_folder(self, run, tmp_path):
        result = run("show", tmp_path)
        assert (result.status, result.out) == (2, "")
        assert str(tmp_path) in result.err

    def test_nor_half_of_one(self, run, binary, tmp_path):
        whole = binary.path.read_bytes()
        (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
        result = run("show", tmp_path / "half")
        assert (result.status, result.out) == (2, "")
        assert "damaged" in result.err

    def test_through_the_real_command(self, shell, tmp_path):
        (tmp_path / "m.pellucid").write_bytes(b"nothing of that sort")
        result = shell("show", "m.pellucid")
        assert (result.status, result.out) == (2, "")
        assert result.err.startswith("Error: the model file is damaged, or is not a model file")
        assert "Traceback" not in result.err
