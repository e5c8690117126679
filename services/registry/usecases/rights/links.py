"""Makes the links by which a worker opens a case, and keeps whose they are and which device has one."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from services.registry.domain.rights.complaint import Complaint
from services.registry.store.rights import claim_link, find_link, find_opened
from services.registry.store.tables import CaseRow, PersonRow, RequestRow, RightsLinkRow
from services.registry.usecases.parts import Parts
from services.registry.usecases.rights.documents import Sent
from services.registry.usecases.rights.errors import LinkUsed
from services.registry.usecases.rights.open_case import About, Opening, open_case
from services.registry.usecases.rights.whose import Whose, request_for
from shared.kernel.ids import new_id
from shared.security import Keyring, Link, LinkForged, Principal, links

LASTS = timedelta(hours=48)
PURPOSE: links.Purpose = "rights"


@dataclass(frozen=True)
class FreshLink:
    """A link and until when it is good."""

    url: str
    expires_at: datetime


def make_link(
    session: Session, parts: Parts, principal: Principal, whose: Whose, keyring: Keyring, public_url: str
) -> FreshLink:
    """A link for one device of that person, who has it from whoever makes it."""
    now, jti = parts.clock.now(), new_id()
    session.add(
        RightsLinkRow(
            jti=jti,
            person_id=whose.person_id,
            place_code=whose.place_code,
            request_id=request_for(session, principal, whose),
            made_by=principal.subject,
            made_at=now,
            expires_at=now + LASTS,
        )
    )
    token = links.issue(keyring, PURPOSE, ttl=LASTS, clock=parts.clock, jti=jti)
    return FreshLink(f"{public_url.rstrip('/')}/r/{token}", now + LASTS)


def open_link(parts: Parts, link: Link, device: str) -> None:
    """The link is this device's from now on, and no other's. Raises LinkUsed, LinkForged."""
    mark = hashlib.sha256(device.encode()).hexdigest()
    with parts.database.session() as session:
        row = claim_link(session, link.jti, mark, parts.clock.now())
        if row is None:
            raise LinkForged()
        if row.device != mark:
            raise LinkUsed()


def case_of_link(session: Session, link: Link) -> CaseRow | None:
    """The case that was opened by the link."""
    return find_opened(session, _key(link))


def about_of_link(session: Session, link: Link) -> About:
    """What the case would be about, by the request that whoever made the link could see; nothing once the worker is erased.

    Raises LinkForged.
    """
    row = _row(session, link)
    request = session.exec(
        select(RequestRow)
        .join(PersonRow, col(PersonRow.id) == RequestRow.person_id)
        .where(
            RequestRow.id == row.request_id,
            RequestRow.person_id == row.person_id,
            col(PersonRow.wrapped_key).is_not(None),
        )
    ).first()
    return About(request.enterprise_id, request.id, request.trip_id) if request else About()


def open_by_link(
    parts: Parts, link: Link, complaint: Complaint, *, is_about_trip: bool, sent: list[Sent]
) -> None:
    """The worker's case; the same link again opens no second one. Raises PersonErased, and what documents raise."""
    with parts.database.session() as session:
        row = _row(session, link)
        about = about_of_link(session, link) if is_about_trip else About()
        opening = Opening(row.person_id, row.place_code, "link", f"link:{link.jti}", _key(link), about)
        open_case(session, parts, opening, complaint, sent)


def _row(session: Session, link: Link) -> RightsLinkRow:
    found = find_link(session, link.jti)
    if found is None:
        raise LinkForged()
    return found[0]


def _key(link: Link) -> str:
    return f"link/{link.jti}"
