"""How a network learns."""

from pellucid.training.progress import Progress
from pellucid.training.schedules import Schedule, schedules
from pellucid.training.settings import Settings
from pellucid.training.train import build_network, choose_judge, train

__all__ = ["Progress", "Schedule", "Settings", "build_network", "choose_judge", "schedules", "train"]
