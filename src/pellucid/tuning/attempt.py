"""Training a candidate: errors do not end the search."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pellucid.errors import PellucidError, PellucidWarning
from pellucid.training import Callback
from pellucid.tuning.candidate import Outcome, Plan

__all__ = ["Failure", "attempt"]


@dataclass(frozen=True)
class Failure:
    """The result of a candidate that could not be trained."""

    reason: str


def attempt(
    plan: Plan, options: Mapping[str, Any], go_on: Callable[[int, float], bool], *watching: Callback
) -> Outcome | Failure:
    """Train a candidate as `Plan.try_out` does, but return errors, so that the search continues."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PellucidWarning)  # the search has already issued them
            return plan.try_out(options, go_on, *watching)
    except PellucidError as error:
        return Failure(str(error))
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}")
