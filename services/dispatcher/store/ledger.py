"""Queries on the books, which only grow; computes no subsidy.

A voucher is sealed by the database when its transaction ends: it gets its place in the season's book, and accounts follow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, false, func, literal, or_, true, union_all
from sqlmodel import Session, col, select

from services.dispatcher.money.books.ledger import Balance, Kind, Stage, Transfer, effect
from services.dispatcher.money.books.voucher import Voucher
from services.dispatcher.store.tables import AccountRow, BookRow, SealRow, TransferRow, VoucherRow
from shared.kernel.errors import Conflict
from shared.kernel.money import yuan
from shared.security import OFFICES, Principal, Role, covers, within
from shared.security.scope import PROVINCE

_FIELDS = (
    "id",
    "number",
    "kind",
    "debit",
    "credit",
    "amount_fen",
    "trip_id",
    "rule",
    "cause",
    "answers",
    "corrects",
    "source",
)
_PROMISED = "promised"
"""What this transaction adds to accounts that the database has not brought up to date yet."""


class BudgetShort(Conflict):
    """{account} has {available} yuan left of its budget, and {needed} are needed. Allocate more, or let finance override it with a reason."""

    zh = "{account} 预算余额为 {available} 元，需要 {needed} 元。请追加预算，或由财政部门注明理由后授权超支。"


def visible(principal: Principal) -> ColumnElement[bool]:
    """Offices see their area's transfers; a carrier or an enterprise sees those of its own account."""
    rules: list[ColumnElement[bool]] = [false()]
    if principal.has(*OFFICES):
        rules.append(within(TransferRow.county_code, principal))
    for role in (Role.CARRIER, Role.ENTERPRISE):
        if principal.has(role) and principal.organisation:
            prefix = f"{role}:{principal.organisation}:"
            rules += [
                col(TransferRow.debit).startswith(prefix, autoescape=True),
                col(TransferRow.credit).startswith(prefix, autoescape=True),
            ]
    return or_(*rules)


def list_of_trip(session: Session, trip_id: str) -> list[Transfer]:
    """All transfers of a trip in the order in which they were made, for money's functions."""
    return list_of_trips(session, [trip_id])[trip_id]


def list_of_trips(session: Session, trip_ids: Iterable[str]) -> dict[str, list[Transfer]]:
    """Trip -> all its transfers in the order in which they were made."""
    found: dict[str, list[Transfer]] = {trip_id: [] for trip_id in trip_ids}
    query = select(TransferRow).where(col(TransferRow.trip_id).in_(found))
    for row in session.exec(query.order_by(col(TransferRow.recorded_at), col(TransferRow.number))):
        found[str(row.trip_id)].append(read_transfer(row))
    return found


def read_transfer(row: TransferRow) -> Transfer:
    """The row as money's functions know it."""
    fields = {name: getattr(row, name) for name in _FIELDS}
    source = Stage(row.source) if row.source else None
    return Transfer(**fields | {"kind": Kind(row.kind), "source": source})


def append(session: Session, voucher: Voucher, county_code: str, at: datetime) -> None:
    """Add a voucher and its transfers. Adding a transfer twice fails, for its id is its idempotency key.

    Raises BudgetShort where a payer would pass its limit. Two transactions that pass it together only at their end are
    refused by the database itself.
    """
    _require_budget(session, voucher.transfers)
    session.flush()
    session.add(
        VoucherRow(
            id=voucher.id,
            act=voucher.act.value,
            season=voucher.season,
            trip_id=voucher.trip_id,
            claim_id=voucher.claim_id,
            county_code=county_code,
            cause=voucher.cause,
            actor=voucher.actor,
            facts=voucher.facts,
            recorded_at=at,
        )
    )
    session.flush()
    session.add_all(
        TransferRow(
            **{name: getattr(transfer, name) for name in _FIELDS}
            | {"kind": transfer.kind.value, "source": transfer.source and transfer.source.value},
            voucher_id=voucher.id,
            position=position,
            season=voucher.season,
            county_code=county_code,
            recorded_at=at,
        )
        for position, transfer in enumerate(voucher.transfers, 1)
    )
    session.flush()


