"""A clerk's acts: follow the people of an area who work away without having come there on an organised seat; stop following somebody."""

import logging
from datetime import date

from services.registry.store.files import get_file
from services.registry.store.tracking.files import close_trackings, hold_files, open_area
from services.registry.usecases.errors import AreaNotYours
from services.registry.usecases.parts import Parts
from shared.kernel.clock import local_date
from shared.security import Principal, covers

log = logging.getLogger(__name__)


def follow_area(parts: Parts, principal: Principal, area_code: str, since: date | None = None) -> int:
    """Follow from a day on, today where none is named, everybody of the area who is employed outside their county.

    Who is followed already stays as they are; a second time changes nothing. Raises AreaNotYours.
    """
    if not area_code or not covers(principal, area_code):
        raise AreaNotYours(area=area_code[:40], areas=", ".join(principal.areas) or "-")
    now = parts.clock.now()
    today = local_date(now)
    with parts.database.session() as session:
        day = min(since or today, today)
        followed = open_area(session, area_code, by=principal.subject, day=day, at=now)
    log.info(
        "area followed", extra={"subject": principal.subject, "area_code": area_code, "people": followed}
    )
    return followed


def stop_following(parts: Parts, principal: Principal, person_id: str) -> int:
    """Follow somebody no more, with all IDs of theirs: their open tasks are gone, what was recorded stays.

    A new arrival, or following their area again, begins anew. Gives how many trackings ended. Raises PersonUnknown.
    """
    today = local_date(parts.clock.now())
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        family = [one.id for persons in hold_files(session, [person_id]).values() for one in persons]
        ended = close_trackings(session, family, today)
    log.info("person followed no more", extra={"subject": principal.subject, "person_id": person_id})
    return ended
