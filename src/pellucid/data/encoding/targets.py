"""The encoding of targets: classes, labels, or values."""

from collections.abc import Mapping
from typing import Any

from pellucid.data.encoding.class_target import ClassTarget
from pellucid.data.encoding.label_target import LabelTarget
from pellucid.data.encoding.stored import restored
from pellucid.data.encoding.value_target import ValueTarget

__all__ = ["ClassTarget", "LabelTarget", "Target", "ValueTarget", "target_from_dict"]

Target = ClassTarget | LabelTarget | ValueTarget
_KINDS: tuple[type[Target], ...] = (ClassTarget, LabelTarget, ValueTarget)


def target_from_dict(parts: Mapping[str, Any]) -> Target:
    """Rebuild a target from the result of its `to_dict`.

    Examples
    --------
    >>> target_from_dict({"task": "classification", "name": None, "labels": [0, 1]}).n_classes
    2
    """
    return restored(_KINDS, parts)
