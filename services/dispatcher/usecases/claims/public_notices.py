"""Shows the public notices that run, and makes the sheet that a bureau posts; decides nothing.

Whoever asks is told whom a subsidy goes to, for how many trips and people, and how much: the money goes to an enterprise or a
carrier, so no worker is named to the whole world. The sheet on the bureau's wall names them as `domain.md` §4.3 has it, one
character masked and the last four of the ID.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.dispatcher.money.claims.claim import Act, ClaimState
from services.dispatcher.papers.notice import Notice, NoticeClaim, NoticePerson, Objections
from services.dispatcher.store import claims
from services.dispatcher.usecases import bill_trip, paper_words
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.filed import Filed, read_claim
from services.dispatcher.usecases.claims.papers import roster
from shared.database import snapshot
from shared.directory import Contact
from shared.kernel.clock import local_date
from shared.kernel.errors import Conflict
from shared.security import Principal

PURPOSE = "public-notice"


class NoNotice(Conflict):
    """Claim {claim_id} is {state}: it has no public notice that runs. Publish it first."""

    zh = "申报 {claim_id} 的状态为 {state}，没有正在公示的内容。请先公示。"


@dataclass(frozen=True)
class Running:
    """A notice as anybody may read it. `claim_id` is what an objection names."""

    claim_id: str
    county_code: str
    county: str
    season: str
    claimant: str
    policy: str
    trips: int
    heads: int
    amount_fen: int
    first_day: date
    last_day: date
    workdays: int
    object_to: str


def list_running(desk: ClaimDesk, county_code: str | None) -> list[Running]:
    """The notices that run today, by claim."""
    with desk.database.session() as session:
        snapshot(session)
        rows = claims.list_noticed(session, local_date(desk.clock.now()), county_code)
        counts = claims.count_counted(session, [row.claim_id for row in rows])
        policies = {key: bill_trip.get_policy(session, key) for key in {row.policy for row in rows}}
    return [
        Running(
            claim_id=row.claim_id,
            county_code=row.county_code,
            county=paper_words.place_word(row.county_code),
            season=row.season,
            claimant=row.claimant_name,
            policy=policies[row.policy].name,
            trips=counts[row.claim_id][0],
            heads=counts[row.claim_id][1],
            amount_fen=row.payable_fen,
            first_day=row.notice_first,
            last_day=row.notice_last,
            workdays=policies[row.policy].notice_workdays,
            object_to=_office(row.county_code),
        )
        for row in rows
        if row.notice_first and row.notice_last
    ]


def make_notice(desk: ClaimDesk, principal: Principal, claim_id: str, address: str, phone: str) -> Notice:
    """The sheet of a claim's notice. Raises NoSuchClaim, NoNotice, Unavailable."""
    with desk.database.session() as session:
        snapshot(session)
        claim = claims.get_claim(session, claim_id, principal)
        if claim.state != ClaimState.PUBLICISED or claim.notice_first is None or claim.notice_last is None:
            raise NoNotice(claim_id=claim_id, state=claim.state)
        filed = read_claim(session, claim)
    contacts = desk.directory.lookup(filed.request_ids, PURPOSE, principal.subject)
    people = _people(filed, contacts)
    office = _office(claim.county_code)
    policy = filed.terms.policy
    return Notice(
        notice_id=f"GS{claim_id.removeprefix('C')}",
        office=office,
        season=claim.season,
        policies=(f"《{policy.name}》" + (f"（{policy.source}）" if policy.source else ""),),
        first_day=claim.notice_first,
        last_day=claim.notice_last,
        workdays=policy.notice_workdays,
        objections=Objections(office, address, phone),
        claims=(
            NoticeClaim(
                claim_id,
                claim.claimant_name,
                len({p.trip_id for p in people}),
                len(people),
                claim.payable_fen,
            ),
        ),
        people=people,
        made_at=max(step.at for step in filed.steps if step.act == Act.PUBLICISE).replace(microsecond=0),
    )


def _people(filed: Filed, contacts: Mapping[str, Contact]) -> tuple[NoticePerson, ...]:
    return tuple(
        NoticePerson(
            claim_id=filed.claim.claim_id,
            masked_name=line.masked_name,
            id_tail=line.id_tail,
            employer=line.employer,
            trip_id=line.trip_id,
            day=filed.trips[line.trip_id].day,
        )
        for line in roster(filed, contacts)
        if line.counted
    )


def _office(county_code: str) -> str:
    return f"{paper_words.place_word(county_code)}人力资源和社会保障局"
