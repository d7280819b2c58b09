"""One example all the way through: the numbers of the trace, of a network worked by hand, and their rules."""

import json

import numpy as np
import polars as pl
import pytest

from pellucid.data import ClassTarget, Examples, load_data
from pellucid.errors import ConfigurationError, DataError, UnknownNameError
from pellucid.explanation import explain
from pellucid.network import Objective, costs
from pellucid.passes.reference import backward, forward
from pellucid.training import build_network, optimizers, train
from pellucid.training.updates.rule import UpdateRule

LN3 = np.log(3.0)
TWO = ClassTarget(None, ("no", "yes"))

# Two rows; the first is worked below, and is an ant.
ROWS = Examples(np.array([[1.0, 2, 0, -1], [0, 0, 0, 0]]), np.array([0, 2]), origin=np.array([70, 71]))


def close(found, expected):
    np.testing.assert_allclose(np.asarray(found, float), expected, rtol=1e-13, atol=1e-15)


class TestByHand:
    def test_said(self, by_hand):
        explanation = explain(by_hand, ROWS, 0)
        assert (explanation.row, explanation.truth, explanation.prediction) == (70, "ant", "bee")
        assert explanation.right is False
        assert explanation.output_names == ("ant", "bee", "cow")
        assert repr(explanation).startswith("Explanation(row 70: prediction bee")

    def test_forward(self, by_hand):
        first, second = explain(by_hand, ROWS, 0).forward_steps()
        # 1 + 1 + 0 - 1/2 + 1/2 and -1 + 1 + 0 - 1 + 1/4
        close(first.z, [2, -0.75])
        close(first.a, [2, 0])
        close(second.z, [0, LN3, -LN3])
        close(second.a, [0.5, 0.75, 0.25])
        assert (first.W_shape, second.W_shape) == ((2, 4), (3, 2))
        assert (first.activation, second.activation) == ("relu", "sigmoid")
        assert first.rule == "z1 = W1 x + b1,  a1 = relu(z1)"
        assert second.rule == "z2 = W2 a1 + b2,  a2 = sigmoid(z2)"
        assert first.formula == r"\max(0, z)"

    def test_backward(self, by_hand):
        explanation = explain(by_hand, ROWS, 0)
        assert explanation.trace.loss == pytest.approx(7 / 16)
        last, first = explanation.backward_steps()
        assert (last.layer, first.layer) == (2, 1)
        # dL/da2 = (-1/2, 3/4, 1/4) times a (1 - a) = (1/4, 3/16, 3/16)
        close(last.slope, [1 / 4, 3 / 16, 3 / 16])
        close(last.delta, [-1 / 8, 9 / 64, 3 / 64])
        close(last.bias_gradient, [-1 / 8, 9 / 64, 3 / 64])
        close(last.new_biases, [-2 + 1 / 16, LN3 - 1 - 9 / 128, 1 - LN3 - 3 / 128])
        # W2^T delta2 = (-5/64, -11/64); the second neuron rests
        close(first.slope, [1, 0])
        close(first.delta, [-5 / 64, 0])
        assert last.rule == "delta2 = dL/da2 * sigmoid'(z2)"
        assert first.rule == "delta1 = (W2^T delta2) * relu'(z1)"
        assert (last.weights.rule, first.weights.rule) == ("dL/dW2 = delta2 a1^T", "dL/dW1 = delta1 x^T")
        assert (last.bias_rule, first.bias_rule) == ("dL/db2 = delta2", "dL/db1 = delta1")

    def test_gradients(self, by_hand):
        last, first = (step.weights for step in explain(by_hand, ROWS, 0).backward_steps())
        # dL/dW2 = delta2 a1^T with a1 = (2, 0): (-1/4, 0), (9/32, 0), (3/32, 0)
        assert (last.shape, last.n_zero) == ((3, 2), 3)
        assert last.norm == pytest.approx(np.sqrt((8**2 + 9**2 + 3**2) / 32**2))
        told = [(e.neuron, e.source, e.gradient, e.old, e.new) for e in last.largest]
        assert told == [
            (2, "a1[1]", pytest.approx(9 / 32), 0.5, pytest.approx(0.5 - 9 / 64)),
            (1, "a1[1]", pytest.approx(-1 / 4), 1, pytest.approx(1 + 1 / 8)),
            (3, "a1[1]", pytest.approx(3 / 32), -0.5, pytest.approx(-0.5 - 3 / 64)),
        ]
        # dL/dW1 = delta1 x^T = -5/64 (1, 2, 0, -1) and zeros
        assert (first.shape, first.n_zero) == ((2, 4), 5)
        assert [(e.neuron, e.source) for e in first.largest] == [(1, "x2"), (1, "x1"), (1, "x4")]
        close([e.gradient for e in first.largest], [-10 / 64, -5 / 64, 5 / 64])

    def test_the_largest_only(self, by_hand):
        for n in (0, 1, 2, 100):
            last, _ = explain(by_hand, ROWS, 0).backward_steps(n_largest=n)
            assert [entry.neuron for entry in last.weights.largest] == [2, 1, 3][:n]


