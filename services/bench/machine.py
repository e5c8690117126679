"""Says what the figures were measured on: cores, memory, versions; no name, no path, nobody's data."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from sqlalchemy import text

from shared.database import Database


def describe_machine() -> dict[str, str]:
    """Fact -> value, of this machine."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _processor(),
        "memory": f"{memory_bytes / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "OR-Tools": version("ortools"),
    }


def describe_parts(database: Database) -> dict[str, str]:
    """Fact -> value, of the server that `database` lies on and of the libraries that speak to it and to Kafka."""
    with database.session() as session:
        postgres = session.connection().execute(text("SHOW server_version")).scalar_one()
        fsync = session.connection().execute(text("SHOW fsync")).scalar_one()
    return {
        "PostgreSQL": f"{postgres}, fsync {fsync}",
        "psycopg": version("psycopg"),
        "kafka-python": version("kafka-python"),
    }


def print_machine(machine: Mapping[str, str], console: Console) -> None:
    """The line above all figures."""
    facts = ", ".join(f"{name} {value}" for name, value in machine.items())
    console.print(f"Measured on 测试环境: {facts}")


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or "unknown")
