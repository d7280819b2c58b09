import re

import numpy as np
import pytest

from pellucid.cli.numbers import figure
from pellucid.explanation import explain
from pellucid.storage import load_model

MODELS = ["digits", "binary", "regression", "images"]


def numbers_after(text, heading, row):
    """The numbers in a row of the first table whose heading holds these words."""
    lines = text.splitlines()
    start = next(k for k, line in enumerate(lines) if re.search(heading, line))
    line = next(line for line in lines[start + 1 :] if line.strip().startswith(row))
    return [float(word.replace(",", "")) for word in line.strip()[len(row) :].split()]


class TestJson:
    @pytest.mark.parametrize("which", MODELS)
    def test_is_the_explanation(self, run, request, which):
        trained = request.getfixturevalue(which)
        result = run("explain", trained.path, trained.data, "--row", "3", "--json")
        (told,) = result.records
        expected = explain(load_model(trained.path), trained.data, 3)
        assert result.status == 0
        assert (told["event"], told["row"]) == ("explanation", 3)
        assert (told["prediction"], told["truth"]) == (expected.prediction, expected.truth)
        assert told["loss"] == pytest.approx(expected.trace.loss)
        n_layers = len(expected.model.network.layers)
        assert [step["layer"] for step in told["forward"]] == list(range(1, n_layers + 1))
        assert [step["layer"] for step in told["backward"]] == list(range(n_layers, 0, -1))
        for forward, back in zip(told["forward"], told["backward"][::-1], strict=True):
            n = forward["layer"]
            np.testing.assert_allclose(forward["z"], expected.trace.z[n - 1][0], rtol=1e-6)
            np.testing.assert_allclose(back["delta"], expected.trace.delta[n - 1][0], rtol=1e-6)
            assert len(back["slope"]) == len(back["new_biases"]) == len(forward["a"])

    def test_with_a_neuron(self, run, binary):
        (told,) = run("explain", binary.path, binary.data, "--neuron", "1.3", "--json").records
        neuron = told["neuron"]
        assert (neuron["layer"], neuron["neuron"]) == (1, 3)
        total = sum(term["product"] for term in neuron["terms"]) + neuron["bias"]
        assert neuron["z"] == pytest.approx(total, rel=1e-5)
        assert neuron["z"] == pytest.approx(told["forward"][0]["z"][2])

    def test_without_the_truth(self, run, binary, tmp_path):
        path = tmp_path / "rows.csv"
        path.write_text("size[m],col[/bold]our,weight\n0.9,red,70\n")
        (told,) = run("explain", binary.path, path, "--json").records
        assert told["truth"] is None
        assert "backward" not in told
        out = run("explain", binary.path, path).out
        assert "do not contain the target of this row" in " ".join(out.split())
        assert "forward ──" in out
        assert "backward ──" not in out


@pytest.mark.parametrize("which", MODELS)
@pytest.mark.parametrize("neuron", [None, "1.2", "2.1"])
def test_fits_the_terminal_and_shows_its_formulas_plainly(run, request, which, neuron):
    trained = request.getfixturevalue(which)
    result = run("explain", trained.path, trained.data, *(["--neuron", neuron] if neuron else []))
    assert (result.status, result.err) == (0, "")
    assert max(map(len, result.out.splitlines())) <= 80
    assert "\\" not in result.out
    assert not re.search(r"\b(nan|inf)\b", result.out)


