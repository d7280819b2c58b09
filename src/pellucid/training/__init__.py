"""The training of networks."""

from typing import Any

from pellucid.renamed import notice
from pellucid.training.callback import Callback
from pellucid.training.checkpoint import Checkpoint
from pellucid.training.clipping import Clipping
from pellucid.training.config import TrainingConfig
from pellucid.training.logs import CsvLog, Statistics
from pellucid.training.optimizer import Optimizer
from pellucid.training.optimizers import optimizers
from pellucid.training.progress import Progress
from pellucid.training.range_test import RangeTest, find_learning_rate
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedule import Schedule, ScheduleStep
from pellucid.training.schedules import schedules
from pellucid.training.stopping import EarlyStopping, Goal, TimeLimit
from pellucid.training.stream import Stream
from pellucid.training.tensorboard import TensorBoardLog
from pellucid.training.train import build_network, train
from pellucid.training.trainer import Trainer

__all__ = [
    "Callback",
    "Checkpoint",
    "Clipping",
    "CsvLog",
    "EarlyStopping",
    "Goal",
    "Optimizer",
    "Progress",
    "RangeTest",
    "Regularisation",
    "Schedule",
    "Statistics",
    "Stream",
    "TensorBoardLog",
    "TimeLimit",
    "Trainer",
    "TrainingConfig",
    "build_network",
    "find_learning_rate",
    "optimizers",
    "schedules",
    "train",
]

_FORMER = {"Run": Trainer, "Settings": TrainingConfig, "Moment": ScheduleStep}


def __getattr__(name: str) -> Any:
    if name in _FORMER:
        notice(name, _FORMER[name].__name__, stacklevel=2)
        return _FORMER[name]
    if name == "train_as":
        notice(name, "Trainer(network, data, config).fit().model()", stacklevel=2)
        return lambda *args, **options: Trainer(*args, **options).fit().model()
    if name == "choose_judge":
        notice(name, "Trainer(network, data).head", stacklevel=2)
        return lambda *args, **options: Trainer(*args, **options).head
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
