"""What a run keeps to: the same bits, a test part that only judges, a history that tells what happened."""

import dataclasses
import math

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.errors import PellucidWarning
from pellucid.evaluation import OutputHead, measure
from pellucid.network import costs
from pellucid.passes.engines import engine
from pellucid.training import Callback, Progress, Schedule, build_network, train
from pellucid.training.schedule import Moment


def run(data, *, layers=(6,), network_seed=0, **how):
    network = build_network(data, layers, seed=network_seed)
    return train(network, data, **{"learning_rate": 0.1, "epochs": 3, "batch_size": 2, **how})


def bits(network):
    return [array.tobytes() for array in network.parameters.values()]


@pytest.mark.parametrize("data", ["classes", "yes_or_no", "values"])
@pytest.mark.parametrize("batch_size", [1, 7])
def test_the_same_seed_gives_the_same_bits(data, batch_size, request):
    data = request.getfixturevalue(data)
    first, second = (run(data, seed=4, batch_size=batch_size) for _ in range(2))
    assert bits(first.network) == bits(second.network)
    figures = [[{**row, "seconds": 0} for row in model.history] for model in (first, second)]
    assert figures[0] == figures[1]
    assert first.diagnosis == second.diagnosis


def test_another_seed_another_order_another_network(classes):
    first = run(classes, seed=4)
    assert bits(first.network) != bits(run(classes, seed=5).network)
    assert bits(first.network) != bits(run(classes, seed=4, network_seed=1).network)


def test_kinds_of_numbers_change_no_bit(classes):
    plain = run(classes, learning_rate=0.1, epochs=3, batch_size=2, seed=1)
    other = run(
        classes, learning_rate=np.float64(0.1), epochs=np.int64(3), batch_size=np.int32(2), seed=np.uint8(1)
    )
    assert bits(plain.network) == bits(other.network)


@pytest.mark.parametrize("data", ["classes", "values"])
def test_the_test_part_teaches_nothing(data, request):
    data = request.getfixturevalue(data)
    other = dataclasses.replace(data, test=data.test.take(np.array([3, 0])))
    first, second = run(data), run(other)
    assert bits(first.network) == bits(second.network)
    assert first.history["train_cost"] == second.history["train_cost"]
    assert first.history["test_cost"] != second.history["test_cost"]


def test_the_data_stay_as_they_are(classes):
    before = [part.copy() for part in (classes.train.inputs, classes.train.targets, classes.test.inputs)]
    run(classes)
    after = [classes.train.inputs, classes.train.targets, classes.test.inputs]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_history_of_classes(classes):
    model = run(classes, learning_rate=0.1, epochs=2)
    assert model.history.columns == [
        "epoch", "train_cost", "test_cost", "train_accuracy", "test_accuracy", "train_balanced_accuracy",
        "test_balanced_accuracy", "train_f1_macro", "test_f1_macro", "learning_rate", "seconds",
    ]  # fmt: skip
    assert model.history["epoch"] == [0, 1, 2]
    # The rate in the middle of the epoch, a quarter and three quarters into the run.
    assert model.history["learning_rate"] == pytest.approx([0, 0.075, 0.025])
    assert all(seconds >= 0 for seconds in model.history["seconds"])
    head = OutputHead(classes.target, model.network, model.cost)
    for part in ("train", "test"):
        measures = measure(model.network, head, getattr(classes, part))
        assert model.history[-1][f"{part}_cost"] == measures.cost
        assert model.history[-1][f"{part}_accuracy"] == measures.accuracy


def test_the_history_of_values(values):
    assert run(values).history.columns == [
        "epoch", "train_cost", "test_cost", "train_rmse", "test_rmse", "train_r2", "test_r2",
        "learning_rate", "seconds",
    ]  # fmt: skip


def test_row_0_is_before_any_learning(classes):
    network = build_network(classes, [6])
    before = measure(network, OutputHead(classes.target, network, costs.get("cce")), classes.train)
    assert train(network, classes, epochs=1).history[0]["train_cost"] == before.cost