class TestTheWayForward:
    def test_every_line_is_the_rule_with_its_numbers(self, run, digits):
        out = run("explain", digits.path, "--row", "3", "--top", "5").out
        told = explain(load_model(digits.path), "digits", 3)
        for step in told.forward_steps():
            last = step.layer == 3
            neuron = int(np.argmax(np.abs(step.a)))
            row = told.output_names[neuron] if last else f"[{neuron + 1}]"
            before = "x" if step.layer == 1 else f"a{step.layer - 1}"
            weighted, bias, z, a = numbers_after(out, rf"W{step.layer} {before} +\+ b{step.layer}", row)
            assert (z, a) == (
                pytest.approx(step.z[neuron], rel=1e-3),
                pytest.approx(step.a[neuron], rel=1e-3),
            )
            assert weighted + bias == pytest.approx(z, abs=2e-3 * max(abs(weighted), abs(bias)))
        assert "tanh(z) = tanh(z)" in out
        assert "relu(z) = max(0, z)" in out
        assert "softmax(z) = e^(z_i)/(Σ_k e^(z_k))" in out
        assert "W1 is 24 x 64, b1 has 24" in out

    def test_wide_layers_say_how_many_more_there_are(self, run, digits):
        out = run("explain", digits.path, "--row", "3", "--top", "5").out
        told = explain(load_model(digits.path), "digits", 3)
        x, a2 = told.trace.a[0][0], told.trace.a[2][0]
        zeros = len(x) - np.count_nonzero(x)
        assert f"and 59 more inputs: {59 - zeros} smaller, {zeros} at 0" in out
        shown = min(5, np.count_nonzero(a2))
        rest = np.count_nonzero(a2) - shown
        assert f"and {16 - shown} more neurons: {rest} smaller, {16 - shown - rest} at 0" in out
        assert "and 19 more neurons: 19 smaller, 0 at 0" in out

    def test_the_image(self, run, images):
        out = run("explain", images.path, images.data, "--row", "1").out
        picture = [line[2:] for line in out.splitlines()[1:5]]
        assert all(line.startswith("██████") or line.rstrip().endswith("██████") for line in picture)

    def test_how_the_outputs_become_the_answer(self, run, digits, binary, regression):
        out = run("explain", digits.path, "--row", "3").out
        told = explain(load_model(digits.path), "digits", 3)
        assert f"prediction: {told.prediction}   target: 3" in out
        assert f"the largest output is that of {told.prediction}: {figure(told.trace.a[-1].max())}" in out
        told = explain(load_model(binary.path), binary.data, 3)
        output = float(told.trace.a[-1][0, 0])
        side = "above" if output > 0.5 else "not above"
        out = run("explain", binary.path, binary.data, "--row", "3").out
        assert f"a2 = {figure(output)} is {side} 0.5, the threshold of yes[1]" in out
        told = explain(load_model(regression.path), regression.data, 3)
        out = " ".join(run("explain", regression.path, regression.data, "--row", "3").out.split())
        scale, mean = told.model.target.scale[0], told.model.target.mean[0]
        assert f"prediction: {told.prediction} target: {told.truth}" in out
        assert f"{figure(told.trace.a[-1][0, 0])} x {figure(scale)} + {figure(mean)}" in out


