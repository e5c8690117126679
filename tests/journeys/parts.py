"""The services as real processes on Kafka and PostgreSQL, which a test may kill and start again.

Knows how a supervisor keeps them; refuses to know what they are used for.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

import httpx

from deploy.kafka.broker import find_free_port
from services.day import Office
from shared.security import Keyring
from tests.journeys.ahead import VARIABLE, AheadClock
from tests.waiting import PATIENCE_S, wait_until

SERVICES = ("registry", "dispatcher", "notifier", "planner")
SECOND = "planner-2"
"""One more planner, on the same database: not among those that `Parts` starts by itself."""

SERVE = ("-m", "services", "serve")
"""What Python runs for a service, followed by its name."""
AHEAD = ("-m", "tests.journeys.ahead")
"""What runs that, by the clock of a test."""

STOP_S = 30
WARNINGS = 8


class Parts:
    """`zhida serve` for each service, each with its own database, all with one signing key and one `clock`, which can jump.

    `entry` is what Python runs instead of SERVE; `extra` goes into every service's environment.
    """

    def __init__(
        self,
        folder: Path,
        make_database: Callable[[str], str],
        bootstrap: str,
        *,
        entry: Sequence[str] = SERVE,
        extra: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.folder, self._entry = folder, entry
        ahead = folder / "ahead"
        ahead.write_text("0")
        self.clock = AheadClock(ahead)
        ports = {name: find_free_port() for name in SERVICES}
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
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
            "ZHIDA_CUT_OFF": "off",
            VARIABLE: str(ahead),
            **{f"ZHIDA_{name.upper()}_URL": url for name, url in self.urls.items()},
            **extra,
        }
        self._environment = {
            name: {
                **os.environ,
                **common,
                "ZHIDA_DATABASE_URL": self.databases[name],
                "ZHIDA_PORT": str(ports[name]),
                "ZHIDA_PUBLIC_URL": self.urls[name],
            }
            for name in SERVICES
        }
        self._environment[SECOND] = self._environment["planner"] | {"ZHIDA_PORT": "0"}
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
        if error is not None:
            self._print_warnings()
        self.stop_all()

    def _print_warnings(self) -> None:
        """The last that each service warned of, for whoever reads of a failure where the logs are gone."""
        for name, process in self._running.items():
            lines = self.log(name).read_text(encoding="utf-8").splitlines()
            warnings = [
                line for line in lines if '"level": "info"' not in line and '"logger": "kafka.' not in line
            ]
            print(f"{name}, {process.poll()}:", *warnings[-WARNINGS:], sep="\n")

    def office(self, *, patience_s: float = 60) -> Office:
        """A caller of them."""
        return Office(self.urls, Keyring.from_file(self.signing_key), self.clock, patience_s=patience_s)

    def log(self, name: str) -> Path:
        """Where a service's standard error goes, over all its lives."""
        return self.folder / f"{name}.log"

    def start(self, name: str) -> None:
        """Start one service; its log goes on where it was."""
        with self.log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, *AHEAD, *self._entry, name.removesuffix("-2")],
                env=self._environment[name],
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own, so that its planner processes die with it
            )

    def figure(self, name: str, metric: str) -> int:
        """A counter of a service's present life, over all its labels."""
        lines = (
            httpx.get(f"{self.urls[name]}/metrics", timeout=PATIENCE_S).raise_for_status().text.splitlines()
        )
        return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith(metric + "{"))

    def await_ready(self, name: str) -> None:
        """Wait until the service says that it is ready; raises when it has ended instead."""

        def ready() -> bool:
            self.require_alive(name)
            try:
                return httpx.get(f"{self.urls[name]}/readyz", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        wait_until(ready, f"{name} is ready")

    def require_alive(self, name: str) -> None:
        """Raises AssertionError with the end of its log when the service has ended by itself."""
        status = self._running[name].poll()
        if status is not None:
            raise AssertionError(f"{name} ended with {status}:\n{self.log(name).read_text()[-3000:]}")

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
        return process.wait(timeout=STOP_S)

    def stop_all(self) -> None:
        """End what runs: politely, then not."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        for process in self._running.values():
            try:
                process.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)
