"""Model files that earlier versions wrote, and what their models predict.

Where the format changes, the files there stay, and ``python -m tests.storage.earlier_files VERSION`` in the
folder of the repository writes more of them, which have that version in their names.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
from scipy.sparse import csr_array
from tests.digests.numbers import whole_numbers

import pellucid

__all__ = ["FOLDER", "KINDS", "rows_of", "told_by"]

FOLDER = Path(__file__).parent / "files"
_N = 60


def rows_of(kind):
    """Return the fixed rows that a kind of model is trained on and predicts for, and their targets."""
    x = whole_numbers((_N, 6), -64, 65, 1) / 32
    a, b, c = x[:, 0] + x[:, 1], x[:, 2] - x[:, 3], x[:, 4]
    classes = (a > b).astype(int) + (b > c)
    targets = {
        "values": np.stack([100 * a, b + c], axis=1),
        "labels": np.stack([a > 0, b > 0, c > 0], axis=1),
        "settings": np.where(a > b + 1, "yes", "no"),
        "columns": np.where(a > c, "high", "low"),
    }
    if kind == "columns":
        city = np.array(["north", "south", None, "west"])[np.arange(_N) % 4]
        age = [None if row % 7 == 3 else float(value) for row, value in enumerate(a)]
        return pl.DataFrame({"city": city.tolist(), "age": age, "größe": c}), targets[kind]
    if kind == "pixels":
        return np.clip(x * 64 + 128, 0, 255).astype(np.uint8).reshape(_N, 2, 3), classes
    if kind == "sparse":
        kept = whole_numbers((_N, 6), 0, 3, 2) == 0
        return csr_array(np.where(kept, x, 0.0)), classes
    return x, targets.get(kind, classes)


def _write(kind, version):
    x, y = rows_of(kind)
    how = {"task": "regression"} if kind == "values" else {}
    how |= {"validation_size": 0.25} if kind == "settings" else {}
    source = x.with_columns(pl.Series("level", y)) if kind == "columns" else (x, y)
    data = pellucid.load_data(source, **how)
    made, trained = _HOW[kind]
    network = pellucid.build_network(data, **{"layers": [5], "seed": 1, **made})
    rates = {"learning_rate": 0.05, "epochs": 3, "batch_size": 8, "seed": 1}
    model = pellucid.train(network, data, **{**rates, **trained})
    pellucid.save_model(model, FOLDER / f"{kind}-{version}.pellucid")


class _Noted(pellucid.Callback):
    """Says something of itself, which is kept among the settings."""

    def describe(self):
        return {"note": {"by": "hand", "numbers": [1, 2.5, None]}}


_HOW = {
    "classes": ({"activation": "leaky_relu:alpha=0.0625"}, {"optimizer": "adam:beta2=0.95"}),
    "values": ({"activation": "gelu", "dtype": "float64", "layers": [4, 3]}, {"optimizer": "momentum"}),
    "labels": ({"activation": "swish:beta=1.5"}, {"schedule": "cosine:cycles=2"}),
    "batch": (
        {"layers": [4, 5], "normalise": "batch:momentum=0.8"},
        {"average": 0.9, "regularisation": pellucid.Regularisation(l2=1e-3, dropout=(0.1, 0.2))},
    ),
    "columns": ({"normalise": "layer", "dtype": "float64"}, {"clipping": pellucid.Clipping(norm=1.0)}),
    "pixels": ({"layers": [], "cost": "sparse_categorical_cross_entropy"}, {"batch_size": 1}),
    "sparse": ({"activation": "selu"}, {"average": 0.5}),
    "settings": (
        {"activation": "tanh", "output": "identity", "cost": "hinge"},
        {
            "callbacks": [
                pellucid.EarlyStopping(2, "validation_accuracy", 0.01),
                pellucid.Goal("test_accuracy", 1.0),
                _Noted(),
            ],
            "class_weight": {"yes": 2.0},
            "optimizer": "lion",
            "learning_rate": 0.01,
            "epochs": 9,
        },
    ),
}
KINDS = list(_HOW)


def told_by(model, kind):
    """Return what a model tells of its rows and of itself: digests of its numbers, ready for JSON."""
    x, _ = rows_of(kind)
    outputs, answers = model.outputs(x), model.predict(x)
    return {
        "weights": {name: _digest(array) for name, array in sorted(model.network.arrays.items())},
        "outputs": _digest(outputs),
        "predictions": _digest(answers) if answers.dtype.kind in "bif" else answers.tolist(),
        "network": repr(model.network),
        "cost": str(model.cost),
        "target": model.target.to_dict(),
        "inputs": model.inputs.to_dict(),
        "verdict": model.diagnosis.verdict,
        "epochs": model.history.n_epochs,
        "stopped": model.stopped,
        "kept_epoch": model.kept_epoch,
        "settings": model.settings,
    }


def _digest(array):
    said = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(said + np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def main(version):
    """Write a file of each kind, and what is told by it."""
    told = json.loads((FOLDER / "told.json").read_text()) if (FOLDER / "told.json").exists() else {}
    for kind in KINDS:
        name = f"{kind}-{version}"
        _write(kind, version)
        told[name] = told_by(pellucid.load_model(FOLDER / f"{name}.pellucid"), kind)
    (FOLDER / "told.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
