"""A claim of the spring of 2020 to make papers of: as many trips and people as a test wants, every figure by rule."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from services.dispatcher.money.rules.policy import digest_of
from services.dispatcher.papers.content import (
    CalculationLine,
    ClaimForm,
    ClaimPapers,
    FlagLine,
    PayerLine,
    RosterLine,
    Step,
    TripSheet,
)

MADE_AT = datetime(2020, 3, 12, 2, tzinfo=UTC)
BOOKS_HEAD = "9f2c" * 16
POLICY = {"id": "ningbo-2023", "version": 1, "name": "宁波市企业包车补贴", "cap_vehicle_fen": 1_000_000}
ENTERPRISE = "宁波申洲针织有限公司"
CAP_FEN = 1_000_000


def claim_papers(trips: int = 2, people: int = 3) -> ClaimPapers:
    """The papers of a claim: the last person of each trip did not board, the two payers bear half each."""
    sheets = tuple(trip_sheet(n) for n in range(trips))
    roster = tuple(person(trip, n, people) for trip in sheets for n in range(people))
    payers = tuple(line for trip in sheets for line in payer_lines(trip))
    total = sum(line.due_fen for line in payers)
    calculation = tuple(line for trip in sheets for line in calculation_lines(trip))
    whole = CalculationLine(None, 1, "各车次合计", f"{trips} 个车次相加", total, "—")
    return ClaimPapers(
        form=claim_form(sheets, total),
        trips=sheets,
        roster=roster,
        calculation=(*calculation, whole),
        payers=payers,
        flags=(
            FlagLine("F09", "复核", sheets[0].trip_id, "合同价高于参考价 30.2%", "王科长", "绕行凝冻路段"),
            FlagLine("F16", "复核", None, "线路两端均不在车籍地"),
        ),
        policy=POLICY,
        books_head=BOOKS_HEAD,
        made_at=MADE_AT,
    )


def with_name(papers: ClaimPapers, masked_name: str) -> ClaimPapers:
    """The same with another name for the first person."""
    return replace(papers, roster=(replace(papers.roster[0], masked_name=masked_name), *papers.roster[1:]))


def trip_sheet(n: int) -> TripSheet:
    day = date(2020, 2, 20) + timedelta(days=n % 9)
    price_fen = 1_680_001 + 100_003 * (n % 5)
    return TripSheet(
        trip_id=f"T-522732-{day:%Y%m%d}-{n + 1:03d}",
        day=day,
        origin="三都县汽车站",
        destination="宁波市北仑区大碶街道",
        carrier="贵州省黔南布依族苗族自治州汽车运输有限责任公司",
        plate=f"贵J{10000 + n}",
        coach="大型客车 49座",
        distance_m=1_750_321,
        contract_no=f"QN-2020-BC-{n:05d}",
        price_fen=price_fen,
        signed_on=date(2020, 2, 18),
        filed_at=datetime(2020, 2, 18, 1, 30, tzinfo=UTC),
        invoice_no=f"0440019001{n:010d}",
        invoice_fen=price_fen,
    )


def person(trip: TripSheet, n: int, people: int) -> RosterLine:
    boarded = n < people - 1
    return RosterLine(
        trip_id=trip.trip_id,
        number=n + 1,
        masked_name=f"{'张韦罗杨'[n % 4]}*{'三芳强丽'[n // 4 % 4]}",
        id_tail=f"{n * 37 % 10000:04d}",
        employer=ENTERPRISE,
        category="易地扶贫搬迁劳动力" if n % 4 == 0 else "其他劳动力",
        boarding="已上车" if boarded else "未乘车",
        boarded_at=datetime(2020, 2, 24, 1, 5, tzinfo=UTC) if boarded else None,
        arrival="已到厂" if boarded else "",
        arrived_at=datetime(2020, 2, 25, 6, tzinfo=UTC) if boarded else None,
        arrival_by=ENTERPRISE if boarded else "",
        counted=boarded,
        why_not="" if boarded else "无乘车记录（F04）",
    )


def subsidy_fen(trip: TripSheet) -> int:
    return min((trip.price_fen or 0) // 2, CAP_FEN)


def payer_lines(trip: TripSheet) -> list[PayerLine]:
    whole = subsidy_fen(trip)
    return [
        PayerLine(trip.trip_id, "宁波市北仑区财政局", whole - whole // 2, 0),
        PayerLine(trip.trip_id, "宁波市财政局", whole // 2, 0),
    ]


def calculation_lines(trip: TripSheet) -> list[CalculationLine]:
    half = (trip.price_fen or 0) // 2
    return [
        CalculationLine(
            trip.trip_id, 1, "按比例", f"{(trip.price_fen or 0) / 100:.2f} × 50%", half, "第1款 percentage"
        ),
        CalculationLine(
            trip.trip_id, 2, "单车上限", f"min({half / 100:.2f}, 10000.00)", subsidy_fen(trip), "cap_vehicle"
        ),
    ]


def claim_form(sheets: tuple[TripSheet, ...], total_fen: int) -> ClaimForm:
    return ClaimForm(
        claim_id="C-522732-2020-0007",
        state="已批准",
        season="2020春",
        claimant_name=ENTERPRISE,
        claimant_code="913302001445970270",
        policy_key="ningbo-2023@1",
        policy_name="宁波市企业包车补贴",
        policy_source="甬人社发〔2023〕1号",
        policy_digest=digest_of(POLICY),
        first_day=date(2020, 2, 20),
        last_day=date(2020, 2, 28),
        account_tail="6217",
        charter_fen=sum(trip.price_fen or 0 for trip in sheets),
        claimed_fen=total_fen + 12_345,
        computed_fen=total_fen,
        held_fen=0,
        approved_fen=total_fen,
        paid_fen=None,
        recovered_fen=None,
        steps=(
            Step("已提交", datetime(2020, 3, 2, 2, tzinfo=UTC), f"{ENTERPRISE} 李经理"),
            Step("审核中", datetime(2020, 3, 3, 2, tzinfo=UTC), "三都县人社局 王科长", "材料齐全"),
            Step("已审定", datetime(2020, 3, 12, 1, tzinfo=UTC), "三都县人社局 赵局长"),
        ),
    )
