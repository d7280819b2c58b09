"""A trained network with all that is needed to use it on raw data."""

from pellucid.model.model import PARTS, Model

__all__ = ["PARTS", "Model"]
