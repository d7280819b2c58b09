"""The step of the build that puts the loops' machine code into the wheel: see docs/installation.md."""

import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MachineCodeHook(BuildHookInterface):  # type: ignore[type-arg]
    """Makes the machine code; where it cannot, a warning says so, and the wheel is built without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make it, except for an editable installation, whose sources change."""
        if version == "editable":
            return
        source = Path(self.root, "src")
        place = Path("pellucid", "passes", "compiled", "shipped")
        shutil.rmtree(source / place, ignore_errors=True)
        sys.path.insert(0, str(source))
        try:
            from pellucid.passes.compiled.machine_code.shipping import ship

            self.app.display_info("Making machine code for the wheel, which takes about a minute ...")
            ship()
        except ImportError as error:
            self.app.display_warning(
                f"This wheel contains no machine code, because it cannot be made here ({error}). "
                "Where it is installed, the first training takes about 10 seconds longer and needs the extra "
                "'compile'; without that, NumPy does all work, many times slower."
            )
        finally:
            sys.path.remove(str(source))
        build_data["artifacts"].append(f"/src/{place.as_posix()}/")
