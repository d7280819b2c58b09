"""What holds for all tests, those in docstrings included."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def own_declarations() -> Iterator[None]:
    """Let a test register declarations of its own, and take them out again."""
    from pellucid.network import activations, costs, initializers
    from pellucid.training import optimizers, schedules

    registries = (activations, costs, initializers, optimizers, schedules)
    kept = [(registry._classes.copy(), registry._names.copy()) for registry in registries]
    yield
    for registry, (classes, names) in zip(registries, kept, strict=True):
        registry._classes, registry._names = classes, names