def get_balances(session: Session, accounts: Iterable[str]) -> dict[str, Balance]:
    """Account -> its balance, with what this transaction has added; nothing of an account that was never used."""
    names = list(accounts)
    rows = session.exec(
        select(AccountRow).where(col(AccountRow.account).in_(names)).execution_options(populate_existing=True)
    )
    found = {row.account: balance_of(row) for row in rows}
    added: Mapping[str, Balance] = session.info.get(_PROMISED, {})
    return {name: found.get(name, Balance()) + added.get(name, Balance()) for name in names}


def balance_of(row: AccountRow) -> Balance:
    """An account as money's functions know it."""
    return Balance(**row.model_dump(exclude={"account"}))


def list_payers(session: Session, principal: Principal, season: str | None = None) -> list[AccountRow]:
    """The accounts of the payers in the caller's area, by name; those of destinations are the province's to see."""
    code = func.split_part(AccountRow.account, ":", 3)
    mine = true() if covers(principal, PROVINCE) else within(code, principal)
    query = select(AccountRow).where(col(AccountRow.account).startswith("payer:"), mine)
    if season is not None:
        query = query.where(func.split_part(AccountRow.account, ":", 4) == season)
    return list(session.exec(query.order_by(AccountRow.account)))


def _require_budget(session: Session, transfers: Iterable[Transfer]) -> None:
    """Keep what is added to payers' accounts in mind until the transaction ends. Raises BudgetShort."""
    added: dict[str, Balance] = {}
    for transfer in transfers:
        for account in (transfer.debit, transfer.credit):
            if account.startswith("payer:"):
                added[account] = added.get(account, Balance()) + effect(transfer)
    growing = [name for name, more in added.items() if more.used_fen > more.limit_fen]
    for name, balance in get_balances(session, growing).items():
        needed = added[name].used_fen - added[name].limit_fen
        if needed > balance.left_fen:
            raise BudgetShort(account=name, available=yuan(balance.left_fen), needed=yuan(needed))
    known = session.info.setdefault(_PROMISED, {})
    for name, more in added.items():
        known[name] = known.get(name, Balance()) + more


def list_transfers(
    session: Session,
    principal: Principal,
    *,
    account: str | None = None,
    trip_id: str | None = None,
    season: str | None = None,
    limit: int = 1000,
) -> list[TransferRow]:
    """A statement: the caller's transfers, latest first."""
    query = select(TransferRow).where(*_filters(principal, account, trip_id, season))
    query = query.order_by(
        col(TransferRow.recorded_at).desc(),
        col(TransferRow.trip_id),
        TransferRow.debit,
        col(TransferRow.number),
    )
    return list(session.exec(query.limit(limit)))


def list_balances(
    session: Session,
    principal: Principal,
    *,
    account: str | None = None,
    trip_id: str | None = None,
    season: str | None = None,
) -> list[dict[str, Any]]:
    """What every account of the caller's transfers has in each stage, in fen, by account."""
    filters = _filters(principal, account, trip_id, season)
    ends = union_all(
        *(
            select(
                col(end).label("account"), TransferRow.kind, TransferRow.amount_fen, TransferRow.source
            ).where(*filters)
            for end in (TransferRow.debit, TransferRow.credit)
        )
    ).subquery()
    stages = [func.sum(_added(ends.c, **rule)) for rule in _STAGES.values()]
    query = select(ends.c.account, *stages).group_by(ends.c.account)
    if account is not None:
        query = query.where(ends.c.account == account)
    return [
        {"account": name} | dict(zip(_STAGES, map(int, sums), strict=True))
        for name, *sums in session.execute(query.order_by(ends.c.account))
    ]


_STAGES: dict[str, dict[str, Any]] = {
    "limit_fen": {"plus": (Kind.ALLOCATE, Kind.OVERRIDE)},
    "reserved_fen": {"plus": (Kind.RESERVE,), "source": Stage.RESERVED},
    "committed_fen": {"plus": (Kind.COMMIT,), "source": Stage.COMMITTED},
    "settled_fen": {"plus": (Kind.SETTLE,), "minus": (Kind.CORRECT,)},
    "paid_fen": {"plus": (Kind.PAY,), "minus": (Kind.RECOVER,)},
}
"""Stage -> the kinds that add to it and take from it, and the source that takes from it (`ledger.effect`, as SQL)."""


