"""What the image promises, as far as no Docker engine is needed to see it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()


def test_whatever_the_image_copies_is_in_the_tree() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = [source for line in copies for source in line.split()]
    assert "services" in sources
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_service_runs_as_an_ordinary_user_and_receives_signals_itself() -> None:
    last_stage = DOCKERFILE[DOCKERFILE.rindex("\nFROM") :]
    assert re.search(r"^USER 10001$", last_stage, re.MULTILINE)
    assert 'ENTRYPOINT ["/bin/sh", "-c", "exec python -m services serve' in last_stage


def test_the_folder_of_keys_and_data_is_never_sent_to_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".data", ".env", ".git", ".venv"} <= set(ignored)
