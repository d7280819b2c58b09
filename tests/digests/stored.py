"""The stored digests of the compiled engine, and how they are made anew.

They say that no number changes: neither by a change of the code nor from one x86-64 processor, number of
threads or width of vectors to another. Where a number is changed on purpose, ``python -m tests.digests`` in
the folder of the repository writes the file anew, and the changelog gives the reason.
"""

import json
from pathlib import Path

from tests.digests.runs import run
from tests.digests.settings import SETTINGS

__all__ = ["PLACE", "STORED", "made_anew", "stored"]

PLACE = Path(__file__).parent / "compiled.json"

# The names of the settings whose digests are stored.
STORED = [name for name, setting in SETTINGS.items() if not setting.not_stored]


def stored():
    """Return the stored digests: those of each array by its name, by the names of the settings."""
    return json.loads(PLACE.read_text())


def made_anew():
    """Return the digests of this version."""
    return {name: run(SETTINGS[name]).digests for name in STORED}
