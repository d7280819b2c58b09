"""Model files whose description was changed and signed again: refused, or every use of the model works."""

import copy
import json
import random
import warnings

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from safetensors.numpy import save

import pellucid
from pellucid.cli.main import pellucid as command
from pellucid.errors import PellucidError, PellucidWarning
from pellucid.storage import load_model, save_model
from pellucid.storage.model_file import _describe
from pellucid.storage.rebuild import checksum

# How many files are tried; a thousand take about a quarter of a minute.
TRIED = 500
# Values of every type, size and sign, whatever stood there before.
STRANGERS = [
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, -(10**30), 1.5, -0.5, 1e308, -1e308, 1e-320,
    float("nan"), float("inf"), "", "x", "x" * 5000, "\x1b[2J", "\ud800", "relu", "/etc/passwd", ";",
    [], {}, [[]], [None], {"a": 1}, ["a"], [1], [1.5],
]  # fmt: skip
# What the data say no longer fits the description: the data are refused, and rightly.
DATA_REFUSED = {
    "unknown class label",
    "a label is neither yes nor no",
    "the columns are not those the network was trained on",
    "there is no column 'a'",
    "no prediction for a row: the outputs of the network are not finite",
    "a target is too large",
    "the file uses another delimiter",
    "a numeric column contains text",
}


def paths(value, here=()):
    yield here
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        if not isinstance(key, int) or key < 4:  # lists are long, and all alike
            yield from paths(part, (*here, key))


def relatives(value):
    """Values of the same type that are another size or sign, and of the types that are taken for it."""
    if isinstance(value, bool):
        return [not value, int(value)]
    if isinstance(value, int | float):
        return [-value, 2 * value, 1000 * value, value / 1000, float(value), str(value), [value], value + 1]
    if isinstance(value, str):
        return [2 * value, value[:-1], value.upper(), [value], value + "é", value + ":alpha=3"]
    if isinstance(value, list):
        return [2 * value, value[:-1], value[1:], value[::-1], 1000 * value, value[:1], [*value, None]]
    if isinstance(value, dict):
        return [list(value.values()), {**value, "more": 1}, dict(list(value.items())[1:])]
    return STRANGERS


def changed(description, draw):
    """One field of a description changed or left out, and what was done, in words."""
    description = copy.deepcopy(description)
    top = draw.choice(sorted(description))  # each field of the first level as often as the others
    where = draw.choice([path for path in paths(description) if path[:1] == (top,)])
    parent = description
    for key in where[:-1]:
        parent = parent[key]
    before = parent[where[-1]]
    if isinstance(parent, dict) and draw.random() < 0.1:
        del parent[where[-1]]
        return description, f"{where} left out"
    after = copy.deepcopy(draw.choice(draw.choice([STRANGERS, relatives(before)])))
    parent[where[-1]] = after
    return description, f"{where}: {before!r:.60} -> {after!r:.60}"


def with_targets(kind, rows):
    if kind in ("columns", "pixels"):
        return rows
    if kind == "labels":
        return rows, rows > 0.2
    return rows, rows @ [[1.0, 2], [3, 4]] if kind == "values" else np.arange(40) % 3