def trained(source, layers=(6, 5), **how):
    names = {key: how.pop(key) for key in ("target", "task") if key in how}
    data = load_data(source, **names)
    network = build_network(data, layers, "tanh", **how)
    return train(network, data, cost=how.get("cost"), epochs=2, learning_rate=0.05), data


X = np.random.default_rng(0).normal(size=(30, 3))
FRAME = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": ["yes" if x > 0 else "no" for x in X[:, 2]]})


@pytest.fixture(scope="module")
def explained():
    model, data = trained("digits")
    return explain(model, data.test, 7), model, data


class TestAgainstTheTrace:
    def test_all_numbers(self, explained):
        explanation, model, data = explained
        x = data.test.rows(7, "float32")
        y = model.head.prepare(data.test.targets[7:8])
        trace = backward(forward(model.network, x), y, Objective(model.network.output, model.cost))
        for k, step in enumerate(explanation.forward_steps()):
            assert (step.z == trace.z[k][0]).all()
            assert (step.a == trace.a[k + 1][0]).all()
        for step in explanation.backward_steps():
            k = step.layer - 1
            assert (step.delta == trace.delta[k][0]).all()
            assert (step.bias_gradient == trace.bias_gradients[k]).all()
            assert step.weights.norm == pytest.approx(np.linalg.norm(trace.weight_gradients[k]), rel=1e-5)
            assert step.weights.n_zero == (trace.weight_gradients[k] == 0).sum()
            largest = np.sort(np.abs(trace.weight_gradients[k]), axis=None)[::-1][:5]
            assert [abs(entry.gradient) for entry in step.weights.largest] == largest.tolist()
            assert step.weights.shape == model.network.layers[k].W.shape

    def test_old_and_new_are_what_an_update_makes(self, explained):
        explanation, model, _ = explained
        network = model.network.copy()
        trace = backward(
            forward(network, explanation.trace.a[0]), explanation.trace.target, explanation.trace.objective
        )
        assert explanation.learning_rate == 0.05
        steps = explanation.backward_steps()
        rule = UpdateRule(network, optimizers.get("sgd"))
        rule.update(rule.parts(network), trace.gradients, 0.05, 1)
        features = model.inputs.features
        for step in steps:
            new, old = network.layers[step.layer - 1], model.network.layers[step.layer - 1]
            np.testing.assert_allclose(step.new_biases, new.biases, rtol=1e-6)
            for entry in step.weights.largest:
                if step.layer == 1:
                    source = features.index(entry.source)
                else:
                    source = int(entry.source.removeprefix(f"a{step.layer - 1}[").removesuffix("]")) - 1
                assert entry.old == old.W[entry.neuron - 1, source]
                assert entry.new == pytest.approx(new.W[entry.neuron - 1, source], rel=1e-6)
        assert network != model.network

    def test_explaining_changes_nothing(self, explained):
        _, model, data = explained
        before = model.network.copy()
        explain(model, data.test, 3).to_dict()
        assert model.network == before


