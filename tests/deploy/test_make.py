"""`make` says what it can do, and a Python that is too old is told so before anything is installed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGETS = ["help", "setup", "demo", "test", "check", "kafka", "bench", "lock"]
OLD_PYTHON = """#!/bin/sh
exec {python} -c "import sys; sys.version_info = (3, 9, 2)
$2"
"""


ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
"""Without what a `make test` around these tests passes on to the makes inside them."""


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def test_make_alone_explains_every_target_in_one_line() -> None:
    done = make(ROOT)
    assert re.findall(r"^  ([a-z]+) +\S", done.stdout, re.MULTILINE) == TARGETS
    assert set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)) == set(TARGETS)


def test_a_python_that_is_too_old_is_named_with_the_mend_and_nothing_is_made(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "python3.9"
    python.write_text(OLD_PYTHON.format(python=sys.executable))
    python.chmod(0o755)
    done = make(tmp_path, "setup", f"PYTHON={python}")
    assert done.returncode != 0
    assert f"needs Python 3.11 or newer, and {python} is 3.9" in done.stderr
    assert "make setup PYTHON=" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(("check", "test"), [(0, 0), (2, 0), (0, 2), (2, 2)])
def test_the_continuous_run_does_both_parts_and_fails_when_either_fails(
    tmp_path: Path, check: int, test: int
) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci")
    (tmp_path / "Makefile").write_text(
        f"check:\n\t@echo checked; exit {check}\ntest:\n\t@echo tested; exit {test}\n.PHONY: check test\n"
    )
    done = subprocess.run(
        ["bash", tmp_path / ".ci/run"], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0] == "checked"
    assert "tested" in done.stdout.splitlines()
    assert (done.returncode != 0) == bool(check or test)