def test_the_way_that_the_weights_went(classes):
    network = build_network(classes, [6])
    begin = network.copy()
    moved = train(network, classes, learning_rate=0.1).diagnosis.figures["movement"]
    pairs = list(zip(network.layers, begin.layers, strict=True))
    way = sum(np.square(now.weights - then.weights).sum() for now, then in pairs)
    size = max(
        sum(np.square(then.weights).sum() for _, then in pairs),
        sum(np.square(now.weights).sum() for now, _ in pairs),
    )
    assert moved == pytest.approx(math.sqrt(way / size), rel=1e-6)


def test_the_network_learns_in_place_and_further_when_trained_again(classes):
    network = build_network(classes, [6])
    first = train(network, classes, learning_rate=0.05, epochs=5, schedule="constant")
    before = network.copy()
    before = network.copy()
    second = train(network, classes, learning_rate=0.05, epochs=5, schedule="constant", seed=1)
    assert first.network == before != network == second.network
    assert second.history[0]["train_cost"] == first.history[-1]["train_cost"]
    assert second.history[-1]["train_cost"] < second.history[0]["train_cost"]


class TestProgress:
    def test_counters_after_a_run(self, classes):
        progress = Progress()
        run(classes, epochs=3, batch_size=7, progress=progress)
        assert (progress.n_epochs, progress.n_examples, progress.epoch) == (3, 30, 3)
        assert (progress.examples, progress.stop) == (30, False)

    def test_counters_on_the_way(self, classes, an_engine):
        seen = []

        class Look(Callback):
            def batch(self, run):
                seen.append((run.progress.epoch, run.progress.examples))

        with engine(an_engine):
            run(classes, epochs=2, batch_size=12, callbacks=[Look()])
        # Three updates an epoch, of 12, 12 and 6 examples.
        assert seen == [(1, 12), (1, 24), (1, 30), (2, 12), (2, 24), (2, 30)]

    def test_moments_that_a_schedule_sees(self, classes):
        seen = []

        class Look(Schedule):
            name = "look"

            def rate(self, learning_rate, at):
                seen.append(at)
                return learning_rate

        with engine("reference"):
            run(classes, epochs=2, batch_size=12, schedule=Look())
        # The last look of each epoch is the history's, at its middle.
        first, second = [Moment(k, 6, 3) for k in range(3)], [Moment(k, 6, 3) for k in range(3, 6)]
        assert seen == [*first, Moment(1.5, 6, 3), *second, Moment(4.5, 6, 3)]


class TestStop:
    @pytest.mark.parametrize("updates", [1, 4, 11])
    def test_after_the_update_that_runs(self, classes, updates, an_engine):
        progress = Progress()

        class StopSoon(Callback):
            left = updates

            def batch(self, run):
                self.left -= 1
                run.progress.stop = self.left <= 0

        with engine(an_engine):
            model = run(classes, batch_size=5, epochs=9, progress=progress, callbacks=[StopSoon()])
        epoch, done = divmod(updates - 1, 6)  # six updates an epoch
        assert model.stopped == "interrupted"
        assert (progress.epoch, progress.examples) == (epoch + 1, 5 * (done + 1))
        assert model.history.n_epochs == epoch + 1
        assert model.diagnosis.verdict

    def test_what_was_learned_is_kept(self, classes):
        def stop(row):
            progress.stop = row["epoch"] == 2

        progress = Progress()
        stopped = run(classes, epochs=6, progress=progress, callbacks=[stop], schedule="constant")
        assert stopped.stopped == "interrupted"
        assert stopped.history.n_epochs == 2
        assert bits(stopped.network) == bits(run(classes, epochs=2, schedule="constant").network)

    def test_a_stop_after_the_last_update_interrupts_nothing(self, classes):
        def stop(row):
            progress.stop = row["epoch"] == 3

        progress = Progress()
        whole = run(classes, epochs=3, progress=progress, callbacks=[stop])
        assert (whole.stopped, whole.history.n_epochs) == (None, 3)


