"""Write the stored digests anew, after a number was changed on purpose, for a reason in the changelog."""

import json

from tests.digests.stored import PLACE, made_anew, stored


def main():
    """Write them, and print which settings are new or have other numbers."""
    before = stored() if PLACE.exists() else {}
    now = made_anew()
    changed = [name for name in now if now[name] != before.get(name)]
    PLACE.write_text(json.dumps(now, indent=1) + "\n")
    for name in changed:
        print(f"{'changed' if name in before else 'new'}: {name}")
    print(f"{len(now)} settings, {len(changed)} of them new or changed")


if __name__ == "__main__":
    main()