class TestRules:
    def rule(self, model, truth):
        examples = Examples(np.array([[1.0, -1]]), np.atleast_1d(truth))
        return explain(model, examples).backward_steps()[0]

    def test_joint(self, model_of):
        model = model_of([([[1, 0], [0, 1]], [0, 0], "softmax")], "cross_entropy", TWO)
        step = self.rule(model, 1)
        assert step.rule == "delta1 = a1 - y  (softmax and categorical_cross_entropy together)"
        p = 1 / (1 + np.exp(-2))
        close(step.delta, [p, -p])

    def test_jacobian(self, model_of):
        model = model_of([([[1, 0], [0, 1]], [0, 0], "softmax")], "mse", TWO)
        step = self.rule(model, 1)
        assert step.rule == "delta1 = J^T dL/da1  (J: the Jacobian of softmax)"
        # J = p (1 - p) [[1, -1], [-1, 1]] and dL/da = (p, -p): delta = 2 p^2 (1 - p) (1, -1)
        p = 1 / (1 + np.exp(-2))
        close(step.delta, [2 * p * p * (1 - p), -2 * p * p * (1 - p)])

    def test_a_hidden_softmax_has_a_jacobian_too(self, model_of):
        model = model_of([([[1, 0], [0, 1]], [0, 0], "softmax"), ([[1, -1]], [0], "sigmoid")], "mse", TWO)
        examples = Examples(np.array([[1.0, -1]]), np.array([1]))
        steps = explain(model, examples).backward_steps()
        assert steps[1].rule == "delta1 = J^T W2^T delta2  (J: the Jacobian of softmax)"
        p = 1 / (1 + np.exp(-2))
        J = p * (1 - p) * np.array([[1, -1], [-1, 1]])
        close(steps[1].delta, J @ np.array([1, -1]) * steps[0].delta)

    def test_hinge_on_the_sum_itself(self, model_of):
        model = model_of([([[0.25, 0]], [0], "identity")], "hinge", TWO)
        step = self.rule(model, 1)
        assert step.rule == "delta1 = dL/da1 * identity'(z1)"
        close(step.delta, [-1])  # 1/4 is within the margin
        explanation = explain(model, Examples(np.array([[1.0, -1]]), np.array([1])))
        assert (explanation.prediction, explanation.truth, explanation.trace.loss) == ("yes", "yes", 0.75)


class TestSingleOutput:
    def test_yes_or_no(self, model_of):
        model = model_of([([[1, 0]], [0], "sigmoid")], "bce", TWO)
        rows = Examples(np.array([[LN3, 9], [-LN3, 9]]), np.array([1, 1]))
        yes, no = explain(model, rows, 0), explain(model, rows, 1)
        assert (yes.prediction, yes.right, no.prediction, no.right) == ("yes", True, "no", False)
        assert yes.output_names == ("yes",)
        assert yes.to_dict()["outputs"] == {"yes": pytest.approx(0.75)}
        close(no.backward_steps()[0].delta, [0.25 - 1])

    def test_a_value(self, model_of, price):
        model = model_of([([[1, 0.5]], [0], "identity")], "mse", price)
        explanation = explain(model, Examples(np.array([[1.0, 2]]), np.array([[35.0]])))
        # 1 + 1 = 2 spreads above the mean says 40; the truth is 1.5 above it
        assert (explanation.prediction, explanation.truth) == ("40", "35")
        assert explanation.right is None
        assert explanation.output_names == ("price",)
        assert explanation.trace.loss == pytest.approx(0.5**2 / 2)
        close(explanation.backward_steps()[0].delta, [0.5])
        json.dumps(explanation.to_dict())


