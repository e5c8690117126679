"""The three services as three real processes on Kafka and PostgreSQL, which a test may kill and start again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.journeys.waiting import wait_until

SERVICES = ("registry", "dispatcher", "notifier")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Parts:
    """`zhida serve` three times, each with its own database, all with one signing key."""

    def __init__(
        self, folder: Path, make_database: Callable[[str], str], bootstrap: str, extra: Mapping[str, str] = {}
    ) -> None:
        self.folder = folder
        self.urls = {name: f"http://127.0.0.1:{free_port()}" for name in SERVICES}
        keys = subprocess.run(
            [sys.executable, "-m", "services", "keys", "--out", str(folder / "keys")],
            check=True,
            capture_output=True,
            text=True,
        )
        self.signing_key, vault_key = (Path(line) for line in keys.stdout.split())
        self.databases = {name: make_database(name) for name in SERVICES}
        common = {
            "ZHIDA_BUS": "kafka",
            "ZHIDA_KAFKA_BOOTSTRAP": bootstrap,
            "ZHIDA_SIGNING_KEY_FILE": str(self.signing_key),
            "ZHIDA_VAULT_KEY_FILE": str(vault_key),
            "ZHIDA_HOST": "127.0.0.1",
            **{f"ZHIDA_{name.upper()}_URL": url for name, url in self.urls.items()},
            **extra,
        }
        self._environment = {
            name: {
                **os.environ,
                **common,
                "ZHIDA_DATABASE_URL": self.databases[name],
                "ZHIDA_PORT": self.urls[name].rsplit(":", 1)[1],
                "ZHIDA_PUBLIC_URL": self.urls[name],
            }
            for name in SERVICES
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        try:
            for name in SERVICES:
                self.start(name)
            for name in SERVICES:
                self.await_ready(name)
        except BaseException:
            self.stop_all()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop_all()

    def log(self, name: str) -> Path:
        """Where a service's standard error goes, over all its lives."""
        return self.folder / f"{name}.log"

    def start(self, name: str) -> None:
        """Start one service; its log goes on where it was."""
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "services", "serve", name],
                env=self._environment[name],
                stdout=log,
                stderr=log,
                start_new_session=True,  # its planner processes die with it
            )

    def await_ready(self, name: str, timeout_s: float = 60) -> None:
        """Wait until the service says that it is ready; raises when it has ended instead."""

        def ready() -> bool:
            process = self._running[name]
            if process.poll() is not None:
                tail = self.log(name).read_text()[-3000:]
                raise AssertionError(f"{name} ended with {process.returncode}:\n{tail}")
            try:
                return httpx.get(f"{self.urls[name]}/readyz", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(ready, f"{name} is ready", timeout_s)

    def kill(self, name: str) -> None:
        """`kill -9` of the service and of the processes that it started."""
        process = self._running[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def stop(self, name: str) -> int:
        """SIGTERM; gives the exit status."""
        process = self._running[name]
        if process.poll() is None:
            process.terminate()
        return process.wait(timeout=30)

    def stop_all(self) -> None:
        """End what runs: politely, then not."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)
