"""What the targets mean: classes with their names, or values with their units."""

from collections.abc import Mapping
from typing import Any

from pellucid.data.class_target import ClassTarget
from pellucid.data.value_target import ValueTarget

__all__ = ["ClassTarget", "Target", "ValueTarget", "target_from_dict"]

Target = ClassTarget | ValueTarget


def target_from_dict(parts: Mapping[str, Any]) -> Target:
    """Make a target again from its `to_dict`.

    Examples
    --------
    >>> target_from_dict({"task": "classification", "name": None, "labels": [0, 1]}).n_classes
    2
    """
    kinds: dict[str, type[Target]] = {"classification": ClassTarget, "regression": ValueTarget}
    return kinds[parts["task"]].from_dict(parts)
