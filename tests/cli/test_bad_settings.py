"""Settings that cannot work: each gets one clear error, before anything is printed or written."""

import pytest

from pellucid.network import activations

# What is said on the command line, and what the error must say.
BAD = [
    (["--layers", "0"], ["invalid layer size", "1 or more", "received: 0"]),
    (["--layers", "-5"], ["invalid layer size", "received: -5"]),
    (["--layers", "64,0"], ["invalid layer size", "layer 2"]),
    (["--layers", "3.5"], ["comma-separated whole numbers", "'3.5'"]),
    (["--layers", "abc"], ["comma-separated whole numbers", "'abc'"]),
    (["--layers", ""], ["comma-separated whole numbers", "''"]),
    (["--layers", "64,"], ["comma-separated whole numbers", "'64,'"]),
    (["--layers", "9" * 20], ["the layers are too large", "99,999,999"]),
    (["--layers", "1000000,1000000"], ["the layers are too large", "1,000,000, 1,000,000"]),
    (["--activation", "relu,tanh"], ["the number of activations does not match", "relu, tanh", "--output"]),
    (["--layers", "8,8", "-a", "relu,tanh,elu"], ["does not match the layers", "or 2, one per hidden layer"]),
    (["--activation", "rellu"], ["there is no activation named 'rellu'", "did you mean 'relu'"]),
    (["--activation", ""], ["there is no activation named ''"]),
    (["--activation", "leaky_relu:slope=1"], ["no parameter 'slope'", "alpha"]),
    (["--activation", "leaky_relu:alpha=x"], ["alpha of leaky_relu is not a number"]),
    (["--output", "softmaxx"], ["there is no activation named 'softmaxx'", "did you mean 'softmax'"]),
    (["--cost", "msee"], ["there is no cost named 'msee'", "did you mean 'mse'"]),
    (["--cost", "bce", "--output", "tanh"], ["cannot be used with the outputs of tanh", "sigmoid", "hinge"]),
    (["--initializer", "he"], ["no initializer named 'he'", "did you mean 'he_normal' or 'he_uniform'"]),
    (["--activation", "elu:alpha=1,alpha=2"], ["alpha of elu is given twice"]),
    (["--activation", "swish:beta=1e9"], ["beta of swish cannot be 1000000000.0", "and at most 1e+06"]),
    (["--schedule", "linaer"], ["there is no schedule named 'linaer'", "did you mean 'linear'"]),
    *((["--learning-rate", rate], ["the learning rate cannot be",
                                "a finite number above 0", "start with 0.01"])
      for rate in ("0", "-1", "nan", "inf", "-inf", "1e999")),
    (["--learning-rate", "fast"], ["--learning-rate", "'fast'"]),
    *((["--epochs", epochs], ["epochs cannot be", "1 or more"]) for epochs in ("0", "-3")),
    (["--epochs", "1e3"], ["--epochs", "'1e3'"]),
    (["--batch-size", "0"], ["batch_size cannot be 0", "1 or more"]),
    (["--batch-size", "2.5"], ["--batch-size", "'2.5'"]),
    *((["--test-size", size], ["the size of the test set is not valid", "0.2"])
      for size in ("0", "1.5", "-1", "nan", "inf", "-0.2")),
    (["--test-size", "60"], ["the training set would be empty"]),
    (["--test-size", "half"], ["--test-size", "'half'"]),
    (["--dtype", "int8"], ["--dtype", "'int8'", "'float32', 'float64'"]),
    (["--seed", "-1"], ["seed cannot be -1", "0 or more"]),
    (["--seed", "x"], ["--seed", "'x'"]),
    (["--task", "clasification"], ["--task", "'clasification'", "'classification'"]),
    (["--target", "kin"], ["there is no column 'kin'", "did you mean 'kind'"]),
    (["--target", "[dim]"], ["there is no column '[dim]'", "size[m], col[/bold]our, weight, kind"]),
    (["--split-column", "prat"], ["there is no column 'prat'"]),
    (["--drop", "colour"], ["there is no column 'colour'", "col[/bold]our"]),
    (["--target", "size[m]", "--task", "classification"], ["not a whole number", "line 2", "'regression'"]),
    (["--target", "kind", "--task", "regression"], ["needs numbers", "line 2", "'classification'"]),
    (["--save", "nowhere/m.pellucid"], ["the folder to save to does not exist", "nowhere"]),
    (["--save", "."], ["the path is a folder"]),
    (["--delimiter", ";"], ["another delimiter", "--delimiter ','"]),
    (["--delimiter", ";;"], []),
    (["more.csv"], ["unexpected extra argument"]),
]  # fmt: skip


def is_one_clear_error(result):
    assert result.status == 2
    assert result.out == ""
    assert "Traceback" not in result.err
    assert result.err.count("Error: ") == 1


@pytest.mark.parametrize(("options", "says"), BAD, ids=lambda part: " ".join(part)[:40])
def test_is_refused(run, table, tmp_path, monkeypatch, options, says):
    monkeypatch.chdir(tmp_path)
    saving = [] if "--save" in options else ["--save", "m.pellucid"]
    result = run("train", table, *saving, *options)
    is_one_clear_error(result)
    assert [words for words in says if words.lower() not in result.err.lower()] == []
    assert [path.name for path in tmp_path.iterdir()] == [table.name]


@pytest.mark.parametrize("where", ["--activation", "--output"])
@pytest.mark.parametrize("name", [activation.name for activation in activations if not activation.trainable])
def test_no_training_through_what_has_no_slope(run, table, name, where):
    result = run("train", table, where, name)
    is_one_clear_error(result)
    assert f"a network with {name} cannot be trained" in result.err
    assert f"train with {activations.get(name).train_with}" in result.err


def test_through_the_real_command(shell, table, tmp_path):
    result = shell("train", table, "--cost", "bce", "--output", "tanh", "--save", "m.pellucid")
    is_one_clear_error(result)
    assert [line.partition(":")[0] for line in result.err.splitlines()] == [
        "Error", "  expected", "  received", "  what to do"
    ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == [table.name]
