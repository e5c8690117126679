"""A real Apache Kafka on this machine without Docker: fetches its jars, formats its folder, starts, kills and stops it.

Knows one node in KRaft mode on 127.0.0.1; refuses to know what is sent through it, and is no way to run
production. `python -m deploy.kafka.broker` is what `make kafka` runs; the tests use `Broker`.
"""

import argparse
import base64
import hashlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError

from shared.messaging.kafka.clients import ClosingSocket

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / ".data" / "kafka"
START_S = 90
JOIN_S = 30
STOP_S = 20
POLL_S = 0.05
INSTALL = "run deploy/system-parts, or on Debian: apt-get install default-jre-headless maven"
JAVA_FLAGS = ["-XX:TieredStopAtLevel=1", f"-Dlog4j.configurationFile={HERE / 'log4j2.xml'}"]
JAVA_MEMORY = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC"]


class BrokerError(Exception):
    """The broker cannot be started; the message says what to do."""


class Broker:
    """One broker in `folder`: its port, its data and its log stay the same from start to start.

    `port` 0 takes a free one. After `kill()` or `stop()`, `start()` brings back what was acknowledged.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder.resolve()
        self.port = port or find_free_port()
        self.controller_port = find_free_port(other_than=self.port)
        self.log = self.folder / "broker.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """The address to give to a client, `host:port`."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until topics can be listed and a group can be joined.

        Raises BrokerError when Java or Maven is missing, the port is taken, or it is not ready within START_S.
        """
        if self.process is not None:
            raise BrokerError(f"the broker at {self.bootstrap} is already running")
        require_free_port(self.port)
        java, libs = find_program("java"), fetch_jars()
        deadline = time.monotonic() + START_S
        self._format(java, libs)
        try:
            self._launch(java, libs, deadline)
            while not self._can_join(deadline):
                # Kafka 4.4 may take the late failure of a load that is out of date for that of the one under way, and
                # then serves none of that partition's groups until it is started again.
                self.kill()
                self._launch(java, libs, deadline)
        except BaseException:
            self.kill()
            raise

    def _launch(self, java: str, libs: Path, deadline: float) -> None:
        """Start the process and wait until it lists its topics."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    java,
                    *JAVA_MEMORY,
                    *JAVA_FLAGS,
                    "-cp",
                    f"{libs}/*",
                    "kafka.Kafka",
                    str(self._settings_file),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for us, and we stop it in order
            )
        self._await_port(deadline)
        self._await_listing(deadline)

    def kill(self) -> None:
        """kill -9: no farewell to clients, nothing flushed by the broker itself."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop in order; what does not end within STOP_S is killed, which loses nothing acknowledged."""
        self._end(signal.SIGTERM)

    def wait(self) -> int:
        """Wait until the broker ends by itself; its exit status."""
        return self.process.wait() if self.process else 0

    @property
    def _settings_file(self) -> Path:
        return self.folder / "server.properties"

    def _format(self, java: str, libs: Path) -> None:
        """Write the settings, and give a folder without data its cluster id."""
        log_dir = self.folder / "data"
        log_dir.mkdir(parents=True, exist_ok=True)
        template = Template((HERE / "server.properties.template").read_text(encoding="utf-8"))
        self._settings_file.write_text(
            template.substitute(port=self.port, controller_port=self.controller_port, log_dir=log_dir),
            encoding="utf-8",
        )
        if (log_dir / "meta.properties").exists():
            return
        cluster_id = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        tool = ["kafka.tools.StorageTool", "format", "--standalone", "-c", str(self._settings_file)]
        # With an equals sign: an id may begin with a dash.
        run_or_explain([java, *JAVA_FLAGS, "-cp", f"{libs}/*", *tool, f"--cluster-id={cluster_id}"])

    def _await_port(self, deadline: float) -> None:
        """A client that met a closed port takes 9 s to try again: so no client before the port is open."""
        while True:
            self._require_alive(deadline, "its port is not open")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                self._pause()

    def _await_listing(self, deadline: float) -> None:
        """The first listing makes the broker's own topics: here, not in a test."""
        while True:
            self._require_alive(deadline, "it does not answer yet")
            try:
                self._list_topics()
                return
            except KafkaError:
                self._pause()

    def _can_join(self, deadline: float) -> bool:
        """Whether a group can be joined within JOIN_S. All groups have one partition, so one speaks for every other."""
        group = KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id="broker-is-ready",
            enable_auto_commit=False,
            proxy_url=ClosingSocket.URL,
        )
        group.subscribe(pattern="^$")  # no topic: only the joining is wanted
        patience = time.monotonic() + JOIN_S
        try:
            while group.group_metadata().generation_id < 0:  # type: ignore[no-untyped-call]
                self._require_alive(deadline, "no group can be joined")
                if time.monotonic() > patience:
                    return False
                group.poll(timeout_ms=100)
            return True
        finally:
            group.close(autocommit=False, timeout_ms=2000)

    def _list_topics(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, proxy_url=ClosingSocket.URL)
        try:
            admin.list_topics()
        finally:
            admin.close()

    def _require_alive(self, deadline: float, state: str) -> None:
        assert self.process is not None
        if (status := self.process.poll()) is not None:
            raise BrokerError(f"Kafka ended with status {status} while it started; {self._log_tail()}")
        if time.monotonic() > deadline:
            raise BrokerError(f"Kafka is not ready after {START_S} s: {state}; {self._log_tail()}")

    def _pause(self) -> None:
        assert self.process is not None
        try:
            self.process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            return

    def _log_tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return f"{self.log} ends with:\n" + "\n".join(lines)

    def _end(self, with_signal: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(with_signal)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def fetch_jars() -> Path:
    """The folder with the broker's jars; Maven fetches them once for each version of pom.xml (43 MB)."""
    pom = HERE / "pom.xml"
    libs = CACHE / f"libs-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if libs.exists():
        return libs
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetching-") as fetching:
        copy = [
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={fetching}/libs",
        ]
        run_or_explain([find_program("mvn"), "-q", "-B", "-C", "-Dstyle.color=never", "-f", str(pom), *copy])
        try:
            os.rename(Path(fetching) / "libs", libs)
        except OSError:
            if not libs.exists():  # else: someone else has fetched the same jars meanwhile
                raise
    return libs


def find_program(name: str) -> str:
    """The path of a program of the system; BrokerError names the mend."""
    found = shutil.which(name)
    if found is None:
        raise BrokerError(f"{name} is not installed, and Apache Kafka needs it: {INSTALL}")
    return found


def run_or_explain(command: list[str]) -> None:
    """Run to the end; BrokerError carries what it printed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BrokerError(f"{command[0]} failed ({done.returncode}):\n{(done.stdout + done.stderr)[-2000:]}")


def find_free_port(other_than: int = 0) -> int:
    """A free port that the system gives to nobody by itself.

    Not port 0: while a broker is down, a client's own end, or a connection of a client to itself, could take an
    ephemeral port away before the restart.
    """
    candidates = random.SystemRandom().sample(range(20_000, 30_000), 100)
    return next(port for port in candidates if port != other_than and is_free(port))


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_free_port(port: int) -> None:
    """BrokerError when something listens on the port."""
    if not is_free(port):
        raise BrokerError(f"port {port} is taken: end what listens there, or choose another with --port")


def main() -> int:
    """`make kafka`: run in the foreground until Ctrl-C or SIGTERM; 0 when stopped so."""
    parser = argparse.ArgumentParser(description="A real Apache Kafka on 127.0.0.1 until Ctrl-C.")
    parser.add_argument("--port", type=int, default=9092)
    parser.add_argument(
        "--data", type=Path, default=CACHE / "broker", help="its folder: data, settings and log"
    )
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Broker(arguments.data, arguments.port) as broker:
            print(
                f"Apache Kafka is ready at {broker.bootstrap}; its log: {broker.log}; Ctrl-C ends it.",
                flush=True,
            )
            status = broker.wait()
    except KeyboardInterrupt:
        print("Apache Kafka has stopped; its data stay.")
        return 0
    except BrokerError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Apache Kafka ended by itself with status {status}; see {broker.log}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
