"""How a network learns."""

from pellucid.training.optimizer import Optimizer
from pellucid.training.optimizers import optimizers
from pellucid.training.progress import Progress
from pellucid.training.schedules import Schedule, schedules
from pellucid.training.settings import Settings
from pellucid.training.train import build_network, choose_judge, train

__all__ = [
    "Optimizer",
    "Progress",
    "Schedule",
    "Settings",
    "build_network",
    "choose_judge",
    "optimizers",
    "schedules",
    "train",
]
