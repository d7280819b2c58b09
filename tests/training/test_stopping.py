"""When a run ends before its last epoch, and what is kept: on figures made to go up and down."""

import time

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.errors import ConfigurationError
from pellucid.evaluation import measure
from pellucid.training import Callback, Checkpoint, EarlyStopping, Goal, TimeLimit, build_network, train


@pytest.fixture(scope="module")
def validated():
    random = np.random.default_rng(0)
    y = np.arange(60) % 3
    return load_data((random.normal(size=(60, 2)) + 3 * y[:, None], y), test_size=12, validation_size=12)


class Scripted(Callback):
    """Puts figures of its own into the history, before who comes after it looks, and keeps the weights."""

    def __init__(self, column, figures):
        self.column, self.figures, self.seen = column, figures, {}

    def start(self, run):
        worst = -99 if self.column.endswith("accuracy") else 99  # than all that comes
        run.history[-1][self.column] = worst

    def epoch(self, run):
        run.history[-1][self.column] = self.figures[run.epoch - 1]
        self.seen[run.epoch] = run.shown.copy()


def run(data, figures, stopping, column="validation_cost", **how):
    scripted = Scripted(column, figures)
    network = build_network(data, [4])
    model = train(network, data, epochs=len(figures), callbacks=[scripted, stopping], **how)
    return model, scripted, network


class TestEarlyStopping:
    def test_waits_so_many_epochs_and_goes_back_to_the_best(self, validated):
        costs = [5, 3, 4, 2, 2, 6, 7, 1, 1, 1]
        model, scripted, network = run(validated, costs, EarlyStopping(3))
        assert (model.stopped, model.history.n_epochs, model.kept_epoch) == ("early", 7, 4)
        assert model.network == scripted.seen[4] == network
        assert model.figures["epoch"] == 4

    def test_goes_back_to_the_best_though_it_did_not_stop(self, validated):
        model, scripted, network = run(validated, [5, 3, 1, 4, 4], EarlyStopping(10))
        assert (model.stopped, model.history.n_epochs, model.kept_epoch) == (None, 5, 3)
        assert model.network == scripted.seen[3] == network

    def test_the_figures_of_the_diagnosis_are_those_of_what_is_kept(self, validated):
        model, _, _ = run(validated, [5, 3, 1, 4, 4], EarlyStopping(10))
        measured = measure(model.network, model.head, validated.train)
        row = model.history[3]
        assert (row["train_cost"], row["train_accuracy"]) == (measured.cost, measured.accuracy)
        assert model.figures is row

    def test_of_accuracies_more_is_better(self, validated):
        model, _, _ = run(validated, [0.5, 0.9, 0.8, 0.7], EarlyStopping(9, "validation_accuracy"),
                          column="validation_accuracy")  # fmt: skip
        assert model.kept_epoch == 2

    def test_better_by_less_is_no_reason_to_go_on(self, validated):
        costs = [5, 4.9, 4.8, 4.7, 4.6]
        model, _, _ = run(validated, costs, EarlyStopping(2, min_delta=0.25))
        assert (model.stopped, model.history.n_epochs) == ("early", 3)
        assert model.kept_epoch == 3  # too little to go on for, and still the best
        assert run(validated, costs, EarlyStopping(2, min_delta=0.05))[0].kept_epoch == 5

    def test_small_gains_add_up(self, validated):
        model, _, _ = run(validated, [5, 4.9, 4.8, 4.7, 4.6, 4.6, 4.6], EarlyStopping(3, min_delta=0.25))
        assert (model.stopped, model.history.n_epochs, model.kept_epoch) == ("early", 7, 5)

    def test_a_network_that_was_better_before_is_kept(self, validated):
        network = build_network(validated, [4])
        train(network, validated, epochs=20, learning_rate=0.05)
        before = network.copy()
        model = train(network, validated, epochs=9, learning_rate=20.0, callbacks=[EarlyStopping(3)])
        assert (model.stopped, model.kept_epoch) == ("early", 0)
        assert network == model.network == before
        assert model.figures["epoch"] == 0
        measured = measure(before, model.head, validated.validation)
        assert model.figures["validation_cost"] == measured.cost

    def test_the_average_is_what_is_kept(self, validated):
        model, scripted, network = run(validated, [5, 1, 4, 4], EarlyStopping(10), average=0.9)
        assert model.network == scripted.seen[2] == network

    def test_can_be_used_again(self, validated):
        stopping = EarlyStopping(1)
        first, _, _ = run(validated, [1, 2, 3], stopping)
        again, _, _ = run(validated, [3, 2, 1], stopping)
        assert (first.kept_epoch, again.kept_epoch) == (1, 3)

    def test_without_a_validation_part_it_says_what_to_do(self, classes):
        network = build_network(classes, [4])
        before = network.copy()
        with pytest.raises(ConfigurationError, match="the history has no figure 'validation_cost'") as caught:
            train(network, classes, callbacks=[EarlyStopping()])
        assert "validation_size=0.1" in caught.value.remedy
        assert network == before
        assert train(network, classes, epochs=2, callbacks=[EarlyStopping(monitor="test_cost")]).kept_epoch

    @pytest.mark.parametrize(
        "wrong", [{"patience": 0}, {"patience": 1.5}, {"patience": True}, {"min_delta": -1},
                  {"min_delta": "1"}, {"min_delta": float("nan")}, {"monitor": 5}],
    )  # fmt: skip
    def test_what_cannot_be(self, wrong):
        with pytest.raises(ConfigurationError, match="cannot be"):
            EarlyStopping(**wrong)


