"""Times the stages of intake on each bus over the same day: one import, then each bus carries it to a dispatcher."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from services.bench.figures import Stages
from services.bench.intake import SampleDay
from services.bench.passes import ImportPass, PoolPass, Watch, open_fresh, publish_all
from shared.kernel.clock import Clock
from shared.messaging import Bus, make_bus
from shared.messaging.kafka import KafkaBus

REGISTRY = "stages_registry"


def measure_stages(
    database_url: Callable[[str], str], sample: SampleDay, clock: Clock, kafka: str | None
) -> list[Stages]:
    """One for the embedded bus, and one for Apache Kafka at the address `kafka`.

    The enterprises go first and unwatched, so that connecting is in no figure.
    """
    with ExitStack() as closing:
        registry = open_fresh(database_url(REGISTRY), "registry")
        closing.callback(registry.dispose)
        importing = ImportPass(registry, clock)
        enterprises = importing.register(sample)
        embedded = make_bus("embedded", None, {"registry": registry.url})
        ways = {"embedded": _way("embedded", embedded, database_url, clock, closing)}
        broker = KafkaBus(kafka, prefix="stages.") if kafka else None
        if broker:
            publish_all(registry, broker, Watch())
            ways["kafka"] = _way("kafka", broker, database_url, clock, closing)
        for way in ways.values():
            way.take(enterprises)
            way.watch = Watch()
        importing.run(sample)
        found = []
        for name, way in ways.items():
            whole_s = importing.whole_s
            if broker and name == "kafka":
                whole_s += publish_all(registry, broker, way.watch)
            begun = time.perf_counter()
            way.take(importing.workers)
            whole_s += time.perf_counter() - begun
            seconds = {**importing.watch.seconds, **way.watch.seconds}
            found.append(Stages(name, importing.workers, seconds, whole_s))
        return found


def _way(
    name: str, bus: Bus, database_url: Callable[[str], str], clock: Clock, closing: ExitStack
) -> PoolPass:
    database = open_fresh(database_url(f"stages_{name}"), "dispatcher")
    closing.callback(database.dispose)
    closing.callback(bus.close)
    way = PoolPass(bus, database, clock)
    closing.callback(way.close)
    return way
