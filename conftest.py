"""What holds for all tests, those in docstrings included."""

import os
import signal
from collections.abc import Generator, Iterator
from typing import Any

import pytest


def pytest_configure() -> None:
    """Let tests be interrupted, even where the shell that runs them in the background ignores signals."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            usual = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
            signal.signal(number, usual)


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


def _failed_if_skipped(report: Any) -> Any:
    """Let no test be left out where all are to run, as in CI: PELLUCID_RUN_ALL_TESTS=1."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("PELLUCID_RUN_ALL_TESTS"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome, report.longrepr = "failed", f"left out where all tests are to run: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """Turn a skipped test into a failed one where all are to run."""
    return _failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    """Turn a skipped file of tests into a failed one where all are to run."""
    return _failed_if_skipped((yield))