class TestTheWayBack:
    def test_the_loss(self, run, digits):
        out = run("explain", digits.path, "--row", "3").out
        told = explain(load_model(digits.path), "digits", 3)
        assert f"L = {figure(told.trace.loss, 6)}   categorical_cross_entropy" in out
        output, truth, slope = numbers_after(out, r"ŷ = a3 +y +dL/da3 = -y/ŷ", "3 ")
        assert truth == 1
        assert output == pytest.approx(told.trace.a[-1][0, 3], rel=1e-3)
        assert slope == pytest.approx(-1 / output, rel=2e-3)

    def test_error_terms_with_slopes_and_biases(self, run, digits):
        out = run("explain", digits.path, "--row", "3", "--top", "64").out
        told = explain(load_model(digits.path), "digits", 3)
        a, y, delta, bias, new = numbers_after(out, r"a3 +- y +", "3 ")
        assert delta == pytest.approx(a - y, rel=2e-3)
        assert new == pytest.approx(bias - told.learning_rate * delta, rel=1e-3)
        for step in told.backward_steps()[1:]:
            name = ["tanh", "relu"][step.layer - 1]
            assert f"delta{step.layer} = (W{step.layer + 1}^T delta{step.layer + 1}) * {name}'(z" in out
            for neuron in range(len(step.delta)):
                arriving, slope, delta, bias, new = numbers_after(
                    out, rf"W{step.layer + 1}\^T delta{step.layer + 1} +x {name}'", f"[{neuron + 1}]"
                )
                assert slope == pytest.approx(step.slope[neuron], rel=1e-3)
                assert delta == pytest.approx(step.delta[neuron], rel=1e-3)
                assert delta == pytest.approx(arriving * slope, rel=2e-3)
                assert bias == pytest.approx(
                    told.model.network.layers[step.layer - 1].biases[neuron], rel=1e-4
                )
                assert new == pytest.approx(step.new_biases[neuron], rel=1e-4)
        assert "tanh'(z) = 1 - a²" in out
        assert "relu'(z) = 1 if z > 0, else 0" in out
        assert "dL/db1 = delta1    new b1 = b1 - 0.01 dL/db1" in out

    def test_the_joint_error_term_of_one_output(self, run, binary):
        out = run("explain", binary.path, binary.data, "--row", "3").out
        told = explain(load_model(binary.path), binary.data, 3)
        assert "delta2 = a2 - y  (sigmoid and binary_cross_entropy together)" in out
        assert "sigmoid'(z2)" not in out
        assert "sigmoid'(z)" not in run("explain", binary.path, binary.data, "--neuron", "2.1").out
        a, y, delta, _, _ = numbers_after(out.replace("yes[1]", "1"), r"a2 +- y +", "1")
        assert (a, y) == (pytest.approx(told.trace.a[-1][0, 0], rel=1e-3), float(told.truth == "yes[1]"))
        assert delta == pytest.approx(a - y, rel=2e-3)

    def test_gradients_and_the_update(self, run, binary):
        out = run("explain", binary.path, binary.data, "--row", "3").out
        told = explain(load_model(binary.path), binary.data, 3)
        for step in told.backward_steps():
            entry = step.weights.largest[0]
            _, *numbers = (
                numbers_after(out.replace("yes[1]", "1").replace(f"[{entry.neuron}]", str(entry.neuron)),
                              rf"delta{step.layer} +x from", entry.source)
            )  # fmt: skip
            delta, came_in, gradient, old, new = numbers
            assert gradient == pytest.approx(entry.gradient, rel=1e-3)
            assert gradient == pytest.approx(delta * came_in, rel=2e-3)
            assert (old, new) == (pytest.approx(entry.old, rel=1e-4), pytest.approx(entry.new, rel=1e-4))
            assert f"dL/dW{step.layer} = delta{step.layer} " in out
            shape = (
                f"{step.weights.shape[0]} x {step.weights.shape[1]} entries, {step.weights.n_zero} of them 0"
            )
            assert shape in out

    def test_a_regression_says_how_the_truth_was_standardised(self, run, regression):
        out = " ".join(run("explain", regression.path, regression.data, "--row", "3").out.split())
        told = explain(load_model(regression.path), regression.data, 3)
        target = told.model.target
        assert f"({told.truth} - {figure(target.mean[0])}) / {figure(target.scale[0])}" in out
        assert "dL/da2 = -(y - ŷ)" in out

    def test_a_regression_that_never_goes_below_0(self, run, regression, tmp_path):
        path = tmp_path / "m.pellucid"
        how = ["-t", "weight", "--task", "regression", "--output", "softplus", "-e", "1", "--save", path]
        assert run("train", regression.data, *how).status == 0
        out = " ".join(run("explain", path, regression.data, "--row", "3").out.split())
        told = explain(load_model(path), regression.data, 3)
        scaled = f"{told.truth} / {figure(told.model.target.scale[0])}"
        assert f"y is the target, divided by its standard deviation: {scaled}" in out
        assert "the target was divided by its standard deviation; in original units, a2 is" in out

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            (["--output", "softmax", "--cost", "mse"], ["delta2 = J^T dL/da2  (J: the Jacobian of softmax)"]),
            (["-a", "softmax"], ["J: the Jacobian of softmax"]),
            (["--output", "tanh", "--cost", "hinge"], ["x tanh'(z2)", "the threshold of yes[1]"]),
            (["--output", "softmax", "--cost", "sparse_categorical_cross_entropy"], ["delta2 = a2 - y"]),
            (["-l", "none"], ["Layer 1: 1 neuron, sigmoid"]),
            (["-l", "3,3,3", "-a", "swish:beta=2"], ["swish(z) = z σ(β z), beta = 2", "Layer 4"]),
        ],
    )
    def test_other_pairs(self, run, binary, tmp_path, options, says):
        path = tmp_path / "m.pellucid"
        layers = [] if "-l" in options else ["-l", "3"]
        trained = run("train", binary.data, "-t", "kind", "-e", "1", "--save", path, *layers, *options)
        assert trained.status == 0
        result = run("explain", path, binary.data)
        assert result.status == 0
        assert [words for words in says if words not in result.out] == []
        assert run("explain", path, binary.data, "--neuron", "1.1").status == 0


