"""MNIST to 98.0 % on the test set with 784-128-10, on one core: the time of learning."""

from benchmarks.contest import Entry, compete
from benchmarks.figures import SECONDS, Figure
from benchmarks.procedure import PROCEDURES, Procedure
from benchmarks.scale import Scale

__all__ = ["entry", "measure"]

_MODULES = {"Pellucid": "own", "JAX": "jax_peer", "PyTorch": "torch_peer", "scikit-learn": "sklearn_peer"}


def entry(name: str, procedure: Procedure, examples: int = 60_000) -> Entry:
    """Give a contestant that learns by a procedure, on one core."""
    return Entry(name, f"benchmarks.peers.{_MODULES[name]}:Learning", (procedure, examples), cores=1)


def measure(scale: Scale) -> list[Figure]:
    """Let each learn from a new seed at every run."""
    examples = 2_000 if scale.name == "tiny" else 60_000  # of 2,000 no one learns enough to reach the goal
    names = [name for name in PROCEDURES if not scale.subset or name in ("Pellucid", "JAX")]
    entries = [entry(name, PROCEDURES[name], examples) for name in names]
    return compete("accuracy", "MNIST to 98.0 %, one core", entries, runs=scale.seeds, unit=SECONDS)