class Jump(Schedule):
    """A rate that is good until the third of four epochs, and then all at once too large."""

    name = "jump"
    to = math.nan

    def rate(self, learning_rate, at):
        return learning_rate if at.done < 0.5 else self.to


class TestDivergence:
    @pytest.mark.parametrize("to", [1e3, 1e10, 1e30, math.inf, math.nan])
    @pytest.mark.parametrize("data", ["classes", "values"])
    def test_goes_back_to_the_last_good_epoch(self, data, to, request):
        data = request.getfixturevalue(data)

        class To(Jump):
            name = "to"

        To.to = to
        seen = []
        how = {"layers": [], "batch_size": 30, "epochs": 4, "learning_rate": 0.05}
        model = run(data, schedule=To(), callbacks=[seen.append], **how)
        assert model.stopped == "diverged"
        assert model.history.n_epochs == len(seen) == 2
        assert model.diagnosis.verdict == "learning rate too large"
        assert "epoch 3; the weights of epoch 2 were restored" in model.diagnosis.reasons[0]
        good = run(data, schedule="constant", **{**how, "epochs": 2})
        assert bits(model.network) == bits(good.network)
        assert [row["train_cost"] for row in model.history] == [row["train_cost"] for row in good.history]

    def test_a_cost_that_only_explodes(self, values):
        # One step of a straight line, far beyond the valley: finite, and more than ten times as bad.
        model = run(values, layers=[], batch_size=30, epochs=1, learning_rate=20.0)
        assert model.stopped == "diverged"
        with_room = run(values, layers=[], batch_size=30, epochs=1, learning_rate=2.0)
        assert with_room.stopped is None
        assert with_room.history[1]["train_cost"] < 10 * with_room.history[0]["train_cost"]

    def test_from_the_start(self, classes):
        network = build_network(classes, [6])
        begin = bits(network)
        model = train(network, classes, learning_rate=1e30)
        assert bits(model.network) == begin
        assert model.history.n_epochs == 0
        assert "the initial weights were restored" in model.diagnosis.reasons[0]
        with pytest.warns(
            PellucidWarning, match="this model has its initial weights, because training diverged"
        ):
            assert (model.predict(np.zeros((1, 2))) >= 0).all()

    def test_the_epoch_is_not_gone_through_to_its_end(self, classes):
        progress = Progress()
        run(classes, learning_rate=1e30, batch_size=1, progress=progress)
        assert 0 < progress.examples < 30

    def test_a_test_cost_that_is_no_number_changes_nothing(self, values):
        far = dataclasses.replace(values.test, inputs=1e30 * values.test.inputs)
        model = run(dataclasses.replace(values, test=far), learning_rate=0.01)
        assert model.stopped is None
        assert not np.isfinite(model.history[-1]["test_cost"])
        assert model.network == run(values, learning_rate=0.01).network
        assert str(model.diagnosis)

    def test_counts_are_learned(self):
        random = np.random.default_rng(0)
        x = random.normal(size=(60, 1))
        data = load_data((x, random.poisson(np.exp(3 + 0.3 * x[:, 0])).astype(float)), task="regression")
        network = build_network(data, [4], cost="poisson")
        network.layers[-1].biases[...] = 5
        model = train(network, data, cost="poisson", learning_rate=0.001)
        assert model.stopped is None
        assert min(model.history["train_cost"]) > 0
        assert model.history[-1]["train_cost"] < model.history[0]["train_cost"]

    def test_a_cost_that_begins_at_0_may_rise_a_little(self, yes_or_no):
        # A hinge that nothing is left of, then trained on labels turned round.
        network = build_network(yes_or_no, [16], cost="hinge")
        train(network, yes_or_no, cost="hinge", learning_rate=0.1, epochs=200)
        turned = dataclasses.replace(yes_or_no.train, targets=1 - yes_or_no.train.targets)
        perfect = train(network, yes_or_no, cost="hinge", epochs=1, learning_rate=1e-6)
        assert perfect.history[0]["train_cost"] < 0.05
        taught = dataclasses.replace(yes_or_no, train=turned)
        assert train(network, taught, cost="hinge", learning_rate=0.05, epochs=2).stopped is None
