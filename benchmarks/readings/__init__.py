"""Real tables that packages ship, read and trained on as they come: ``python -m benchmarks.readings``."""
