"""Updates: the pieces of the rule, and the engines that apply them."""

from pellucid.training.updates.choose import make_updates
from pellucid.training.updates.reference import Updates

__all__ = ["Updates", "make_updates"]
