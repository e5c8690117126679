"""Records that a person was told and agreed, and that they take it back; what is recorded is never changed otherwise."""

from collections.abc import Collection
from datetime import date

from services.registry.domain.people.consent import NOTICE_VERSION, Channel, ConsentPurpose
from services.registry.store.consent import add_consent, get_consent, standing_within
from services.registry.store.files import get_file, persons_seen
from services.registry.store.tables import ConsentRow
from services.registry.usecases.parts import Parts
from shared.kernel.clock import local_date
from shared.kernel.errors import InvalidInput
from shared.kernel.ids import derive_id
from shared.security import Principal


class ConsentAhead(InvalidInput):
    """The consent is dated {given_on}, and today is {today}. Write the day on which it was given."""

    zh = "同意日期 {given_on} 晚于今天（{today}）。请填写实际同意的日期。"


def record_consent(
    parts: Parts,
    principal: Principal,
    person_id: str,
    *,
    purposes: Collection[ConsentPurpose],
    channel: Channel,
    given_on: date,
) -> ConsentRow:
    """Keep it, and tell what is kept: the same a second time changes nothing, and given anew on the day on which it was taken
    back it is one of its own. Raises PersonUnknown, ConsentAhead."""
    today = local_date(parts.clock.now())
    chosen = sorted(set(purposes))
    row = ConsentRow(
        id=derive_id(person_id, "consent", NOTICE_VERSION, channel, given_on.isoformat(), *chosen),
        person_id=person_id,
        notice_version=NOTICE_VERSION,
        purposes=[one.value for one in chosen],
        channel=channel.value,
        given_on=given_on,
        obtained_by=principal.subject,
        recorded_at=parts.clock.now(),
    )
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        if given_on > today:
            raise ConsentAhead(given_on=given_on, today=today)
        kept = add_consent(session, row)
        while kept.withdrawn_at is not None and given_on == local_date(kept.withdrawn_at):
            row.id = derive_id(row.id, "anew")
            kept = add_consent(session, row)
    return kept


def withdraw_consent(parts: Parts, principal: Principal, person_id: str, consent_id: str) -> ConsentRow:
    """From now on its purposes are agreed to no more; a second time changes nothing. Raises PersonUnknown, ConsentUnknown.

    Whatever else the person agreed to for these alone, in another way or under another ID, ends with it. Of what names
    more purposes the others stay; which are in force is told by when each was last taken back.
    """
    with parts.database.session() as session:
        get_file(session, principal, person_id)
        persons = [one.id for one in persons_seen(session, principal, person_id)]
        row = get_consent(session, persons, consent_id)
        standing = standing_within(session, persons, row.purposes)
        if row in standing:
            for one in standing:
                one.withdrawn_at = parts.clock.now()
        else:
            session.refresh(row)
    return row
