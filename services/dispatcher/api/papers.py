"""Papers over HTTP: a claim's bundle, statements of accounts, public notices; each made when it is asked for."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.dispatcher.api.claims import Party, Reviewer
from services.dispatcher.api.ledger import READERS
from services.dispatcher.money.books.ledger import Balance, effect
from services.dispatcher.papers.notice import Notice, notice_pdf, notice_xlsx
from services.dispatcher.papers.statement import Statement, statement_csv, statement_xlsx
from services.dispatcher.usecases.claims.desk import ClaimDesk
from services.dispatcher.usecases.claims.papers import make_bundle
from services.dispatcher.usecases.claims.public_notices import list_running, make_notice
from services.dispatcher.usecases.statements import Account, Kind, read_account, statement_of
from shared.http.attachment import XLSX, attachment
from shared.security import Principal, public

Who = Annotated[Principal, Depends(READERS)]
BY_HAND = "＿＿＿＿＿＿＿＿＿＿"
"""Where the bureau gives neither address nor phone, it writes them onto the sheet."""

_STATEMENTS: dict[str, tuple[str, Callable[[Statement], bytes]]] = {
    "xlsx": (XLSX, statement_xlsx),
    "csv": ("text/csv; charset=utf-8", statement_csv),
}
_NOTICES: dict[str, tuple[str, Callable[[Notice], bytes]]] = {
    "pdf": ("application/pdf", notice_pdf),
    "xlsx": (XLSX, notice_xlsx),
}


class Figures(BaseModel):
    """The budget, and what is reserved, committed, settled and paid, in fen."""

    model_config = ConfigDict(from_attributes=True)

    limit_fen: int
    reserved_fen: int
    committed_fen: int
    settled_fen: int
    paid_fen: int


class MovementOut(BaseModel):
    """A transfer: which entry of which voucher of the season's book, between whom, and what it adds to the figures."""

    voucher: int
    entry: int
    at: datetime
    id: str
    kind: str
    debit: str
    credit: str
    amount_fen: int
    trip_id: str | None
    claim_id: str | None
    rule: str
    cause: str
    change: Figures


class StatementOut(BaseModel):
    """A season's statement: what stood before, all movements in the order of the book, what stands. `books_head` is the place
    and digest of the book's last voucher; empty where the season has none."""

    kind: Kind
    of: str
    name: str
    season: str
    opening: Figures
    movements: list[MovementOut]
    closing: Figures
    books_head: str


class NoticeOut(BaseModel):
    """A claim that is to be approved, as it is published: to whom, how much, until when objections are taken, and where."""

    model_config = ConfigDict(from_attributes=True)

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


class NoticeList(BaseModel):
    """The public notices that run today."""

    notices: list[NoticeOut]


def router(desk: ClaimDesk) -> APIRouter:
    """The routes /api/claims/{claim_id}/bundle, /api/statements and /api/notices."""
    routes = APIRouter(prefix="/api", tags=["papers"])

    @routes.get("/claims/{claim_id}/bundle", summary="Fetch a claim's papers as one ZIP")
    def get_bundle(claim_id: str, principal: Party) -> Response:
        content = make_bundle(desk, principal, claim_id)
        return attachment(f"{claim_id}-申报材料.zip", content, "application/zip")

    @routes.get(
        "/statements",
        summary="A season's statement of one's own account, or of one in one's area",
        response_model=StatementOut,
    )
    def get_statement(
        principal: Who,
        season: Annotated[str, Query(min_length=1, max_length=40)],
        kind: Kind | None = None,
        of: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
        format: Literal["json", "xlsx", "csv"] = "json",
    ) -> StatementOut | Response:
        with desk.database.session() as session:
            account = read_account(session, principal, kind, of, season)
        if format == "json":
            return _statement_out(account)
        media, write = _STATEMENTS[format]
        name = f"{account.name}-{season}-对账单.{format}"
        return attachment(name, write(statement_of(account, desk.clock)), media)

    @routes.get(
        "/notices",
        summary="The public notices that run",
        dependencies=[Depends(public("a public notice is for everybody, and names no worker"))],
    )
    def get_notices(
        county_code: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None,
    ) -> NoticeList:
        return NoticeList(notices=[NoticeOut.model_validate(one) for one in list_running(desk, county_code)])

    @routes.get("/notices/{claim_id}", summary="The sheet of a claim's public notice, to be posted")
    def get_notice(
        claim_id: str,
        principal: Reviewer,
        format: Literal["pdf", "xlsx"] = "pdf",
        address: Annotated[str, Query(max_length=100)] = BY_HAND,
        phone: Annotated[str, Query(max_length=30)] = BY_HAND,
    ) -> Response:
        media, write = _NOTICES[format]
        notice = make_notice(desk, principal, claim_id, address, phone)
        return attachment(f"{notice.notice_id}-公示.{format}", write(notice), media)

    return routes


def _statement_out(account: Account) -> StatementOut:
    head = account.head
    return StatementOut(
        kind=account.kind,
        of=account.of,
        name=account.name,
        season=account.season,
        opening=Figures.model_validate(Balance()),
        movements=[
            MovementOut(
                voucher=one.voucher,
                entry=one.entry,
                at=one.at,
                claim_id=one.claim_id,
                change=Figures.model_validate(effect(one.transfer)),
                **{
                    name: getattr(one.transfer, name)
                    for name in ("id", "kind", "debit", "credit", "amount_fen", "trip_id", "rule", "cause")
                },
            )
            for one in account.movements
        ],
        closing=Figures.model_validate(account.closing),
        books_head=f"{head.position}:{head.digest}" if head else "",
    )
