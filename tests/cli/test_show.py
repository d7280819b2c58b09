import pytest

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
    assert f"after epoch 5: train cost {last['train_cost']:.4g}" in words
    assert f"test accuracy {100 * last['test_accuracy']:.2f} %" in words
    assert "Diagnosis: " in words
    assert max(map(len, result.out.splitlines())) <= 80


def test_many_inputs_are_not_all_listed(run, digits):
    assert "and 52 more" in " ".join(run("show", digits.path).out.split())


class TestWhatIsNoModel:
    @pytest.mark.parametrize("command", ["show", "evaluate", "predict", "explain"])
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (None, "there is no such model file"),
            (b"", "no model file"),
            (b"size,kind\n1,a\n", "no model file"),
            (bytes(1000), "no model file"),
            (b"\x08\0\0\0\0\0\0\0{}      ", "no Pellucid model"),
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
        assert result.err.startswith("Error: the model file is damaged, or is no model file")
        assert "Traceback" not in result.err
