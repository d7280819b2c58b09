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

if TYPE_CHECKING:  # as themselves: this makes them public for type checkers
    from pellucid.data import Dataset as Dataset
    from pellucid.data import load_data as load_data
    from pellucid.errors import PellucidError as PellucidError
    from pellucid.errors import PellucidWarning as PellucidWarning
    from pellucid.estimators import MLPClassifier as MLPClassifier
    from pellucid.estimators import MLPRegressor as MLPRegressor
    from pellucid.evaluation import Diagnosis as Diagnosis
    from pellucid.evaluation import History as History
    from pellucid.evaluation import Report as Report
    from pellucid.explanation import Explanation as Explanation
    from pellucid.explanation import explain as explain
    from pellucid.model import Model as Model
    from pellucid.network import Activation as Activation
    from pellucid.network import Cost as Cost
    from pellucid.network import Initializer as Initializer
    from pellucid.network import Interval as Interval
    from pellucid.network import Layer as Layer
    from pellucid.network import Network as Network
    from pellucid.network import Normalisation as Normalisation
    from pellucid.network import activations as activations
    from pellucid.network import costs as costs
    from pellucid.network import initializers as initializers
    from pellucid.network import normalisations as normalisations
    from pellucid.storage import load_model as load_model
    from pellucid.storage import save_model as save_model
    from pellucid.training import Callback as Callback
    from pellucid.training import Checkpoint as Checkpoint
    from pellucid.training import Clipping as Clipping
    from pellucid.training import CsvLog as CsvLog
    from pellucid.training import EarlyStopping as EarlyStopping
    from pellucid.training import Goal as Goal
    from pellucid.training import Optimizer as Optimizer
    from pellucid.training import Regularisation as Regularisation
    from pellucid.training import Schedule as Schedule
    from pellucid.training import Statistics as Statistics
    from pellucid.training import Stream as Stream
    from pellucid.training import TensorBoardLog as TensorBoardLog
    from pellucid.training import TimeLimit as TimeLimit
    from pellucid.training import Trainer as Trainer
    from pellucid.training import TrainingConfig as TrainingConfig
    from pellucid.training import build_network as build_network
    from pellucid.training import find_learning_rate as find_learning_rate
    from pellucid.training import optimizers as optimizers
    from pellucid.training import schedules as schedules
    from pellucid.training import train as train
    from pellucid.tuning import Search as Search
    from pellucid.tuning import tune as tune

# Each public name and where it lives. Nothing is imported before it is needed, so that the command line's
# help answers at once.
_HOMES = {
    name: home
    for home, names in {
        "data": "Dataset load_data",
        "errors": "PellucidError PellucidWarning",
        "estimators": "MLPClassifier MLPRegressor",
        "evaluation": "Diagnosis History Report",
        "explanation": "Explanation explain",
        "model": "Model",
        "network": "Activation Cost Initializer Interval Layer Network Normalisation activations costs "
        "initializers normalisations",
        "storage": "load_model save_model",
        "training": "Callback Checkpoint Clipping CsvLog EarlyStopping Goal Optimizer Regularisation "
        "Schedule Statistics Stream TensorBoardLog TimeLimit Trainer TrainingConfig build_network "
        "find_learning_rate optimizers schedules train",
        "tuning": "Search tune",
    }.items()
    for name in names.split()
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pellucid' has no attribute {name!r}")
    value = getattr(import_module(f"pellucid.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
