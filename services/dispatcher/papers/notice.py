"""Makes the public notice (公示) of claims: rows for a page, XLSX and PDF, all of the same tables.

It shows whom a subsidy goes to and how much, names with one character masked and the last four of an ID, and no phone or
card: local governments were criticised for more (`domain.md` §4.3).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from services.dispatcher.papers.content import show_masked, show_only_the_tail
from services.dispatcher.papers.glyphs import Setting
from services.dispatcher.papers.pdf import UPRIGHT, compile_form, printed
from services.dispatcher.papers.table import Fen, Table, total_of
from services.dispatcher.papers.xlsx import write_workbook


@dataclass(frozen=True)
class NoticeClaim:
    """One claim that is to be approved."""

    claim_id: str
    claimant: str
    trips: int
    heads: int
    amount_fen: int


@dataclass(frozen=True)
class NoticePerson:
    """One person whom a claim counts."""

    claim_id: str
    masked_name: str
    id_tail: str
    employer: str
    trip_id: str
    day: date

    def __post_init__(self) -> None:
        show_masked(self.masked_name)
        show_only_the_tail(self.id_tail)


@dataclass(frozen=True)
class Objections:
    """Where to object, as the office wants it published."""

    office: str
    address: str
    phone: str


@dataclass(frozen=True)
class Notice:
    """One public notice. `first_day` to `last_day` are when objections are taken, `workdays` how many working days that is;
    `policies` are the policies' names and sources."""

    notice_id: str
    office: str
    season: str
    policies: tuple[str, ...]
    first_day: date
    last_day: date
    workdays: int
    objections: Objections
    claims: tuple[NoticeClaim, ...]
    people: tuple[NoticePerson, ...]
    made_at: datetime

    def __post_init__(self) -> None:
        named = Counter(person.claim_id for person in self.people)
        counted = Counter({claim.claim_id: claim.heads for claim in self.claims})
        for claim_id in sorted(
            claim_id for claim_id in named | counted if named[claim_id] != counted[claim_id]
        ):
            raise ValueError(
                f"{claim_id} counts {counted[claim_id]} people and names {named[claim_id]}: make them agree"
                f" / {claim_id} 计 {counted[claim_id]} 人，名单 {named[claim_id]} 人，请核对"
            )


def notice_tables(notice: Notice) -> tuple[Table, Table]:
    """The claims and the people; `table.words` tells how a cell reads."""
    claims = tuple((c.claim_id, c.claimant, c.trips, c.heads, Fen(c.amount_fen)) for c in notice.claims)
    people = tuple(
        (number, p.masked_name, p.id_tail, p.employer, p.trip_id, p.day, p.claim_id)
        for number, p in enumerate(notice.people, start=1)
    )
    return (
        Table(
            "拟补贴名单",
            ("申报编号", "申报单位", "车次数", "计入人数", "拟补贴金额（元）"),
            claims,
            total_of(claims),
        ),
        Table(
            "乘车人员", ("序号", "姓名", "身份证后四位", "用工企业", "车次", "出发日期", "申报编号"), people
        ),
    )


def notice_paragraphs(notice: Notice) -> tuple[str, str]:
    """What is to be approved, and how to object."""
    where = notice.objections
    return (
        f"根据{'、'.join(notice.policies)}，经审核，拟对 {notice.season} “点对点”返岗包车的 {len(notice.claims)} 份申报给予补贴，"
        "现予公示。",
        f"公示期为 {notice.first_day} 至 {notice.last_day}（{notice.workdays} 个工作日）。对名单或金额有异议的，请在公示期内向"
        f"{where.office}反映，写明事实和依据。地址：{where.address}；电话：{where.phone}。",
    )


def notice_xlsx(notice: Notice) -> bytes:
    """The notice's tables as a workbook."""
    return write_workbook(
        notice_tables(notice), f"公示编号 {notice.notice_id}　{notice.office}", notice.made_at
    )


def notice_pdf(notice: Notice) -> bytes:
    """The notice as it is posted."""
    setting = Setting()
    data = {
        "title": f"包车补贴公示 {notice.notice_id}",
        "season": notice.season,
        "paragraphs": [setting.set(text, "公示正文") for text in notice_paragraphs(notice)],
        "lists": [printed(table, setting, UPRIGHT) for table in notice_tables(notice)],
        "office": setting.set(notice.office, "落款"),
        "day": f"{notice.first_day.year}年{notice.first_day.month}月{notice.first_day.day}日",
        "foot": setting.set(f"公示编号 {notice.notice_id}", "页脚"),
    }
    return compile_form("notice.typ", data, setting, notice.made_at)
