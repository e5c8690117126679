"""Knows which lines of requirements.lock one service needs; decides no version itself.

`python -m deploy.locked registry` prints them, hashes and all, for the image of that service: so that registry and
notifier stay small, while every package is still the one that was locked.
"""

import argparse
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("registry", "dispatcher", "notifier", "planner")
ENTRY = re.compile(r"^(?=[a-z0-9])", re.MULTILINE)
BY_US = "zhida (pyproject.toml)"


def select_locked(service: str, project: str, lock: str) -> str:
    """The entries of `lock` that `service` needs, by the text of pyproject.toml and of requirements.lock.

    The lock names behind `# via` who asked for an entry: it is needed when one of them is, or when it is the
    project's own and stands in its dependencies or in the service's extra. Raises KeyError for an unknown extra.
    """
    table = tomllib.loads(project)["project"]
    ours = {name_of(line) for line in table["dependencies"] + table["optional-dependencies"][service]}
    entries = {name_of(entry): entry for entry in ENTRY.split(lock) if not entry.startswith("#")}
    parents = {name: list_parents(entry) for name, entry in entries.items()}
    needed = {name for name, by in parents.items() if BY_US in by and name in ours}
    while more := {name for name, by in parents.items() if needed & by} - needed:
        needed |= more
    return "".join(entry for name, entry in entries.items() if name in needed)


def name_of(requirement: str) -> str:
    """`psycopg[binary]==3.3.9` -> `psycopg`."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower()


def list_parents(entry: str) -> set[str]:
    """Who asked for this entry of the lock."""
    comments = entry[entry.index("# via") :].splitlines()
    return {line.strip(" #").removeprefix("via").strip() for line in comments} - {""}


def main() -> None:
    """Print the locked requirements of the service named."""
    parser = argparse.ArgumentParser(description="The part of requirements.lock that one service needs.")
    parser.add_argument("service", choices=SERVICES)
    service = parser.parse_args().service
    project, lock = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.lock")
    )
    print(select_locked(service, project, lock), end="")


if __name__ == "__main__":
    main()
