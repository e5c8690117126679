"""What the runbook tells people to type is there to be typed."""

import re
from pathlib import Path

import pytest
import typer.main

from services.cli import app

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / name for name in ("deploy/README.md", "CONTRIBUTING.md", "README.md", "README.zh-CN.md")]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.relative_to(ROOT)))
def test_every_command_that_a_guide_names_exists(guide: Path) -> None:
    named = set(re.findall(r"(?:zhida|python -m services) ([a-z]+(?:-[a-z]+)*)", guide.read_text()))
    assert named
    assert named <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.relative_to(ROOT)))
def test_every_make_target_that_a_guide_names_exists(guide: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"(?:^|`|: |&& )make ([a-z]+)", guide.read_text(), re.MULTILINE)) <= set(targets)


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "compose.env.example",
        "postgres/databases.sh",
        "examples",
        "kafka",
        "system-parts",
        "locked.py",
    ],
)
def test_every_file_that_the_runbook_lists_is_there(path: str) -> None:
    assert f"`{path}" in GUIDES[0].read_text()
    assert (ROOT / "deploy" / path).exists()
