"""Makes statements of accounts from a season's book: of a payer, of an area, of an enterprise, of a carrier; changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session

from services.dispatcher.money.books.ledger import Balance, effect, payer_of
from services.dispatcher.papers.statement import Statement, StatementLine
from services.dispatcher.store import ledger as books
from services.dispatcher.store.ledger import Head, Movement
from services.dispatcher.usecases import paper_words
from shared.database import snapshot
from shared.kernel.clock import Clock, local_date
from shared.kernel.errors import NotFound, TooLarge
from shared.security import Principal, Role, covers
from shared.security.scope import PROVINCE

MOVEMENTS_MAX = 50_000


class Kind(StrEnum):
    """Whose statement it is."""

    PAYER = "payer"
    COUNTY = "county"
    ENTERPRISE = "enterprise"
    CARRIER = "carrier"


WORDS: Mapping[Kind, str] = {
    Kind.PAYER: "出资方",
    Kind.COUNTY: "辖区",
    Kind.ENTERPRISE: "用工企业",
    Kind.CARRIER: "客运企业",
}
_OWN = {Role.ENTERPRISE: Kind.ENTERPRISE, Role.CARRIER: Kind.CARRIER}


class NoSuchStatement(NotFound):
    """There is no statement of {kind} {of} for season {season}, or it is not yours to see. Name a payer as `origin_county:522732`, an
    area by its code, an enterprise or a carrier by its id."""

    zh = "没有 {season} 的 {kind} {of} 对账单，或您无权查看。出资方请写 origin_county:522732，辖区写区划代码，企业写其代码。"


class StatementTooLong(TooLarge):
    """This statement has more than {most} movements. Ask for the counties one by one."""

    zh = "该对账单超过 {most} 条明细。请按县分别查询。"


@dataclass(frozen=True)
class Account:
    """A statement as the books have it: the movements in their order and what they come to."""

    kind: Kind
    of: str
    season: str
    name: str
    names: Mapping[str, str]
    """Of enterprises and carriers among the accounts."""
    movements: list[Movement]
    closing: Balance
    head: Head | None


def read_account(
    session: Session, principal: Principal, kind: Kind | None, of: str | None, season: str
) -> Account:
    """The caller's own statement, or the one asked for. Raises NoSuchStatement, also for a neighbour's, StatementTooLong.

    Of an enterprise or a carrier an office is shown what belongs to its own area.
    """
    kind, of, rule = _scope(principal, kind, of, season)
    snapshot(session)
    movements = books.list_movements(session, season, rule, MOVEMENTS_MAX + 1)
    if len(movements) > MOVEMENTS_MAX:
        raise StatementTooLong(most=MOVEMENTS_MAX)
    if not movements and kind is not Kind.COUNTY and not principal.has(*_OWN):
        raise NoSuchStatement(kind=kind, of=of, season=season)
    accounts = {end for m in movements for end in (m.transfer.debit, m.transfer.credit)}
    names = paper_words.names_of(session, {*accounts, f"{kind}:{of}:{season}"})
    return Account(
        kind=kind,
        of=of,
        season=season,
        name=_name(principal, kind, of, season, names),
        names=names,
        movements=movements,
        closing=books.sum_movements(session, season, rule),
        head=books.find_head(session, season),
    )


def statement_of(account: Account, clock: Clock) -> Statement:
    """The statement as it is printed: a season's book begins with nothing."""
    made_at = account.head.recorded_at if account.head else clock.now()
    last_day = local_date(made_at)
    own = None if account.kind is Kind.COUNTY else f"{account.kind}:{account.of}:{account.season}"
    return Statement(
        subject=WORDS[account.kind],
        code=account.of,
        name=account.name,
        season=account.season,
        first_day=local_date(account.movements[0].at) if account.movements else last_day,
        last_day=last_day,
        opening=Balance(),
        lines=tuple(_line(one, own, account.names) for one in account.movements),
        closing=account.closing,
        books_head=f"{account.head.position}:{account.head.digest}" if account.head else "",
        made_at=made_at,
    )


def _scope(
    principal: Principal, kind: Kind | None, of: str | None, season: str
) -> tuple[Kind, str, ColumnElement[bool]]:
    """Whose statement it is, and which transfers belong to it."""
    own = next((mine for role, mine in _OWN.items() if principal.has(role)), Kind.COUNTY)
    kind = kind or own
    of = of or (principal.organisation if own in _OWN.values() else next(filter(None, principal.areas), None))
    missing = NoSuchStatement(kind=kind, of=of or "-", season=season)
    if not of:
        raise missing
    account = books.of_account(f"{kind}:{of}:{season}")
    if own is not Kind.COUNTY:
        if (kind, of) != (own, principal.organisation):
            raise missing
        return kind, of, account
    match kind:
        case Kind.COUNTY if covers(principal, of):
            return kind, of, books.of_area(of.removesuffix("00").removesuffix("00"))
        case Kind.PAYER if covers(principal, of.partition(":")[2]) or covers(principal, PROVINCE):
            return kind, of, account
        case Kind.ENTERPRISE | Kind.CARRIER:
            return kind, of, and_(account, books.visible(principal))
    raise missing


def _name(principal: Principal, kind: Kind, of: str, season: str, names: Mapping[str, str]) -> str:
    if kind is Kind.COUNTY:
        return paper_words.place_word(of)
    name = paper_words.account_word(f"{kind}:{of}:{season}", names)
    if kind is Kind.PAYER or principal.has(*_OWN) or covers(principal, PROVINCE):
        return name
    areas = "、".join(paper_words.place_word(area) for area in principal.areas if area)
    return f"{name}（仅{areas}部分）"


def _line(one: Movement, own: str | None, names: Mapping[str, str]) -> StatementLine:
    transfer = one.transfer
    account = own or payer_of(transfer)
    other = transfer.credit if transfer.debit == account else transfer.debit
    return StatementLine(
        at=one.at,
        transfer_id=f"{one.voucher}-{one.entry}",
        kind=transfer.kind,
        account=paper_words.account_word(account, names),
        other=paper_words.account_word(other, names),
        trip_id=transfer.trip_id or "",
        claim_id=one.claim_id or "",
        rule=transfer.rule,
        change=effect(transfer),
    )
