"""Runs of settings: the one place that uses Pellucid's interface."""

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np
from tests.digests.numbers import N_INPUTS, N_SPARSE, inputs_of, targets_of, weights_of

import pellucid
from pellucid.data import ArrayInputs, ClassTarget, Examples, LabelTarget, PixelInputs, ValueTarget
from pellucid.data.sparse_rows import SparseRows
from pellucid.passes import predict, predict_with_losses
from pellucid.passes.engines import engine as chosen_engine
from pellucid.training import Trainer, TrainingConfig

_N_TEST = 40


@dataclass
class Result:
    """What training came to: arrays by name, those learned and the outputs, and the history's figures."""

    arrays: dict[str, np.ndarray]
    history: list[dict] = field(default_factory=list)

    @property
    def digests(self):
        """Of each array's name, dtype, shape and bytes."""
        return {name: digest(name, array) for name, array in sorted(self.arrays.items())}


def digest(name, array):
    """Return 16 hexadecimal digits that stand for an array."""
    said = json.dumps([name, array.dtype.str, list(array.shape)]).encode()
    return hashlib.sha256(said + np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def trainer(setting, engine="compiled"):
    """Return a trainer that does what a setting of the kind "train" says."""
    weights = _rows(setting, 0)[2] if setting.weights == "said" else None
    how = _how(setting)
    settings = TrainingConfig(
        how["learning_rate"],
        pellucid.schedules.get(how["schedule"]),
        how["batch_size"],
        setting.epochs,
        setting.seed,
        pellucid.optimizers.get(how["optimizer"]),
        how["regularisation"],
        how["clipping"],
        how["average"],
    )
    return Trainer(
        _network(setting),
        _data(setting),
        settings,
        cost=setting.cost,
        class_weight=setting.class_weight,
        sample_weight=weights,
        callbacks=[_CALLBACKS[name]() for name in setting.callbacks],
        engine=engine,
    )


def result_of(trainer):
    """Return what a trainer came to."""
    return _result(trainer.model(), trainer.data)


def run(setting, engine="compiled"):
    """Train as a setting says, by an engine."""
    with chosen_engine(engine):
        return _KINDS[setting.kind](setting)


def _train(setting):
    data, network = _data(setting), _network(setting)
    return _result(_trained(setting, network, data, setting.seed), data)


def _train_again(setting):
    data, network = _data(setting), _network(setting)
    first = _trained(setting, network, data, setting.seed)
    again = _result(_trained(setting, network, data, setting.seed + 1), data)
    return Result(again.arrays, [*_figures(first), *again.history])


def _stream(setting):
    network, target = _network(setting), _target(setting)
    stream = pellucid.Stream(
        network,
        target.labels if isinstance(target, ClassTarget) else None,
        labels=target.names if isinstance(target, LabelTarget) else None,
        cost=setting.cost,
        **_stream_settings(setting),
    )
    x, y, weights = _rows(setting, 0)
    found, costs = {}, []
    for start, end in _chunks(len(x), first=2 if setting.normalise else 1):
        counting = weights[start:end] if setting.weights else None
        try:
            stream.partial_fit(x[start:end], y[start:end], counting)
        except pellucid.PellucidError as error:  # what was learned until then is kept
            costs.append({"error": error.where})
            break
        costs.append({"cost": stream.cost})
        if end == len(x) or end < 50:
            found[f"predictions after {end}"] = np.asarray(stream.predict(x[:_N_TEST]))
    shown = stream.shown
    return Result(found | {**shown.arrays, "outputs": predict(shown, x)}, costs)


def _stream_of_model(setting):
    data = _data(setting)
    model = _trained(setting, _network(setting), data, setting.seed)
    stream = pellucid.Stream.of(model, **_stream_settings(setting))
    costs = []
    for start, end in _chunks(len(data.train)):
        stream.partial_fit(data.train.take(slice(start, end)))
        costs.append({"cost": stream.cost})
    went_on = _result(stream.model, data)
    return Result(went_on.arrays, [*went_on.history, *costs])


def _candidate(setting):
    """Train a candidate without hidden layers, whose weights begin at 0: any others would be NumPy's."""
    from pellucid.tuning.candidate import Plan

    data = _data(setting, validation=True)
    options = {
        "layers": [],
        "activation": "tanh",
        "output": setting.output,
        "cost": setting.cost,
        "initializer": "zeros",
        "dtype": setting.dtype,
        "dropout": 0.0,
        "input_dropout": 0.25,
        "l2": 0.01,
        "clip_norm": 0.5,
        "optimizer": setting.optimizer,
        "schedule": setting.schedule,
        "learning_rate": setting.learning_rate,
        "batch_size": setting.batch_size,
        "epochs": setting.epochs,
        "seed": setting.seed,
    }
    plan = Plan(data, "validation_cost", 2)
    outcome = plan.try_out(options, lambda epoch, value: True)
    told = _result(plan.model(options), data)
    return Result(told.arrays, [*told.history, {"value": outcome.value, "epochs": outcome.epochs}])


def _search(setting):
    """Search with one worker, whose candidates are the same each time."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    data = _data(setting, validation=True)
    fixed = {"layers": [16], "activation": setting.activation, "batch_size": setting.batch_size}
    found = pellucid.tune(data, trials=4, workers=1, epochs=setting.epochs, fixed=fixed, seed=setting.seed)
    rows = [{name: row[name] for name in row if name != "seconds"} for row in found.rows]
    best = _result(found.best_model(), data)
    return Result(best.arrays, [*best.history, *rows])


def _range_test(setting):
    found = pellucid.find_learning_rate(
        _network(setting),
        _data(setting),
        cost=setting.cost,
        optimizer=setting.optimizer,
        batch_size=setting.batch_size,
        regularisation=_regularisation(setting),
        clipping=pellucid.Clipping(**{"norm": None, "value": None, **setting.clipping}),
        class_weight=setting.class_weight,
        least=1e-4,
        most=10.0,
        n_rates=30,
        seed=setting.seed,
    )
    return Result({name: np.array(getattr(found, name)) for name in ("rates", "costs", "suggestion")})


_KINDS = {
    "train": _train,
    "train_again": _train_again,
    "stream": _stream,
    "stream_of_model": _stream_of_model,
    "candidate": _candidate,
    "search": _search,
    "range_test": _range_test,
}


def _trained(setting, network, data, seed):
    weights = _rows(setting, 0)[2] if setting.weights == "said" else None
    return pellucid.train(
        network,
        data,
        cost=setting.cost,
        epochs=setting.epochs,
        class_weight=setting.class_weight,
        sample_weight=weights,
        callbacks=[_CALLBACKS[name]() for name in setting.callbacks],
        **_how(setting) | {"seed": seed},
    )


def _how(setting):
    """Return what a run and a stream are told alike."""
    return {
        "learning_rate": setting.learning_rate,
        "schedule": setting.schedule,
        "batch_size": setting.batch_size,
        "seed": setting.seed,
        "optimizer": setting.optimizer,
        "regularisation": _regularisation(setting),
        "clipping": pellucid.Clipping(**{"norm": None, "value": None, **setting.clipping}),
        "average": setting.average,
    }


def _stream_settings(setting):
    return {**_how(setting), "updates_per_epoch": 10}


def _regularisation(setting):
    nothing = {
        **dict.fromkeys(("l1", "l2", "weight_decay", "dropout"), 0.0),
        **dict.fromkeys(("input_dropout", "input_noise", "label_smoothing"), 0.0),
        "max_norm": None,
        "biases": False,
    }
    return pellucid.Regularisation(**nothing | setting.regularisation)


class _Watch(pellucid.Callback):
    """Asks for what each update saw."""

    def batch(self, run):
        assert run.trace is not None


class _Stop(pellucid.Callback):
    """Ends the run at the second update of the second epoch."""

    def __init__(self):
        self.updates = 0

    def state(self):
        return {"updates": self.updates}

    def load_state(self, state):
        self.updates = state["updates"]

    def batch(self, run):
        self.updates += run.epoch == 2
        if self.updates == 2:
            run.stop("enough")


_CALLBACKS = {
    "watch": _Watch,
    "stop": _Stop,
    "early": lambda: pellucid.EarlyStopping(2, None, 0.0),
    "goal": lambda: pellucid.Goal("train_accuracy", 0.25),
}


def _network(setting):
    n_in = N_SPARSE if setting.inputs.startswith("sparse") else N_INPUTS
    sizes = [n_in, *setting.hidden, _n_outputs(setting)]
    network = pellucid.Network(
        sizes,
        setting.activation,
        output=setting.output,
        normalise=setting.normalise if setting.hidden else None,
        initializer="he_uniform",  # written over below
        dtype=setting.dtype,
        seed=0,
    )
    for number, layer in enumerate(network.layers):
        layer.weights[...] = weights_of(layer.n_in, layer.n_out, 10 + number)
        layer.biases[...] = weights_of(layer.n_in, layer.n_out, 20 + number)[0]
    return network


def _n_outputs(setting):
    target = _target(setting)
    if isinstance(target, ClassTarget):
        return len(target.labels) if setting.target != "two classes" else 1
    return len(target.names)


def _target(setting):
    """Return what the targets mean; values stay as they are: a mean of NumPy's is not the same everywhere."""
    names = {"value": ("y",), "counts": ("a", "b"), "values": ("a", "b", "c"), "labels": ("a", "b", "c")}
    if setting.target == "labels":
        return LabelTarget(names["labels"])
    if setting.target in names:
        named = names[setting.target]
        return ValueTarget(named, np.zeros(len(named)), np.ones(len(named)))
    return ClassTarget(None, (0, 1) if setting.target == "two classes" else (0, 1, 2, 3))


def _rows(setting, part):
    """Return inputs, targets and weights of a part of the data: 0 to learn from, 1 to test, 2 to validate."""
    n = setting.rows if part == 0 else _N_TEST
    dense = inputs_of(setting.inputs, n, 100 * (part + 1))
    y = targets_of("classes" if part and setting.target == "uneven classes" else setting.target, dense)
    weights = np.array([0.5, 1.0, 2.0, 1.0, 0.0, 1.5])[np.arange(n) % 6]
    return dense, y.astype(np.intp) if y.dtype.kind == "i" else y, weights


def _examples(setting, part):
    dense, y, weights = _rows(setting, part)
    x = SparseRows.of_dense(dense) if setting.inputs.startswith("sparse") else dense
    scale = 1 / 255 if setting.inputs == "bytes" else 1.0
    return Examples(x, y, scale, weights=weights if setting.weights == "data" else None)


def _data(setting, *, validation=False):
    n_in = N_SPARSE if setting.inputs.startswith("sparse") else N_INPUTS
    if setting.inputs == "bytes":
        inputs = PixelInputs((4, n_in // 4), 1 / 255)
    else:
        inputs = ArrayInputs(tuple(f"x{k}" for k in range(n_in)), np.zeros(n_in), np.ones(n_in))
    return pellucid.Dataset(
        "fixed",
        _examples(setting, 0),
        _examples(setting, 1),
        inputs,
        _target(setting),
        validation=_examples(setting, 2) if validation or "early" in setting.callbacks else None,
    )


def _chunks(n, first=1):
    """Cut n rows into chunks of uneven lengths, the second larger than all before it."""
    ends = [first, first + 37, first + 40, first + 104, n]
    return [(start, end) for start, end in zip([0, *ends], ends, strict=False) if end <= n]


def _result(model, data):
    train, head = data.train, model.head
    outputs = {
        "outputs": model.outputs(train),
        "test outputs": model.outputs(data.test),
        # Rows that come alone or are few take other ways.
        "outputs of 1 row": model.outputs(train.take(slice(5, 6))),
        "outputs of 9 rows": model.outputs(train.take(slice(3, 12))),
        "losses": predict_with_losses(
            model.network, train.inputs, head.objective, head.prepare(train.targets), scale=train.scale
        )[1],
    }
    return Result({**model.network.arrays, **outputs}, _figures(model))


def _figures(model):
    rows = [{name: row[name] for name in row if name != "seconds"} for row in model.history.rows]
    return [*rows, {"stopped": model.stopped, "kept_epoch": model.kept_epoch}]
