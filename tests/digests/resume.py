"""Goes on from states that another process took out, and writes what each came to.

    python -m tests.digests.resume STATES RESULTS

Both files are pickles of dicts: of states, and of digests, by engine and the name of a setting.
"""

import pickle
import sys
from pathlib import Path

from tests.digests.runs import result_of, trainer
from tests.digests.settings import SETTINGS


def resume(states):
    """Return the digests of what each state comes to."""
    found = {}
    for (engine, name), state in states.items():
        resumed = trainer(SETTINGS[name], engine)
        resumed.load_state(state)
        found[engine, name] = result_of(resumed.fit()).digests
    return found


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(pickle.dumps(resume(pickle.loads(source.read_bytes()))))
