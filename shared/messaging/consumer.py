"""The loop of one service's consumer, the same on both buses: a batch, its effects, the commit, then the offsets.

At-least-once delivery and the inbox make it effectively once: the inbox rows are written in the transaction of the
effects, and the bus moves on only after that has committed. Knows when to give up a message, when to wait and when
to end; refuses to know what an event means.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing

from shared.database import Database, is_transient
from shared.kernel.clock import Clock
from shared.messaging.backoff import BackOff
from shared.messaging.bus import BatchLost, Bus, Subscription
from shared.messaging.deadletters import DeadLetter, Replayed, bury, list_open, replay
from shared.messaging.effects import Guard, Reaction, Reactions, Taken, take_in
from shared.messaging.inbox import Inbox
from shared.messaging.message import Message
from shared.messaging.observer import Observer, Unobserved
from shared.messaging.poison import InvalidMessage
from shared.messaging.poison_limit import PoisonLimit
from shared.messaging.watchdog import STALL_S, Watchdog

__all__ = ["Consumer", "Reaction", "Reactions"]
POLL_S = 0.5
LOOK_EVERY_S = 5.0
log = logging.getLogger(__name__)


class Consumer:
    """The worker that runs `reactions` on what the other services tell, as the group `service`.

    `guard` is the inbox; only a test that shows what happens without it gives another.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        bus: Bus,
        reactions: Reactions,
        clock: Clock,
        *,
        observer: Observer | None = None,
        guard: Guard | None = None,
        stall_s: float = STALL_S,
    ) -> None:
        self.name = f"{service} consumer"
        self._service, self._database, self._bus = service, database, bus
        self._reactions, self._clock = reactions, clock
        self.topics = sorted({model.topic for model in reactions})
        self._observer = observer or Unobserved()
        self._guard = guard or Inbox()
        self._limit = PoisonLimit()
        self._watchdog = Watchdog(service, stall_s)
        self._look_every_s = min(LOOK_EVERY_S, stall_s / 2)
        self._of_group = 0

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop` is set; the batch in hand is finished. Raises what waiting cannot mend: TooMuchPoison,
        Stalled, an error of a reaction. The caller then ends the process, and nothing is lost.

        The loop has a thread of its own, so that this one can notice when it hangs.
        """
        failures: list[Exception] = []
        subscription = self._bus.subscribe(self._service, self._database, self.topics)
        loop = threading.Thread(
            target=self._loop, args=(subscription, stop, failures), name=self.name, daemon=True
        )
        self._watchdog.feed()
        loop.start()
        looked = time.monotonic()
        while loop.is_alive():
            loop.join(timeout=min(1.0, self._look_every_s))
            if time.monotonic() - looked > self._look_every_s and not stop.is_set():
                self._look(subscription)
                looked = time.monotonic()
        if failures:
            raise failures[0]

    def list_dead(self) -> list[DeadLetter]:
        """What this consumer could not use and has not taken in since, oldest first."""
        with self._database.session() as session:
            return list_open(session)

    def replay(self, identities: Sequence[str]) -> Replayed:
        """Take dead letters in again, through the same inbox. Raises NoSuchDeadLetter."""
        return replay(self._database, self._reactions, identities, self._guard)

    def _look(self, subscription: Subscription) -> None:
        """Tell the lag of what this process reads, and raise Stalled. What cannot be measured is not a stall.

        Who has been given nothing to read looks at the whole group's lag, and at whether it falls: another member's
        progress is as good as one's own, but somebody must get on.
        """
        places = subscription.places()
        try:
            lags = self._bus.lags(self._service, self._database, self.topics)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("%s: the lag cannot be measured: %s", self.name, error)
            self._observer.retried(self._service, type(error).__name__)
            return
        by_topic = Counter(dict.fromkeys(self.topics, 0))
        for topic, partition in places & lags.keys():
            by_topic[topic] += lags[topic, partition]
        self._observer.lag(self._service, by_topic)
        of_group = sum(lags.values())
        if not places and of_group < self._of_group:
            self._watchdog.feed()
        self._of_group = of_group
        self._watchdog.look(by_topic.total() if places else of_group)

    def _loop(self, subscription: Subscription, stop: threading.Event, failures: list[Exception]) -> None:
        """The consumer's thread: everything that ends it goes to `run`."""
        try:
            with closing(subscription):
                self._serve(subscription, stop)
        except Exception as error:  # noqa: BLE001 - raised again by run, in the caller's thread
            failures.append(error)

    def _serve(self, subscription: Subscription, stop: threading.Event) -> None:
        back_off = BackOff()
        recalled = False
        while not stop.is_set():
            try:
                if not recalled:
                    self._recall()
                    recalled = True
                messages = subscription.poll(POLL_S)
                if messages:
                    self._take_in(subscription, messages)
                    self._watchdog.feed()
                back_off.reset()
            except BatchLost as lost:
                log.warning("%s drops a batch: %s", self.name, lost)
                subscription.recover()
            except Exception as error:
                if not is_transient(error):
                    raise
                self._wait(subscription, error, stop, back_off)

    def _recall(self) -> None:
        with self._database.session() as session:
            self._limit.recall(session, self._service)

    def _wait(
        self, subscription: Subscription, error: Exception, stop: threading.Event, back_off: BackOff
    ) -> None:
        log.warning("%s waits: %s", self.name, error)
        self._observer.retried(self._service, type(error).__name__)
        subscription.recover()
        self._watchdog.feed()
        stop.wait(back_off.next_s())

    def _take_in(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        """All in one transaction; one by one when one of them is poison. Then the bus may move on."""
        try:
            self._together(subscription, messages)
        except InvalidMessage:
            for message in messages:
                self._alone(subscription, message)
        subscription.acknowledge()

    def _together(self, subscription: Subscription, messages: Sequence[Message]) -> None:
        with self._database.session() as session:
            taken = take_in(session, self._service, self._reactions, self._guard, messages)
            subscription.settle(session, messages[-1])
        self._tell(taken)

    def _alone(self, subscription: Subscription, message: Message) -> None:
        try:
            self._together(subscription, [message])
        except InvalidMessage as poison:
            log.error("%s cannot use %s: %s", self.name, message.coordinates, poison)
            with self._database.session() as session:
                if bury(session, self._service, message, poison, self._clock):
                    self._limit.note_dead(self._service, message.coordinates, poison.code)
                subscription.settle(session, message)
            self._observer.dead(self._service, message.topic, poison.code)

    def _tell(self, taken: Taken) -> None:
        self._limit.note_good(len(taken.consumed))
        for type_name in taken.consumed:
            self._observer.consumed(self._service, type_name)
        for type_name in taken.duplicates:
            self._observer.duplicate(self._service, type_name)