class TestWithoutTheTruth:
    def test_no_way_back(self):
        model, _ = trained(FRAME, target="kind")
        explanation = explain(model, FRAME.drop("kind"), 4)
        assert explanation.truth is explanation.right is None
        assert explanation.backward_steps() == []
        described = explanation.to_dict()
        assert not {"loss", "backward", "shapes", "cost"} & set(described)
        assert len(described["forward"]) == 3
        with_truth = explain(model, FRAME, 4)
        assert with_truth.truth == FRAME["kind"][4]
        assert described["outputs"] == with_truth.to_dict()["outputs"]

    def test_the_other_rows_need_no_truth(self):
        model, _ = trained(FRAME, target="kind")
        kinds = FRAME["kind"].to_list()
        kinds[0], kinds[1] = None, "never seen"
        patchy = FRAME.with_columns(pl.Series("kind", kinds))
        assert explain(model, patchy, 4).truth == FRAME["kind"][4]
        assert explain(model, patchy, 4).trace.loss == explain(model, FRAME, 4).trace.loss
        assert explain(model, patchy, 0).truth is None
        with pytest.raises(DataError, match="row 1"):
            explain(model, patchy, 1)


class TestRows:
    @pytest.mark.parametrize("row", [-1, 2, 10**9, 1.0, "1", None, True])
    def test_no_such_row(self, by_hand, row):
        with pytest.raises(DataError) as caught:
            explain(by_hand, ROWS, row)
        assert caught.value.expected == "a row from 0 to 1, counted from 0"
        assert caught.value.received == repr(row)

    def test_numpys_numbers_are_rows_too(self, by_hand):
        assert explain(by_hand, ROWS, np.int64(1)).row == 71

    def test_of_a_part(self):
        model, data = trained(FRAME, target="kind")
        explanation = explain(model, FRAME, 2, part="test")
        assert explanation.row == data.test.origin[2]
        assert explanation.truth == FRAME["kind"][explanation.row]
        with pytest.raises(UnknownNameError, match="did you mean 'train'"):
            explain(model, FRAME, 0, part="training")


@pytest.mark.parametrize(
    "source", ["digits", FRAME, (X, X @ [[1.0, 2], [0, 1], [3, 1]])], ids=["d", "f", "v"]
)
@pytest.mark.parametrize("truth", [True, False])
def test_ready_for_json(source, truth):
    model, data = trained(source)
    examples = data.test if truth else Examples(data.test.inputs, None, data.test.scale)
    described = json.loads(json.dumps(explain(model, examples, 1).to_dict(), allow_nan=False))
    # An explanation shows the reference's numbers, the outputs come from machine code.
    assert list(described["outputs"].values()) == pytest.approx(model.outputs(examples)[1].tolist(), rel=1e-5)
    assert len(described["input"]) == data.n_inputs
    if truth:
        assert described["cost"] == str(costs.get(model.cost))
        assert described["shapes"]["dL/dW1"] == [6, data.n_inputs]
        assert [step["layer"] for step in described["backward"]] == [3, 2, 1]
        assert described["backward"][0]["weights"]["largest"][0].keys() == {
            "neuron", "source", "gradient", "old", "new",
        }  # fmt: skip


def test_in_words(by_hand):
    text = str(explain(by_hand, ROWS, 0))
    assert "z1 = W1 x + b1,  a1 = relu(z1)" in text
    assert "delta1 = (W2^T delta2) * relu'(z1)" in text
    assert "dL/dW2 = delta2 a1^T, 3 x 2" in text
    assert "loss" not in str(explain(by_hand, Examples(ROWS.inputs), 0))


def test_as_text_the_outputs_have_their_names(by_hand):
    lines = str(explain(by_hand, ROWS, 0)).splitlines()
    assert lines[0] == "row 70: prediction bee, truth ant"
    assert lines[2] == "  z1: [1] = 2, [2] = -0.75"
    assert lines[6] == "  a2: bee = 0.75, ant = 0.5, cow = 0.25"
    assert "  delta2: bee = 0.1406, ant = -0.125, cow = 0.04688" in lines
    assert any("the weight from a1[1] to neuron bee:" in line for line in lines)


@pytest.mark.parametrize("wrong", [None, "digits", 5])
def test_what_is_no_model(wrong):
    with pytest.raises(ConfigurationError, match="the model cannot be of type"):
        explain(wrong, ROWS, 0)


def test_a_row_that_overflows_has_no_explanation(by_hand):
    far = Examples(np.array([[np.inf, -1e308, 0, 0]]), np.array([0]))
    with pytest.raises(DataError, match="no prediction for a row"):
        explain(by_hand, far, 0)
