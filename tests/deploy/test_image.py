"""The image of each service, rebuilt without a Docker engine: what is copied, and the packages that were selected."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest

from deploy.locked import ENTRY, SERVICES, name_of, select_locked
from shared.security import write_keys
from tests.waiting import PATIENCE_S, wait_until

ROOT = Path(__file__).parents[2]
ELSEWHERE = {"colorama"}
"""Selected by the lock for other systems than this one."""


def lay_out(service: str, folder: Path) -> str:
    """The image's files in `folder`, as a PYTHONPATH: our code, and no package that the image does not have."""
    for name in ("services", "shared"):
        (folder / name).symlink_to(ROOT / name)
    packages = folder / "packages"
    packages.mkdir()
    lock = select_locked(
        service, (ROOT / "pyproject.toml").read_text(), (ROOT / "requirements.lock").read_text()
    )
    for name in {name_of(entry) for entry in ENTRY.split(lock) if entry} - ELSEWHERE:
        found = distribution(name)
        for top in {path.parts[0] for path in found.files or [] if path.parts[0] != ".."}:
            link = packages / top
            if not link.exists():
                link.symlink_to(Path(str(found.locate_file(top))))
    return f"{folder}{os.pathsep}{packages}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_comes_up_on_what_its_image_holds_and_ends_when_told(
    service: str, tmp_path: Path, make_database: Callable[[str], str]
) -> None:
    write_keys(tmp_path)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": lay_out(service, tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ZHIDA_DATABASE_URL": make_database(service),
        "ZHIDA_SIGNING_KEY_FILE": str(tmp_path / "signing.key"),
        "ZHIDA_VAULT_KEY_FILE": str(tmp_path / "vault.key"),
        "ZHIDA_PORT": "0",
        **{f"ZHIDA_{name.upper()}_DATABASE_URL": make_database(name) for name in SERVICES},
    }
    log = tmp_path / "log"
    with log.open("w") as stream:
        # -S: without the site's packages, which are this checkout's and not the image's.
        command = [sys.executable, "-S", "-m", "services", "serve", service]
        process = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=stream, stderr=stream)
    try:
        wait_until(
            lambda: process.poll() is not None or '"listening"' in log.read_text(), "the service listens"
        )
        assert process.poll() is None, log.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
