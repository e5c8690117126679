"""The worker that deals with registers that were received; what is missed while the database is away is caught up with."""

import threading

from services.registry.store.population import list_unfinished
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.population import run_population
from shared.messaging import keep_at

LOOK_EVERY_S = 1.0


class Importing:
    """Goes on with each import where its last chunk ended, the oldest first."""

    name = "registry importing"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def run(self, stop: threading.Event) -> None:
        """Look every second until `stop`; a chunk that has begun is ended first."""
        keep_at(lambda: self.look(stop), LOOK_EVERY_S, self.name, stop)

    def look(self, stop: threading.Event | None = None) -> None:
        """Deal with all that waits."""
        with self._parts.database.session() as session:
            waiting = list_unfinished(session)
        for population_id in waiting:
            run_population(self._parts, population_id, stop=stop)
