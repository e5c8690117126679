"""The registry, the dispatcher and a planner as processes of their own, as in production, on either bus; measures nothing.

The notifier has no part in intake and is not started.
"""

from collections.abc import Callable
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from services.day import Office
from services.dispatcher.settings import DispatcherSettings
from services.planner.settings import PlannerSettings
from services.registry.settings import RegistrySettings
from shared import logs
from shared.kernel.clock import ReplayClock
from shared.kernel.errors import Unavailable
from shared.runtime import serve
from shared.security import Keyring, write_keys
from shared.settings import ServiceSettings

PARTS = ("registry", "dispatcher", "planner")
START_S = 60
STOP_S = 20


class ServiceDidNotStart(Unavailable):
    """The service {service} did not start. The end of its log: {log}"""

    zh = "服务 {service} 未能启动。日志末尾：{log}"


class House:
    """The services with fresh databases, up for the length of a `with`. `database_url` gives an address by name.

    `kafka` is a bootstrap address; without it the bus is the embedded one. All share `clock`'s replayed time.
    """

    def __init__(
        self,
        folder: Path,
        database_url: Callable[[str], str],
        kafka: str | None,
        clock: ReplayClock,
        *,
        planner_seconds: float,
    ) -> None:
        self.bus = "kafka" if kafka else "embedded"
        self._folder, self._clock = folder / self.bus, clock
        self._folder.mkdir()
        write_keys(self._folder)
        self.databases = {name: database_url(f"{self.bus}_{name}") for name in PARTS}
        common: dict[str, Any] = {
            "signing_key_file": self._folder / "signing.key",
            "bus": self.bus,
            "kafka_bootstrap": kafka,
            "port": 0,
            "log_level": "warning",
            **{f"{name}_database_url": url for name, url in self.databases.items()},
        }
        vault_key_file = self._folder / "vault.key"
        self._settings: dict[str, ServiceSettings] = {
            "registry": RegistrySettings(
                **common, database_url=self.databases["registry"], vault_key_file=vault_key_file
            ),
            "dispatcher": DispatcherSettings(
                **common,
                database_url=self.databases["dispatcher"],
                planner_seconds=planner_seconds,
                cut_off=None,
            ),
            "planner": PlannerSettings(**common, database_url=self.databases["planner"]),
        }
        self._processes: list[Any] = []  # SpawnProcess, which typing does not export by name
        self._urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            receivers = {name: self._start(name) for name in self._settings}
            self._urls = {name: self._await_url(name, receiver) for name, receiver in receivers.items()}
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def office(self) -> Office:
        """A caller of the services."""
        return Office(self._urls, Keyring.from_file(self._folder / "signing.key"), self._clock)

    def _start(self, name: str) -> Connection:
        context = get_context("spawn")  # not forked: this process has threads
        receiver, sender = context.Pipe(duplex=False)
        arguments = (name, self._settings[name], self._clock, self._log(name), sender)
        process = context.Process(target=serve_one, args=arguments, name=name)
        process.start()
        sender.close()
        self._processes.append(process)
        return receiver

    def _await_url(self, name: str, receiver: Connection) -> str:
        try:
            if receiver.poll(START_S):
                url: str = receiver.recv()
                return url
        except EOFError:
            pass  # it has ended: told below, as if it had been silent
        raise ServiceDidNotStart(service=name, log=self._log(name).read_text()[-2000:])

    def _stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(STOP_S)
            if process.is_alive():
                process.kill()
                process.join()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"


def serve_one(name: str, settings: ServiceSettings, clock: ReplayClock, log: Path, ready: Connection) -> None:
    """The whole life of a service's process: as `zhida serve`, but by `clock`, and `ready` is sent its address."""
    with log.open("w") as stream:
        logs.configure(name, settings.log_level, stream)
        service = import_module(f"services.{name}.service").build(settings, clock=clock)
        serve({"": service}, settings.host, settings.port, announce=lambda run: ready.send(run.url))
