"""What the kernel says of processes, for tests that end them."""

import os
from pathlib import Path

_TICKS_S = os.sysconf("SC_CLK_TCK")


def is_alive(pid: int) -> bool:
    """Whether it is there and has not ended."""
    return _stat(pid)[:1] not in ([], ["Z"])


def cpu_s_of_children(parent: int) -> dict[int, float]:
    """The processes that this one has started, with the seconds that each has worked."""
    stats = {int(path.name): _stat(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    return {pid: int(stat[11]) / _TICKS_S for pid, stat in stats.items() if stat[1:2] == [str(parent)]}


def _stat(pid: int) -> list[str]:
    """What the kernel says of a process, from its state on; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