def run(*words):
    result = CliRunner().invoke(command, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0
    # The models' own words reach the terminal without their controls.
    assert not any(ord(sign) < 32 and sign not in "\n" for sign in result.output)


def use(model, path, kind, rows, folder):
    """Use a model in every way there is."""
    source, data = with_targets(kind, rows), "digits"
    for shown in (model, model.history, model.diagnosis, model.network):
        assert str(shown)
        assert shown._repr_html_()
    assert model.figures
    assert model.history.to_json()
    assert model.history.to_polars().height
    assert len(model.predict(rows))
    report, explanation = model.evaluate(source), pellucid.explain(model, source, row=0)
    assert report.to_dict()
    assert json.dumps(explanation.to_dict())
    for words in (str(report), str(explanation), repr(explanation)):
        assert not any(sign != "\n" and not sign.isprintable() for sign in words)
    if kind != "pixels":
        data = folder / "data.csv"
        frame = rows if kind == "columns" else pl.DataFrame(rows, schema=["column 0", "column 1"])
        frame.write_csv(data)
    run("show", path)
    run("show", path, "--json")
    run("predict", path, data)
    run("explain", path, data)
    assert load_model(save_model(model, folder / "again", force=True)).network == model.network
    again = pellucid.load_data(source, encoding=model)
    assert pellucid.train(model.network, again, cost=model.cost, epochs=1, batch_size=8, learning_rate=1e-3)


@pytest.mark.slow
@pytest.mark.long
def test_a_changed_description_is_refused_or_every_use_works(models, tmp_path):
    draw = random.Random(20)
    described = {kind: json.loads(json.dumps(_describe(model))) for kind, (model, _) in models.items()}
    path, refused, used = tmp_path / "model", 0, 0
    for _ in range(TRIED):
        kind = draw.choice(sorted(models))
        model, rows = models[kind]
        description, what = changed(described[kind], draw)
        tensors = {name: np.ascontiguousarray(array) for name, array in model.network.arrays.items()}
        try:
            description["sha256"] = checksum(tensors, description)
            path.write_bytes(save(tensors, metadata={"pellucid": json.dumps(description)}))
        except UnicodeEncodeError:
            continue  # it cannot be written at all
        try:
            loaded = load_model(path)
        except PellucidError:
            refused += 1
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PellucidWarning)  # such as that it has learned nothing
                use(loaded, path, kind, rows, tmp_path)
            used += 1
        except PellucidError as error:
            assert error.problem in DATA_REFUSED, what  # noqa: PT017  # most changes raise nothing
        except Exception as error:
            pytest.fail(f"{kind}, {what}: {error!r}")
    # Neither is everything refused, nor everything let through.
    assert refused > TRIED / 2
    assert used > TRIED / 20


@pytest.mark.parametrize(
    ("kind", "where", "value"),
    [
        ("array", ("sizes", 1), 0),
        ("pixels", ("sizes", 0), 10**12),
        ("pixels", ("inputs", "shape"), [10**6, 10**6]),
        ("pixels", ("inputs", "shape", 0), 8.0),
        ("array", ("history",), []),
        ("array", ("history", 1, "epoch"), 7),
        ("array", ("history", 0, "train_cost"), "low"),
        ("array", ("kept_epoch",), 3),
        ("array", ("kept_epoch",), -1),
        ("array", ("diagnosis", "verdict"), "\x1b[2J"),
        ("array", ("diagnosis", "reasons"), "good"),
        ("array", ("settings", "learning_rate"), "0.01"),
        ("array", ("provenance", "drop"), None),
        ("array", ("provenance", "task"), "regression"),
        ("array", ("inputs", "mean"), [0.0]),
        ("array", ("inputs", "scale", 0), -1.0),
        ("columns", ("inputs", "columns", 0, "name"), "sea"),
        ("columns", ("inputs", "columns", 1, "categories"), []),
        ("columns", ("target", "labels"), ["ja", 5]),
        ("array", ("target", "labels"), [0, 1, 10**30]),
        ("labels", ("target", "words"), [["no", "yes"]]),
        ("labels", ("target", "names", 1), "label 0"),
        ("values", ("target", "names", 1), "y 0"),
        ("columns", ("inputs", "columns", 1, "categories", 1), "north"),
        ("values", ("target", "scale", 0), 0.0),
        ("array", ("stopped",), ["early"]),
    ],
)
def test_each_part_of_a_description_is_checked_when_it_is_loaded(models, tmp_path, kind, where, value):
    model, _ = models[kind]
    description = json.loads(json.dumps(_describe(model)))
    parent = description
    for key in where[:-1]:
        parent = parent[key]
    parent[where[-1]] = value
    tensors = {name: np.ascontiguousarray(array) for name, array in model.network.arrays.items()}
    description["sha256"] = checksum(tensors, description)
    path = tmp_path / "model"
    path.write_bytes(save(tensors, metadata={"pellucid": json.dumps(description)}))
    with pytest.raises(PellucidError) as caught:
        load_model(path)
    assert caught.value.problem == "the model file is damaged, or is not a model file"


def test_weights_that_are_not_numbers_are_refused(model, tmp_path):
    tensors = {name: np.ascontiguousarray(array) for name, array in model.network.arrays.items()}
    tensors["W1"] = np.full_like(tensors["W1"], np.nan)
    description = json.loads(json.dumps(_describe(model)))
    description["sha256"] = checksum(tensors, description)
    path = tmp_path / "model"
    path.write_bytes(save(tensors, metadata={"pellucid": json.dumps(description)}))
    with pytest.raises(PellucidError) as caught:
        load_model(path)
    assert caught.value.received == "W1 contains values that are not finite"
