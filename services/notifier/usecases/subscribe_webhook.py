"""Lets an organisation take its notices in its own system; shows the signing secret once and stores none.

The secret follows from the keyring and the subscription's generation, so a stolen database signs nothing.
"""

import base64
import json
import socket
from dataclasses import dataclass

from sqlmodel import Session

from services.notifier.channels.port import Channel, Message
from services.notifier.channels.webhook import TargetRefused, check_target, resolve
from services.notifier.store import organisations
from services.notifier.store.tables import SubscriptionRow
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound
from shared.kernel.ids import new_id
from shared.security import Keyring

TEST_EVENT_TYPE = "zhida.webhook-test.v1"


class NotSubscribed(NotFound):
    """Your organisation takes no webhooks. Subscribe first: PUT /api/webhooks."""

    zh = "贵单位尚未订阅推送。请先订阅：PUT /api/webhooks。"


@dataclass(frozen=True)
class Subscriptions:
    """Subscribing, and all that goes with it. `allow_private`: targets in our own network are accepted."""

    keyring: Keyring
    clock: Clock
    allow_private: bool

    def subscribe(self, session: Session, organisation: str, url: str) -> tuple[SubscriptionRow, str]:
        """Send this organisation's notices to `url` from now on; gives the secret, which is new each time.

        Raises TargetRefused.
        """
        try:
            target = check_target(url, allow_private=self.allow_private)
            resolve(target, allow_private=self.allow_private)
        except socket.gaierror as error:
            raise TargetRefused(url=url, fault="its host is unknown", fault_zh="主机名无法解析") from error
        row = organisations.find_subscription(session, organisation) or SubscriptionRow(
            organisation=organisation, url=url, generation="", created_at=self.clock.now()
        )
        row.url, row.generation, row.created_at = url, new_id(), self.clock.now()
        session.add(row)
        session.flush()
        return row, secret_of(self.keyring, row)

    def get(self, session: Session, organisation: str) -> SubscriptionRow:
        """Where the organisation takes webhooks; raises NotSubscribed."""
        row = organisations.find_subscription(session, organisation)
        if row is None:
            raise NotSubscribed()
        return row

    def unsubscribe(self, session: Session, organisation: str) -> None:
        """Send no more; raises NotSubscribed."""
        session.delete(self.get(session, organisation))

    def try_out(self, row: SubscriptionRow, channel: Channel) -> str:
        """Send a test event now; gives its id. Raises what the channel raises."""
        test_id = new_id()
        event = {
            "specversion": "1.0",
            "id": test_id,
            "source": "zhida/notifier",
            "type": TEST_EVENT_TYPE,
            "time": self.clock.now().isoformat(),
            "data": {},
        }
        channel.send(Message(test_id, row.url, "", json.dumps(event), secret_of(self.keyring, row)))
        return test_id


def secret_of(keyring: Keyring, row: SubscriptionRow) -> str:
    """The signing secret of a subscription, as receivers are given it."""
    key = keyring.derive(f"webhook/{row.organisation}/{row.generation}")
    return "whsec_" + base64.b64encode(key).decode()