class TestNeuron:
    def test_its_sum_term_by_term(self, run, binary):
        result = run("explain", binary.path, binary.data, "--row", "3", "--neuron", "1.3")
        neuron = explain(load_model(binary.path), binary.data, 3).neuron(1, 3)
        lines = result.out.splitlines()
        assert lines[0] == "Layer 1, neuron 3 (both counted from 1); row 3"
        for term in neuron.terms:
            weight, value, product = numbers_after(result.out, "weight +x input +", term.source)
            assert weight == pytest.approx(term.weight, rel=1e-4)
            assert value == pytest.approx(term.value, rel=1e-3)
            assert product == pytest.approx(term.product, rel=1e-3)
        assert numbers_after(result.out, "x input", "bias") == [
            pytest.approx(neuron.bias, rel=1e-4, abs=1e-9)
        ]
        assert numbers_after(result.out, "x input", "z, the sum") == [pytest.approx(neuron.z, rel=1e-4)]
        assert numbers_after(result.out, "x input", "a = relu(z)") == [pytest.approx(neuron.a, rel=1e-4)]
        assert f"and {neuron.n_zero} terms that are 0" in result.out

    def test_its_error_term_too(self, run, digits):
        out = run("explain", digits.path, "--row", "3", "--neuron", "1.5", "--top", "100").out
        told = explain(load_model(digits.path), "digits", 3)
        step = told.backward_steps()[-1]
        (total,) = numbers_after(out, "to layer 2", "the sum")
        (slope,) = numbers_after(out, "to layer 2", "x tanh'(z)")
        (delta,) = numbers_after(out, "to layer 2", "= delta1")
        assert delta == pytest.approx(step.delta[4], rel=1e-4)
        assert delta == pytest.approx(total * slope, rel=1e-3)
        terms = [line for line in out.partition("to layer 2")[2].splitlines() if line.startswith("  [")]
        assert total == pytest.approx(sum(float(line.split()[-1]) for line in terms), rel=1e-3)

    def test_the_smaller_terms_are_summed_up(self, run, digits):
        out = run("explain", digits.path, "--row", "3", "--neuron", "1.5", "--top", "3").out
        neuron = explain(load_model(digits.path), "digits", 3).neuron(1, 5)
        rest = neuron.terms[3:]
        (total,) = numbers_after(out, "x input", f"and {len(rest)} smaller terms")
        assert total == pytest.approx(sum(term.product for term in rest), rel=1e-3)

    def test_of_the_output_layer_says_what_it_speaks_for(self, run, binary):
        out = run("explain", binary.path, binary.data, "--neuron", "2.1").out
        assert "Layer 2, neuron 1, the output for yes[1]" in out
        assert "delta2 = a2 - y" in out


class TestBadRequests:
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            (["--row", "60"], ["there is no row 60", "0 to 59"]),
            (["--row", "-1"], ["there is no row -1", "0 to 59"]),
            (["--row", "12", "--part", "test"], ["there is no row 12", "0 to 11"]),
            (["--row", "x"], ["--row", "'x'"]),
            (["--neuron", "9.9"], ["there is no layer 9", "1 to 2"]),
            (["--neuron", "0.1"], ["there is no layer 0"]),
            (["--neuron", "1.0"], ["layer 1 has no neuron 0", "1 to 4"]),
            (["--neuron", "1.5"], ["layer 1 has no neuron 5", "1 to 4"]),
            *(
                (["--neuron", text], ["LAYER.NEURON", repr(text)])
                for text in ("x", "1", "1.", ".1", "1.2.3", "-1.2")
            ),
            (["--neuron", "²1.1"], ["LAYER.NEURON"]),
            (["--top", "0"], ["--top"]),
            (["--part", "half"], ["--part", "'half'"]),
        ],
    )  # fmt: skip
    def test_are_refused(self, run, binary, options, says):
        result = run("explain", binary.path, binary.data, *options)
        assert (result.status, result.out) == (2, "")
        assert result.err.count("Error: ") == 1
        assert [words for words in says if words not in result.err] == []
