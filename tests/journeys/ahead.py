"""The services as they are, at an hour that a test says: nobody can wait two days for a coach to arrive.

`python -m tests.journeys.ahead -m services serve registry` runs that module by a machine's clock which goes ahead by
as much as a file says; run by `Parts`, never imported by a service. All that share the file share the hour.
"""

import os
import runpy
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.kernel.clock import SystemClock

VARIABLE = "ZHIDA_TEST_AHEAD_FILE"


class AheadClock:
    """The machine's clock and the seconds in `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text()))

    def jump_to(self, instant: datetime) -> None:
        """Go on from `instant`."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str((instant - datetime.now(UTC)).total_seconds()))
        fresh.replace(self._file)  # whole, for who reads at this moment


if __name__ == "__main__":
    clock = AheadClock(Path(os.environ[VARIABLE]))
    setattr(SystemClock, "now", lambda _: clock.now())  # noqa: B010 - the services ask no other
    _, _, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