def _added(
    ends: Any, plus: tuple[Kind, ...], minus: tuple[Kind, ...] = (), source: Stage | None = None
) -> Any:
    cases = [(ends.kind.in_([kind.value for kind in plus]), ends.amount_fen)]
    if source is not None:
        cases.append((ends.source == source.value, -ends.amount_fen))
    if minus:
        cases.append((ends.kind.in_([kind.value for kind in minus]), -ends.amount_fen))
    return case(*cases, else_=literal(0, Integer))


def _filters(
    principal: Principal, account: str | None, trip_id: str | None, season: str | None
) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [visible(principal)]
    if account is not None:
        filters.append(of_account(account))
    if trip_id is not None:
        filters.append(col(TransferRow.trip_id) == trip_id)
    if season is not None:
        filters.append(col(TransferRow.season) == season)
    return filters


def find_transfer(session: Session, identity: str) -> TransferRow | None:
    """The transfer of that id, which is its idempotency key."""
    return session.get(TransferRow, identity)


def list_ids_of_claim(session: Session, claim_id: str) -> set[str]:
    """The transfers of a claim's vouchers."""
    query = (
        select(TransferRow.id)
        .join(VoucherRow, col(VoucherRow.id) == TransferRow.voucher_id)
        .where(VoucherRow.claim_id == claim_id)
    )
    return set(session.exec(query))


@dataclass(frozen=True)
class Head:
    """The end of a season's book: its last place, the digest that all before it goes into, and when that was written."""

    position: int
    digest: str
    recorded_at: datetime


@dataclass(frozen=True)
class Movement:
    """A transfer with its place in the season's book: the voucher's, and its own in the voucher."""

    voucher: int
    entry: int
    at: datetime
    claim_id: str | None
    transfer: Transfer


def find_head(session: Session, season: str) -> Head | None:
    """The end of the season's book; None where nothing was ever written into it."""
    query = (
        select(BookRow.position, BookRow.digest, VoucherRow.recorded_at)
        .join(SealRow, (col(SealRow.season) == BookRow.season) & (SealRow.position == BookRow.position))
        .join(VoucherRow, col(VoucherRow.id) == SealRow.voucher_id)
        .where(BookRow.season == season)
    )
    found = session.exec(query).one_or_none()
    return Head(*found) if found else None


def of_account(account: str) -> ColumnElement[bool]:
    """Transfers that an account is one end of."""
    return or_(col(TransferRow.debit) == account, col(TransferRow.credit) == account)


def of_area(code: str) -> ColumnElement[bool]:
    """Transfers of the counties, and budgets of the divisions, whose codes begin so."""
    return col(TransferRow.county_code).startswith(code, autoescape=True)


def list_movements(session: Session, season: str, rule: ColumnElement[bool], most: int) -> list[Movement]:
    """The season's transfers under the rule in the order of its book, `most` at most."""
    query = (
        select(TransferRow, SealRow.position, VoucherRow.claim_id)
        .join(SealRow, col(SealRow.voucher_id) == TransferRow.voucher_id)
        .join(VoucherRow, col(VoucherRow.id) == TransferRow.voucher_id)
        .where(TransferRow.season == season, rule)
        .order_by(col(SealRow.position), col(TransferRow.position))
        .limit(most)
    )
    return [
        Movement(place, row.position, row.recorded_at, claim_id, read_transfer(row))
        for row, place, claim_id in session.exec(query)
    ]


def sum_movements(session: Session, season: str, rule: ColumnElement[bool]) -> Balance:
    """What the season's transfers under the rule come to, each counted once."""
    stages = [func.coalesce(func.sum(_added(TransferRow, **one)), 0) for one in _STAGES.values()]
    sums = session.execute(select(*stages).where(TransferRow.season == season, rule)).one()
    return Balance(**dict(zip(_STAGES, map(int, sums), strict=True)))
