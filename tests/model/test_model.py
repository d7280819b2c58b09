"""A model on raw rows: predictions, the truth where it is needed, the parts it was trained with."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import metrics

from pellucid.data import load_data
from pellucid.errors import ConfigurationError, DataError, UnknownNameError
from pellucid.explanation import explain
from pellucid.passes.reference import predict
from pellucid.storage import load_model, save_model
from pellucid.training import build_network, train

SEAS = ["north", "south", None, "south"]


def a_frame(n=60, seed=0):
    random = np.random.default_rng(seed)
    size = random.normal(50, 10, n)
    sea = [SEAS[k] for k in random.integers(0, 4, n)]
    kind = ["big" if a + 15 * (b == "north") > 52 else "small" for a, b in zip(size, sea, strict=True)]
    return pl.DataFrame({"size": size, "sea": sea, "kind": kind})


def trained(source, layers=(8,), **how):
    data = load_data(source, **how)
    return train(build_network(data, layers), data, learning_rate=0.05, epochs=20, batch_size=4), data


@pytest.fixture(scope="module")
def frame():
    return a_frame()


@pytest.fixture(scope="module")
def model(frame):
    return trained(frame, target="kind")[0]


@pytest.fixture(scope="module")
def regression(frame):
    return trained(frame.drop("kind"), target="size", task="regression")[0]


def test_predicting_by_hand(model, frame):
    # Standardised by the training part, one-hot in the order of the words, missing words a column.
    train_rows = load_data(frame, target="kind").train.origin
    size = frame["size"].to_numpy()
    x = np.stack(
        [
            (size - size[train_rows].mean()) / size[train_rows].std(),
            frame["sea"].to_numpy() == "north",
            frame["sea"].to_numpy() == "south",
            frame["sea"].is_null().to_numpy(),
        ],
        axis=1,
    ).astype(np.float32)
    chances = predict(model.network, x)[:, 0]
    np.testing.assert_allclose(model.outputs(frame)[:, 0], chances, rtol=1e-5)
    assert model.predict(frame).tolist() == ["small" if chance > 0.5 else "big" for chance in chances]


class TestRawRows:
    def test_columns_in_any_order(self, model, frame):
        expected = model.predict(frame)
        assert (model.predict(frame.select("kind", "sea", "size")) == expected).all()
        assert (model.predict(frame.select("sea", "size")) == expected).all()
        assert (model.predict(pd.DataFrame(frame.to_dict(as_series=False))) == expected).all()

    def test_from_a_file(self, model, frame, tmp_path):
        frame.write_csv(tmp_path / "rows.csv")
        assert (model.predict(tmp_path / "rows.csv") == model.predict(frame)).all()
        frame.drop("kind").write_parquet(tmp_path / "rows.parquet")
        assert (model.predict(str(tmp_path / "rows.parquet")) == model.predict(frame)).all()

    def test_a_row_alone(self, model, frame):
        expected = model.predict(frame)
        assert [model.predict(frame[k])[0] for k in range(5)] == expected[:5].tolist()

    def test_an_unseen_word_is_none_of_those_there_were(self, model):
        unseen = model.outputs(pl.DataFrame({"size": [50.0], "sea": ["west"]}))
        x = model.inputs.encode(pl.DataFrame({"size": [50.0], "sea": ["north"]}))[0]
        x[0, 1:] = 0
        assert unseen == predict(model.network, x)

    def test_a_missing_value_is_the_mean(self, model, frame):
        mean = load_data(frame, target="kind").inputs.columns[0].mean
        empty, full = (pl.DataFrame({"size": [size], "sea": ["north"]}) for size in (None, mean))
        with_none = model.outputs(empty.cast({"size": pl.Float64}))
        np.testing.assert_allclose(with_none, model.outputs(full), rtol=1e-6)

    def test_a_missing_column(self, model, frame):
        with pytest.raises(DataError) as caught:
            model.predict(frame.drop("sea"))
        assert caught.value.received == "missing: 'sea'"

    def test_an_extra_column(self, model, frame):
        more = frame.with_columns(weight=pl.lit(1.0))
        assert (model.predict(more) == model.predict(frame)).all()

    def test_a_word_for_a_number(self, model):
        with pytest.raises(DataError, match="size"):
            model.predict(pl.DataFrame({"size": ["big", "1"], "sea": ["north", "south"]}))

    @pytest.mark.parametrize("kind", [None, "unheard of"])
    def test_a_prediction_needs_no_truth(self, model, frame, kind):
        rows = frame.with_columns(kind=pl.lit(kind, dtype=pl.String))
        assert (model.predict(rows) == model.predict(frame)).all()
        assert (model.outputs(rows) == model.outputs(frame)).all()

    @pytest.mark.parametrize("rows", [np.empty((0, 2)), pl.DataFrame({"size": [], "sea": []})])
    def test_no_rows(self, model, rows):
        with pytest.raises(DataError):
            model.predict(rows)


def test_the_test_part_of_data_with_rows_that_have_no_target(tmp_path):
    frame = a_frame().with_columns(kind=pl.when(pl.int_range(60) % 7 != 3).then("kind"))
    path = tmp_path / "rows.csv"
    frame.write_csv(path)
    model, data = trained(path, target="kind", seed=1)
    for source in (path, model.read(path), model.read(path, require_target=True)):
        assert model.has_parts(model.read(source))
        for part, examples in (("train", data.train), ("test", data.test)):
            unlabelled = model.examples(source, part, targets=False)
            assert unlabelled.origin.tolist() == examples.origin.tolist()
            assert unlabelled.inputs.tolist() == examples.inputs.tolist()
            assert model.examples(source, part).targets.tolist() == examples.targets.tolist()
    assert len(model.predict(path)) == 60


def test_booleans_come_back_as_booleans():
    x = np.linspace(-1, 1, 40)[:, None]
    frame = pl.DataFrame({"size": x[:, 0], "kind": x[:, 0] > 0})
    for model in (trained((x, x[:, 0] > 0))[0], trained(frame, target="kind")[0]):
        answers = model.predict(x)
        assert answers.dtype == bool
        assert (answers == (x[:, 0] > 0)).mean() > 0.9
        assert model.evaluate((x, x[:, 0] > 0)).measures.accuracy > 0.9


def test_an_arrays_columns_are_found_by_their_own_names():
    x = np.random.default_rng(1).normal(size=(40, 2)) * [1, 100]
    model, _ = trained((x, x[:, 0] > 0))
    frame = pl.DataFrame({"column 1": x[:, 1], "column 0": x[:, 0]})
    assert (model.outputs(frame) == model.outputs(x)).all()


class TestLabels:
    X = np.random.default_rng(3).normal(size=(40, 2))

    @pytest.mark.parametrize(
        "labels",
        [np.array([-1, 1]), np.array([7, 300, 5]), np.array(["yes", "no"]), np.array([3.0, 4.0])],
        ids=str,
    )
    def test_come_back_as_they_were(self, labels):
        y = labels[(self.X[:, 0] > 0).astype(int) + (len(labels) > 2) * (self.X[:, 1] > 0.5)]
        said = trained((self.X, y))[0].predict(self.X)
        assert said.dtype.kind == ("U" if labels.dtype.kind == "U" else "i")
        assert set(said.tolist()) <= set(labels.tolist())
        assert (said == y).mean() > 0.8

    def test_values_in_their_units(self, regression, frame):
        said = regression.predict(frame.drop("kind"))
        assert said.shape == (60,)
        assert said.dtype == np.float64
        assert 30 < said.mean() < 70


class TestEvaluate:
    def test_against_scikit_learn(self, model, frame):
        report = model.evaluate(frame)
        said = model.predict(frame)
        assert report.measures.n == 60
        assert report.measures.accuracy == metrics.accuracy_score(frame["kind"].to_numpy(), said)
        assert (report.confusion == metrics.confusion_matrix(frame["kind"].to_numpy(), said)).all()

    def test_of_values(self, regression, frame):
        rows = frame.drop("kind")
        report = regression.evaluate(rows)
        expected = metrics.r2_score(rows["size"].to_numpy(), regression.predict(rows))
        assert report.measures.r2 == pytest.approx(expected, rel=1e-12)

    def test_the_part_it_was_tested_with(self, frame):
        model, data = trained(frame, target="kind", seed=3)
        for part in ("train", "test"):
            report = model.evaluate(frame, part)
            assert report.measures.n == len(getattr(data, part))
            assert report.measures.accuracy == model.history[-1][f"{part}_accuracy"]
            assert report.measures.cost == model.history[-1][f"{part}_cost"]
            assert report.measures == model.evaluate(getattr(data, part)).measures

    def test_without_the_truth(self, model, frame):
        with pytest.raises(DataError, match="no column 'kind'"):
            model.evaluate(frame.drop("kind"))
        with pytest.raises(DataError):
            model.evaluate(np.ones((2, 2)))

    def test_a_class_that_was_never_learned(self, model, frame):
        with pytest.raises(DataError, match="unknown class label"):
            model.evaluate(frame.with_columns(kind=pl.lit("huge")))

    def test_mistakes_by_the_row_of_the_data(self, model, frame):
        said, truth = model.predict(frame), frame["kind"].to_list()
        for mistake in model.evaluate(frame).mistakes:
            assert (mistake.said, mistake.truth) == (said[mistake.row], truth[mistake.row])
            assert mistake.said != mistake.truth


class TestParts:
    def test_the_very_split(self, frame):
        for seed in (0, 7):
            model, data = trained(frame, target="kind", seed=seed, test_size=0.3)
            raw = model.read(frame, require_target=True)
            assert raw.origin[model.part_of(raw, "train")].tolist() == data.train.origin.tolist()
            assert raw.origin[model.part_of(raw, "test")].tolist() == data.test.origin.tolist()
            examples = model.examples(frame, "test")
            assert (examples.inputs == data.test.inputs).all()
            assert (examples.targets == data.test.targets).all()

    @pytest.mark.parametrize("own_split", [False, True])
    def test_the_rows_that_validated(self, frame, own_split):
        frame = frame.with_columns(part=pl.Series(["train", "test", "train"] * 20))
        how = {"split_column": "part"} if own_split else {"drop": ["part"]}
        model, data = trained(frame, target="kind", validation_size=0.25, **how)
        for part in ("train", "validation", "test"):
            assert model.examples(frame, part).origin.tolist() == getattr(data, part).origin.tolist()
            measures = model.evaluate(frame, part).measures
            assert measures.cost == model.figures[f"{part}_cost"]
            assert measures.accuracy == model.figures[f"{part}_accuracy"]

    def test_none_validated(self, model, frame):
        other = a_frame(30, seed=5).with_columns(part=pl.Series(["train", "test", "train"] * 10))
        own = trained(other, target="kind", split_column="part", validation_size=4)[0]
        turned = other.with_columns(size=pl.col("size") + 1)
        for fitted, source in ((model, frame), (own, turned)):
            with pytest.raises(DataError, match="the data have no validation set") as caught:
                fitted.evaluate(source, "validation")
            assert caught.value.expected == "the training data of a model with a validation set"
        assert own.evaluate(turned, "train").measures.n == 20  # of data that only bring the same split

    def test_validated_with_data_of_their_own(self, frame, tmp_path):
        path = tmp_path / "v.csv"
        a_frame(20, seed=3).write_csv(path)
        for validation, remedy in (
            (path, f"{path.name}: use all rows of it"),
            (None, "use all rows"),
        ):
            model, _ = trained(frame, target="kind", validation_data=validation)
            with pytest.raises(DataError, match="the data have no validation set") as caught:
                model.evaluate(frame, "validation")
            assert caught.value.remedy.endswith(remedy)
            del model.provenance["validation"]  # as in files from before it was kept
            model = load_model(save_model(model, tmp_path / "m", force=True))
            with pytest.raises(DataError, match="the data have no validation set") as caught:
                model.evaluate(frame, "validation")
            assert caught.value.remedy == "use all rows"

    def test_a_split_of_the_datas_own(self, frame):
        own = frame.with_columns(part=pl.Series(["train", "test", "train"] * 20))
        model, data = trained(own, target="kind", split_column="part")
        assert model.examples(own, "test").origin.tolist() == list(range(1, 60, 3))
        other = a_frame(6, seed=9).with_columns(part=pl.Series(["test", "train"] * 3))
        assert model.examples(other, "train").origin.tolist() == [1, 3, 5]
        assert data.test.origin.tolist() == list(range(1, 60, 3))
        assert model.evaluate(other, "test").measures.n == 3
        with pytest.raises(DataError, match="no test set"):
            model.evaluate(other.filter(part="train"), "test")

    def test_other_data_have_none(self, model):
        other = a_frame(30, seed=5)
        assert not model.has_parts(model.read(other))
        with pytest.raises(DataError, match="no test set"):
            model.evaluate(other, "test")

    @pytest.mark.parametrize("part", ["training", "Test", "", None])
    def test_no_such_part(self, model, frame, part):
        with pytest.raises(UnknownNameError, match="there is no set"):
            model.evaluate(frame, part)


def test_pandas_and_polars_train_alike(frame):
    first = trained(frame, target="kind")[0]
    second = trained(pd.DataFrame(frame.to_dict(as_series=False)), target="kind")[0]
    assert first.network == second.network


def test_named_sources(tmp_path):
    model, data = trained("digits", layers=[], test_size=1600)
    assert model.predict("digits").shape == (1797,)
    assert (model.predict("digits")[data.test.origin] == model.predict(data.test)).all()
    assert model.examples(data.test) is data.test


def test_rows_alone_cannot_be_judged(model):
    for rows in (np.ones((3, 2)), [[1.0, 2.0]]):
        with pytest.raises(DataError, match="rows without targets cannot be evaluated") as caught:
            model.evaluate(rows)
        assert caught.value.remedy == "use evaluate((x, y))"


def test_in_a_notebook(model):
    page = model._repr_html_()
    assert "<table>" in page
    assert "binary_cross_entropy" in page
    assert f"<b>{model.diagnosis.verdict}</b>" in page


def test_examples_have_no_parts(model, frame):
    test = load_data(frame, target="kind").test
    assert model.evaluate(test).measures.n == len(test)
    with pytest.raises(ConfigurationError, match="examples cannot be split"):
        model.evaluate(test, part="train")


def test_of_a_data_set_a_part_is_asked_for(model, frame):
    with pytest.raises(DataError, match="a data set has several splits") as caught:
        model.predict(load_data(frame, target="kind"))
    assert caught.value.remedy == "pass data.test or data.train"


def test_a_judged_frame_needs_the_models_target(model, frame):
    with pytest.raises(DataError, match="there is no column 'kind'") as caught:
        model.evaluate(frame.drop("kind"))
    assert caught.value.expected == "the model's target, 'kind', besides its features"


def test_words_of_a_class_reach_a_terminal_without_their_controls():
    x = np.random.default_rng(0).normal(size=(40, 2))
    data = load_data((x, np.array(["\x1b[2J", "b\x07"])[(x[:, 0] > 0).astype(int)]))
    model = train(build_network(data, [2]), data, epochs=1)
    for shown in (model.evaluate(data.test), explain(model, data.test, row=0), data, model):
        for words in (str(shown), repr(shown)):
            assert not any(sign != "\n" and not sign.isprintable() for sign in words)


def test_the_old_name_of_the_output_head(model):
    with pytest.warns(DeprecationWarning, match="use Model.head"):
        assert model.judge is model.head
