"""The search for the network and the settings that do best."""

from pellucid.tuning.search import Search, tune

__all__ = ["Search", "tune"]