class TestGoal:
    def test_a_cost_that_falls_far_enough(self, validated):
        model, _, _ = run(validated, [5, 3, 2, 1], Goal("test_cost", 3), column="test_cost")
        assert (model.stopped, model.history.n_epochs) == ("goal", 2)

    def test_an_accuracy_that_rises_far_enough(self, validated):
        model, _, _ = run(validated, [0.5, 0.7, 0.9], Goal("test_accuracy", 0.7), column="test_accuracy")
        assert (model.stopped, model.history.n_epochs) == ("goal", 2)

    def test_never_reached(self, validated):
        assert run(validated, [5, 4], Goal("test_cost", 3), column="test_cost")[0].stopped is None

    def test_a_figure_that_is_not_kept(self, validated):
        with pytest.raises(ConfigurationError, match="the history has no figure 'test_f1'"):
            run(validated, [1], Goal("test_f1", 1))

    @pytest.mark.parametrize("wrong", ["high", None, True, float("nan")])
    def test_what_is_no_goal(self, wrong):
        with pytest.raises(ConfigurationError, match="a goal must be a number"):
            Goal("test_cost", wrong)


class TestWhatIsUndefined:
    """A figure that is undefined before any learning can decide nothing: R2 of a row, AUC of one class."""

    def data(self, column):
        random = np.random.default_rng(0)
        x = random.normal(size=(40, 2))
        if column == "validation_r2":
            return load_data((x, x[:, 0]), validation_size=1)
        y = np.where(np.arange(40) < 30, "no", "yes")
        train, test = x[20:], x[:20]
        return load_data((train, y[20:]), validation_data=(test, y[:20]))

    @pytest.mark.parametrize(
        "make", [lambda column: EarlyStopping(2, column), lambda column: Goal(column, 0.5),
                 lambda column: Checkpoint(print, monitor=column)],
        ids=["early stopping", "goal", "checkpoint"],
    )  # fmt: skip
    @pytest.mark.parametrize(
        ("column", "why"),
        [("validation_r2", "fewer than two examples"), ("validation_auc", "examples of one class only")],
    )
    def test_one_clear_error_at_the_start(self, make, column, why):
        data = self.data(column)
        network = build_network(data, [4])
        before = network.copy()
        with pytest.raises(ConfigurationError, match=f"the figure '{column}' is undefined") as caught:
            train(network, data, epochs=2, callbacks=[make(column)])
        assert caught.value.received == f"a validation set with {why}"
        assert network == before

    @pytest.mark.parametrize("column", ["validation_r2", "validation_auc"])
    def test_a_run_goes_by_all_others(self, column):
        data = self.data(column)
        model = train(build_network(data, [4]), data, epochs=2, callbacks=[EarlyStopping(2)])
        assert np.isnan(model.history[column]).all()
        assert model.diagnosis.verdict


class TestTimeLimit:
    def test_ends_in_the_epoch_that_runs(self, validated):
        class Slow(Callback):
            def batch(self, run):
                time.sleep(0.01)

        network = build_network(validated, [4])
        model = train(network, validated, epochs=1000, callbacks=[Slow(), TimeLimit(0.2)])
        assert model.stopped == "time"
        assert model.history.n_epochs < 10  # an epoch of 36 examples sleeps 0.36 s

    def test_time_enough(self, validated):
        network = build_network(validated, [4])
        assert train(network, validated, epochs=2, callbacks=[TimeLimit(1000)]).stopped is None

    @pytest.mark.parametrize("wrong", [0, -1, "1", True, float("inf"), float("nan")])
    def test_what_cannot_be(self, wrong):
        with pytest.raises(ConfigurationError, match="max_seconds cannot be"):
            TimeLimit(wrong)
