import pytest

from pellucid.network import activations, costs, initializers


@pytest.fixture
def own_declarations():
    """Let a test register declarations of its own, and take them out again."""
    registries = (activations, costs, initializers)
    kept = [(registry._classes.copy(), registry._names.copy()) for registry in registries]
    yield
    for registry, (classes, names) in zip(registries, kept, strict=True):
        registry._classes, registry._names = classes, names
