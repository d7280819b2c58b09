"""Fully connected neural networks you can see through.

>>> import pellucid
>>> data = pellucid.load_data("digits")
>>> network = pellucid.build_network(data, layers=[32])
>>> model = pellucid.train(network, data, learning_rate=0.02, epochs=5)
>>> model.diagnosis.verdict
'good'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pellucid.data import Dataset, load_data
    from pellucid.errors import PellucidError, PellucidWarning
    from pellucid.evaluation import Diagnosis, History, Report
    from pellucid.explanation import Explanation, explain
    from pellucid.model import Model
    from pellucid.network import (
        Activation,
        Cost,
        Initializer,
        Interval,
        Layer,
        Network,
        Normalisation,
        activations,
        costs,
        initializers,
        normalisations,
    )
    from pellucid.storage import load_model, save_model
    from pellucid.training import (
        Callback,
        Checkpoint,
        Clipping,
        CsvLog,
        EarlyStopping,
        Goal,
        Optimizer,
        Regularisation,
        Schedule,
        Statistics,
        Stream,
        TensorBoardLog,
        TimeLimit,
        Trainer,
        TrainingConfig,
        build_network,
        find_learning_rate,
        optimizers,
        schedules,
        train,
    )
    from pellucid.tuning import Search, tune

# Each public name and where it lives. Nothing is imported before it is needed, so that the command line's
# help answers at once.
_HOMES = {
    "Activation": "network",
    "Callback": "training",
    "Checkpoint": "training",
    "Clipping": "training",
    "Cost": "network",
    "CsvLog": "training",
    "Dataset": "data",
    "Diagnosis": "evaluation",
    "EarlyStopping": "training",
    "Explanation": "explanation",
    "Goal": "training",
    "History": "evaluation",
    "Initializer": "network",
    "Interval": "network",
    "Layer": "network",
    "Model": "model",
    "Network": "network",
    "Normalisation": "network",
    "Optimizer": "training",
    "PellucidError": "errors",
    "PellucidWarning": "errors",
    "Regularisation": "training",
    "Report": "evaluation",
    "Schedule": "training",
    "Search": "tuning",
    "Statistics": "training",
    "Stream": "training",
    "TensorBoardLog": "training",
    "TimeLimit": "training",
    "Trainer": "training",
    "TrainingConfig": "training",
    "activations": "network",
    "build_network": "training",
    "costs": "network",
    "explain": "explanation",
    "find_learning_rate": "training",
    "initializers": "network",
    "load_data": "data",
    "load_model": "storage",
    "normalisations": "network",
    "optimizers": "training",
    "save_model": "storage",
    "schedules": "training",
    "train": "training",
    "tune": "tuning",
}

__all__ = [
    "Activation",
    "Callback",
    "Checkpoint",
    "Clipping",
    "Cost",
    "CsvLog",
    "Dataset",
    "Diagnosis",
    "EarlyStopping",
    "Explanation",
    "Goal",
    "History",
    "Initializer",
    "Interval",
    "Layer",
    "Model",
    "Network",
    "Normalisation",
    "Optimizer",
    "PellucidError",
    "PellucidWarning",
    "Regularisation",
    "Report",
    "Schedule",
    "Search",
    "Statistics",
    "Stream",
    "TensorBoardLog",
    "TimeLimit",
    "Trainer",
    "TrainingConfig",
    "activations",
    "build_network",
    "costs",
    "explain",
    "find_learning_rate",
    "initializers",
    "load_data",
    "load_model",
    "normalisations",
    "optimizers",
    "save_model",
    "schedules",
    "train",
    "tune",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pellucid' has no attribute {name!r}")
    value = getattr(import_module(f"pellucid.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
