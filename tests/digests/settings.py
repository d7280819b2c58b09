"""Every kind of training, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SETTINGS", "Setting"]

_LIBM = "its rates come from NumPy's powers, which differ from one processor to another"


@dataclass(frozen=True)
class Setting:
    """A network, data and the way of training; nothing is left to a default of Pellucid's.

    Parameters
    ----------
    kind : str
        What is done, a function of `runs`.
    inputs, target, rows
        The data, by the recipe of `numbers`.
    not_stored : str
        Why the digests are not stored, where they are only compared between two versions.
    """

    kind: str = "train"
    inputs: str = "float32"
    target: str = "classes"
    rows: int = 150
    hidden: tuple[int, ...] = (64, 72)
    activation: str | tuple[str, ...] = "tanh"
    output: str = "softmax"
    cost: str = "categorical_cross_entropy"
    normalise: str | None = None
    dtype: str = "float32"
    optimizer: str = "sgd"
    learning_rate: float | None = 0.0625
    schedule: str = "constant"
    batch_size: int = 64
    epochs: int = 3
    seed: int = 5
    regularisation: Mapping[str, Any] = field(default_factory=dict)
    clipping: Mapping[str, float] = field(default_factory=dict)
    average: float | None = None
    class_weight: Any = None
    weights: str = ""
    callbacks: tuple[str, ...] = ()
    not_stored: str = ""


ADAM = "adam:beta1=0.9,beta2=0.999,epsilon=1e-08"
_OPTIMIZERS = {
    "sgd": 0.0625,
    "momentum:momentum=0.9": 0.03125,
    "nesterov:momentum=0.9": 0.03125,
    "adagrad:initial=0.1,epsilon=1e-07": 0.03125,
    "rmsprop:beta=0.9,epsilon=1e-08": 0.0078125,
    ADAM: 0.0078125,
    "amsgrad:beta1=0.9,beta2=0.999,epsilon=1e-08": 0.0078125,
    "adamw:beta1=0.9,beta2=0.999,epsilon=1e-08,weight_decay=0.01": 0.0078125,
    "nadam:beta1=0.9,beta2=0.999,epsilon=1e-08": 0.0078125,
    "lion:beta1=0.9,beta2=0.99,weight_decay=0.001": 0.001953125,
}
_RPROP = "rprop:grow=1.2,shrink=0.5,least=1e-06,most=50.0"
_SCHEDULES = (
    "linear",
    "constant",
    "step:factor=0.5,every=1",
    "exponential:factor=0.75",
    "inverse:power=0.75",
    "cosine:cycles=2",
    "warm_up:rise=0.25",
    "one_cycle:rise=0.25,start=0.04,end=4e-06",
    # The least fall is so large that every epoch is one without.
    "plateau:factor=0.5,patience=1,least=0.96875",
)
_ACTIVATIONS = (
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu:alpha=0.0625",
    "elu:alpha=1.0",
    "selu",
    "gelu",
    "gelu_tanh",
    "softplus",
    "exp",
    "softsign",
    "swish:beta=1.0",
    "mish",
    "hard_sigmoid",
    "hard_swish",
    "relu6",
    "softmax",
)
_NORMALISATIONS = ("batch:epsilon=1e-05,momentum=0.9", "layer:epsilon=1e-05", "rms:epsilon=1e-05")
_BATCH = _NORMALISATIONS[0]
_VALUES = {"target": "values", "output": "identity", "cost": "mean_squared_error"}
_LABELS = {"target": "labels", "output": "sigmoid", "cost": "binary_cross_entropy"}

# The name of each regularisation, and what is asked for. Three layers with weights, two hidden ones.
_HELD = {
    "l1": {"l1": 0.001},
    "l1 by layer": {"l1": (0.001, 0.0, 0.01)},
    "l2": {"l2": 0.01},
    "l2 by layer, with biases": {"l2": (0.01, 0.1, 0.0), "biases": True},
    "weight decay": {"weight_decay": 0.1},
    "weight decay by layer, with biases": {"weight_decay": (0.1, 0.0, 0.5), "biases": True},
    "max-norm": {"max_norm": 0.5},
    "max-norm by layer, with biases": {"max_norm": (0.5, 0.375, 0.25), "biases": True},
    "l1, l2, decay and max-norm": {"l1": 0.001, "l2": 0.01, "weight_decay": 0.1, "max_norm": 0.5},
    "dropout": {"dropout": 0.25},
    "dropout by layer": {"dropout": (0.125, 0.5)},
    "input dropout": {"input_dropout": 0.25},
    "input noise": {"input_noise": 0.5},
    "dropout, input dropout and noise": {"dropout": 0.25, "input_dropout": 0.125, "input_noise": 0.25},
    "label smoothing": {"label_smoothing": 0.125},
}


def _settings() -> dict[str, Setting]:
    found: dict[str, Setting] = {}

    def add(name: str, **said: Any) -> None:
        if name in found:
            raise ValueError(f"two settings are named {name}")
        found[name] = Setting(**said)

    for optimizer, rate in _OPTIMIZERS.items():
        name = optimizer.partition(":")[0]
        how = {"optimizer": optimizer, "learning_rate": rate}
        add(f"optimizer {name}", **how)
        add(f"optimizer {name}, float64, online", **how, dtype="float64", batch_size=1, rows=40)
    for dtype in ("float32", "float64"):
        add(
            f"optimizer rprop, {dtype}",
            optimizer=_RPROP,
            learning_rate=0.0078125,
            batch_size=150,
            epochs=8,
            dtype=dtype,
        )
    for dtype in ("float32", "float64"):
        add(
            f"optimizer lbfgs, {dtype}",
            optimizer="lbfgs:memory=10,max_fun=1000000000,gtol=1e-05,ftol=2.220446049250313e-09",
            learning_rate=None,
            batch_size=150,
            dtype=dtype,
            epochs=6,
            not_stored="its sums are NumPy's; compared by value",
        )
    for schedule in _SCHEDULES:
        add(
            f"schedule {schedule.partition(':')[0]}", schedule=schedule, optimizer=ADAM, learning_rate=0.03125
        )
    for activation in _ACTIVATIONS:
        name = activation.partition(":")[0]
        # What has corners far from 0 is to get there.
        rate = 2.0 if name.startswith(("hard", "relu6")) else 0.125
        add(f"activation {name}", activation=activation, learning_rate=rate)
    add("activations by layer, float64", activation=("gelu", "leaky_relu:alpha=0.0625"), dtype="float64")
    for rule in _NORMALISATIONS:
        name = f"normalisation {rule.partition(':')[0]}"
        add(name, normalise=rule)
        add(
            f"{name}, float64, adam", normalise=rule, dtype="float64", optimizer=ADAM, learning_rate=0.0078125
        )
        add(f"{name}, average", normalise=rule, average=0.75)
    add(
        "normalisation batch, dropout, max-norm",
        normalise=_BATCH,
        regularisation={"dropout": 0.25, "max_norm": 0.5},
    )

    add("normalisation batch, an example alone", normalise=_BATCH, batch_size=149)
    add("normalisation layer, online", normalise=_NORMALISATIONS[1], batch_size=1, rows=40)
    add(
        "normalisation batch, sparse, nesterov",
        normalise=_BATCH,
        inputs="sparse float64",
        optimizer="nesterov:momentum=0.9",
    )

    add("cost mean_squared_error", **_VALUES)
    add("cost mean_absolute_error", **_VALUES | {"cost": "mean_absolute_error"})
    add("cost quantile", **_VALUES | {"cost": "quantile:q=0.75"})
    add("cost huber", **_VALUES | {"cost": "huber:delta=0.5"})
    add("cost poisson", target="counts", output="softplus", cost="poisson", learning_rate=0.0078125)
    add("cost binary_cross_entropy", target="two classes", output="sigmoid", cost="binary_cross_entropy")
    add("cost sparse_categorical_cross_entropy", cost="sparse_categorical_cross_entropy")
    add("cost hinge", target="two classes", output="identity", cost="hinge")
    add("cost mean_squared_error through softmax", cost="mean_squared_error")
    add("cost binary_cross_entropy through softmax", cost="binary_cross_entropy")
    add(
        "cost mean_squared_error through hard_sigmoid",
        **_LABELS | {"output": "hard_sigmoid", "cost": "mean_squared_error"},
    )

    for name, held in _HELD.items():
        add(name, regularisation=held)
    add("dropout, online", regularisation={"dropout": 0.25}, batch_size=1, rows=40)
    add("dropout and noise, float64", regularisation={"dropout": 0.25, "input_noise": 0.25}, dtype="float64")
    add(
        "decay and l2, adam",
        regularisation={"weight_decay": 0.1, "l2": 0.01},
        optimizer=ADAM,
        learning_rate=0.0078125,
    )
    add("l1 and l2, online", regularisation={"l1": 0.001, "l2": 0.01}, batch_size=1, rows=40)
    add("max-norm, online, float64", regularisation={"max_norm": 0.5}, batch_size=1, rows=40, dtype="float64")
    add("clipping by norm, online", clipping={"norm": 0.5}, batch_size=1, rows=40)
    for dtype in ("float32", "float64"):
        add(
            f"all at once, {dtype}",
            dtype=dtype,
            optimizer=ADAM,
            learning_rate=0.0078125,
            schedule="one_cycle:rise=0.25,start=0.04,end=4e-06",
            normalise=_BATCH,
            average=0.75,
            weights="said",
            clipping={"value": 0.0625, "norm": 0.5},
            regularisation={
                "l1": 0.001,
                "l2": (0.01, 0.0, 0.1),
                "weight_decay": 0.1,
                "max_norm": (0.5, 0.75, 0.5),
                "dropout": (0.125, 0.25),
                "input_dropout": 0.125,
                "input_noise": 0.125,
                "label_smoothing": 0.125,
                "biases": True,
            },
        )
    add("label smoothing, labels", **_LABELS, regularisation={"label_smoothing": 0.25})
    add("clipping by value", clipping={"value": 0.0078125})
    add("clipping by norm", clipping={"norm": 0.125})
    add(
        "clipping by both, momentum",
        clipping={"value": 0.03125, "norm": 0.125},
        optimizer="momentum:momentum=0.9",
    )
    add("average", average=0.75)
    add("average, adam, float64", average=0.875, optimizer=ADAM, learning_rate=0.0078125, dtype="float64")
    add("average, max-norm", average=0.75, regularisation={"max_norm": 0.5})
    add("average, online", average=0.875, batch_size=1, rows=40)

    add("weights of examples", weights="said")
    add("weights of examples from the data", weights="data", **_VALUES)
    add("weights of examples, online", weights="said", batch_size=1, rows=40)
    add("class weights", class_weight={0: 2.0, 3: 0.5}, target="uneven classes", rows=128)
    add("balanced classes", class_weight="balanced", target="uneven classes", rows=128)
    add(
        "balanced classes and weights of examples",
        class_weight="balanced",
        weights="said",
        target="uneven classes",
        rows=128,
    )

    for inputs in ("float32", "float64", "bytes", "one-hot", "sparse float32", "sparse float64"):
        for dtype in ("float32", "float64"):
            add(f"inputs {inputs}, network {dtype}", inputs=inputs, dtype=dtype, seed=6)
            add(
                f"inputs {inputs}, network {dtype}, online",
                inputs=inputs,
                dtype=dtype,
                batch_size=1,
                rows=40,
                seed=6,
            )
    add(
        "inputs bytes, dropped and disturbed",
        inputs="bytes",
        regularisation={"input_dropout": 0.25, "input_noise": 0.0625},
    )
    add("inputs sparse, dropped", inputs="sparse float32", regularisation={"input_dropout": 0.25})
    add("inputs sparse, batch normalisation", inputs="sparse float32", normalise=_BATCH)

    add("another seed", seed=2**40 + 7)
    add("batches of 7", batch_size=7)
    add("batches of all", batch_size=150)
    add("batches of 600", rows=1300, batch_size=600)
    add("batches of 600, sparse", inputs="sparse float32", rows=1300, batch_size=600)
    add("batches of 600, batch normalisation", rows=1300, batch_size=600, normalise=_BATCH, dtype="float64")
    add("batches of 1100, bytes", inputs="bytes", rows=1300, batch_size=1100, epochs=4)
    add("no hidden layer", hidden=())
    add("no hidden layer, online", hidden=(), batch_size=1)
    add("five hidden layers", hidden=(48, 33, 40, 17, 65), activation="selu", batch_size=100)
    add("five hidden layers, online", hidden=(48, 33, 40, 17, 65), activation="selu", batch_size=1, rows=60)
    add("wide layers", hidden=(240, 250), rows=1300, epochs=2)
    add("wide layers, float64", hidden=(130, 241), dtype="float64", optimizer=ADAM, learning_rate=0.0078125)
    add("wide layers, sparse", hidden=(240, 250), inputs="sparse float32", activation="relu")
    add("wide layers, one-hot", hidden=(240, 250), inputs="one-hot", activation="relu", batch_size=100)
    add("wide layers, batches of 600", hidden=(240, 230), rows=1300, batch_size=600, epochs=2)
    add("wide layers, online", hidden=(240, 250), batch_size=1, rows=40)
    add("wide layers, layer normalisation", hidden=(240, 250), normalise=_NORMALISATIONS[1])
    add("multilabel", **_LABELS)
    add("multilabel, hinge, float64", **_LABELS | {"output": "tanh", "cost": "hinge"}, dtype="float64")
    add("one value", target="value", output="identity", cost="mean_squared_error")
    add("several values, float64, online", **_VALUES, dtype="float64", batch_size=1, rows=40)

    for dtype in ("float32", "float64"):
        add(f"stream, {dtype}", kind="stream", dtype=dtype, optimizer=ADAM, learning_rate=0.0078125)
        add(f"stream online, {dtype}", kind="stream", dtype=dtype, batch_size=1, schedule="inverse:power=0.5")
    add("stream of values, average", kind="stream", **_VALUES, average=0.75, batch_size=16)
    add("stream of labels, weighed", kind="stream", **_LABELS, weights="said", batch_size=16)
    add(
        "stream with batch normalisation and dropout",
        kind="stream",
        normalise=_BATCH,
        average=0.75,
        regularisation={"dropout": 0.25},
    )
    add("stream that goes on from a model", kind="stream_of_model", batch_size=16)
    add("trained again", kind="train_again", optimizer=ADAM, learning_rate=0.0078125, schedule="linear")
    add("trained again, batch normalisation, average", kind="train_again", normalise=_BATCH, average=0.75)
    add("early stopping", callbacks=("early",), learning_rate=1.0, epochs=12)
    add(
        "early stopping, weighed, average",
        callbacks=("early",),
        average=0.75,
        weights="data",
        learning_rate=1.0,
        epochs=12,
    )
    add(
        "plateaus of the validation set",
        callbacks=("early",),
        schedule="plateau:factor=0.5,patience=1,least=0.96875",
    )
    add("watched at each update", callbacks=("watch",), regularisation={"dropout": 0.25}, normalise=_BATCH)
    add("watched at each update, online", callbacks=("watch",), batch_size=1, rows=40)
    add("stopped in an epoch", callbacks=("stop",))
    add("ended by a goal", callbacks=("goal",), epochs=6)
    diverging = {"activation": "identity", **_VALUES}
    add("stream that diverges", kind="stream", learning_rate=64.0, batch_size=4, **diverging)
    add("diverged", learning_rate=1e6, **diverging)
    add(
        "diverged in a later epoch",
        learning_rate=2.0,
        schedule="warm_up:rise=0.875",
        epochs=8,
        **diverging,
    )
    add("candidate of a search", kind="candidate", optimizer=ADAM, learning_rate=0.03125, batch_size=16)
    add("search", kind="search", not_stored="its candidates come from Optuna, their first weights from NumPy")
    add("range test", kind="range_test", not_stored=_LIBM)
    add("range test, online", kind="range_test", batch_size=1, not_stored=_LIBM)
    add(
        "range test, weighed, dropout",
        kind="range_test",
        weights="data",
        regularisation={"dropout": 0.25},
        batch_size=16,
        not_stored=_LIBM,
    )
    return found


SETTINGS = _settings()
