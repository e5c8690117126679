"""Makes the links to the escort's and the enterprise's pages; keeps none of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.domain.notice import Audience
from services.notifier.domain.wording import LINK
from services.notifier.store.tables import NoticeRow
from shared.kernel.clock import Clock, FixedClock
from shared.security import Keyring, links


@dataclass(frozen=True)
class Linker:
    """Makes links; the same notice has the same link each time, so that one sent twice is the same notice."""

    keyring: Keyring
    public_url: str

    def link(self, notice: NoticeRow) -> str:
        """The address that a notice leads to."""
        ttl, made_at = notice.link_expires_at - notice.created_at, FixedClock(notice.created_at)
        audience = Audience(notice.audience)
        return self._address(audience, notice.trip_id, notice.recipient_ref, ttl, made_at, notice.notice_id)

    def filled(self, notice: NoticeRow) -> str:
        """The notice's body with its link in place."""
        return notice.body.replace(LINK, self.link(notice)) if LINK in notice.body else notice.body

    def masked(self, notice: NoticeRow) -> str:
        """The notice's body as somebody else may see it, who must not act as its recipient."""
        return notice.body.replace(LINK, self._page(Audience(notice.audience)) + "••••••")

    def fresh(
        self, audience: Audience, trip_id: str, organisation: str, expires_at: datetime, clock: Clock
    ) -> str:
        """A link of its own, for one more device."""
        return self._address(audience, trip_id, organisation, expires_at - clock.now(), clock, None)

    def _address(
        self,
        audience: Audience,
        trip_id: str,
        organisation: str,
        ttl: timedelta,
        clock: Clock,
        jti: str | None,
    ) -> str:
        token = links.issue(
            self.keyring,
            "boarding" if audience is Audience.CARRIER else "handover",
            trip_id=trip_id,
            organisation=organisation,
            ttl=ttl,
            clock=clock,
            jti=jti,
        )
        return self._page(audience) + token

    def _page(self, audience: Audience) -> str:
        letter = "b" if audience is Audience.CARRIER else "h"
        return f"{self.public_url.rstrip('/')}/{letter}/"
