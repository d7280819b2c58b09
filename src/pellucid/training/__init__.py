"""How a network learns."""

from pellucid.training.callback import Callback
from pellucid.training.checkpoint import Checkpoint
from pellucid.training.clipping import Clipping
from pellucid.training.logs import CsvLog, Statistics
from pellucid.training.optimizer import Optimizer
from pellucid.training.optimizers import optimizers
from pellucid.training.progress import Progress
from pellucid.training.range_test import RangeTest, find_learning_rate
from pellucid.training.regularisation import Regularisation
from pellucid.training.schedule import Schedule
from pellucid.training.schedules import schedules
from pellucid.training.settings import Settings
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
    "Settings",
    "Statistics",
    "Stream",
    "TensorBoardLog",
    "TimeLimit",
    "Trainer",
    "build_network",
    "find_learning_rate",
    "optimizers",
    "schedules",
    "train",
]
