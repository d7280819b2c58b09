"""The search for the best network and training settings."""

from pellucid.tuning.search import Search, tune

__all__ = ["Search", "tune"]
