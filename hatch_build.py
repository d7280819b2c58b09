"""The step of the build that puts the loops' machine code into the wheel: see docs/installation.md."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MachineCodeHook(BuildHookInterface):
    """Makes the machine code; where it cannot, a warning says so, and the wheel is built without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make it beside the sources, except for an editable installation, whose sources change."""
        if version == "editable":
            return
        self.made = TemporaryDirectory()
        source, place = str(Path(self.root, "src")), Path(self.made.name, "shipped")
        sys.path.insert(0, source)
        try:
            from pellucid.passes.compiled.machine_code.shipping import ship

            self.app.display_info("Making machine code for the wheel, which takes about a minute ...")
            ship(place)
        except ImportError as error:
            self.app.display_warning(
                f"This wheel contains no machine code, because it cannot be made here ({error}). "
                "Where it is installed, the first training takes about 10 seconds longer and needs the extra "
                "'compile'; without that, NumPy does all work, many times slower."
            )
        else:
            build_data["force_include"][str(place)] = "pellucid/passes/compiled/shipped"
        finally:
            sys.path.remove(source)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was made: the wheel contains it."""
        if version != "editable":
            self.made.cleanup()
