"""A trained network together with all that is needed to use it on raw rows."""

from pellucid.model.model import PARTS, Model

__all__ = ["PARTS", "Model"]
