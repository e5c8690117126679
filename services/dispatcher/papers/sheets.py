"""Knows which tables a claim's papers have, and their headings; refuses to know what file they go into."""

from services.dispatcher.papers.content import ClaimPapers, RosterLine, TripSheet
from services.dispatcher.papers.table import Fen, Metres, Row, Table, Value, total_of, words

WHOLE_CLAIM = "整份申报"


def claim_tables(papers: ClaimPapers) -> tuple[Table, ...]:
    """The seven sheets of the workbook, in order."""
    return (
        form(papers),
        contracts(papers),
        roster(papers.roster),
        evidence(papers.roster),
        calculation(papers),
        payers(papers),
        flags(papers),
    )


def foot(papers: ClaimPapers) -> str:
    """What stands at the foot of each page: whose it is, how far it is, and the books that it speaks of."""
    return f"申报编号 {papers.form.claim_id}（{papers.form.state}）　账册摘要 {papers.books_head}"


def form(papers: ClaimPapers) -> Table:
    """The claim as items and what they say, its steps last."""
    claim = papers.form
    rows: list[Row] = [
        ("申报编号", claim.claim_id),
        ("状态", claim.state),
        ("返岗季", claim.season),
        ("申报单位", claim.claimant_name),
        ("统一社会信用代码", claim.claimant_code),
        ("收款账户后四位", claim.account_tail),
        ("政策名称", claim.policy_name),
        ("政策版本", claim.policy_key),
        ("政策依据", claim.policy_source),
        ("政策文本摘要（SHA-256）", claim.policy_digest),
        ("出发日期自", claim.first_day),
        ("出发日期至", claim.last_day),
        ("车次数", len(papers.trips)),
        ("名单人数", len(papers.roster)),
        ("计入补贴人数", papers.heads),
        *amounts(papers),
        ("账册摘要", papers.books_head),
        ("截止时间", papers.made_at),
        *(
            (f"办理记录{number}", " ".join(filter(None, map(words, said))))
            for number, *said in steps(papers).rows
        ),
    ]
    return Table("申报表", ("项目", "内容"), tuple(rows))


def amounts(papers: ClaimPapers) -> list[tuple[str, Fen | None]]:
    """The claim's amounts by name."""
    claim = papers.form
    return [
        ("包车费合计（元）", Fen(claim.charter_fen)),
        ("申报补贴金额（元）", Fen(claim.claimed_fen)),
        ("按政策计算金额（元）", Fen(claim.computed_fen)),
        ("因争议暂缓金额（元）", Fen(claim.held_fen)),
        ("审定金额（元）", _fen(claim.approved_fen)),
        ("已拨付金额（元）", _fen(claim.paid_fen)),
        ("已追回金额（元）", _fen(claim.recovered_fen)),
    ]


def steps(papers: ClaimPapers) -> Table:
    """The claim's own audit trail."""
    rows = tuple((i, s.state, s.at, s.by, s.note) for i, s in enumerate(papers.form.steps, 1))
    return Table("办理记录", ("序号", "状态", "时间", "办理人", "说明"), rows)


def contracts(papers: ClaimPapers) -> Table:
    """Each trip with its contract and invoice."""
    headings = (
        "车次", "出发日期", "起点", "终点", "承运企业", "车牌", "车型", "里程（公里）",
        "合同编号", "合同签订", "合同备案", "合同价（元）", "发票号码", "发票金额（元）",
    )  # fmt: skip
    rows = tuple(
        (
            t.trip_id, t.day, t.origin, t.destination, t.carrier, t.plate, t.coach, Metres(t.distance_m),
            t.contract_no, t.signed_on, t.filed_at, _fen(t.price_fen), t.invoice_no, _fen(t.invoice_fen),
        )
        for t in papers.trips
    )  # fmt: skip
    stacked = ((0, 1), (2, 3), (4, 5), (6, 7), (8, 9, 10), (12,), (11, 13))
    return Table("合同与发票", headings, rows, total_of(rows), stacked)


def roster(lines: tuple[RosterLine, ...]) -> Table:
    """Who was on which trip."""
    headings = ("车次", "序号", "姓名", "身份证后四位", "用工企业", "人员类别", "计入补贴")
    rows = tuple(
        (r.trip_id, r.number, r.masked_name, r.id_tail, r.employer, r.category, _counted(r)) for r in lines
    )
    return Table("人员名单", headings, rows)


def evidence(lines: tuple[RosterLine, ...]) -> Table:
    """By what boarding and arrival each person is counted, or why not."""
    headings = (
        "车次", "序号", "姓名", "乘车", "乘车时间", "到厂", "到厂确认时间", "确认企业", "计入补贴", "不计入原因",
    )  # fmt: skip
    rows = tuple(
        (
            r.trip_id, r.number, r.masked_name, r.boarding, r.boarded_at, r.arrival, r.arrived_at, r.arrival_by,
            _counted(r), r.why_not,
        )
        for r in lines
    )  # fmt: skip
    return Table("乘车与到达", headings, rows)


def signed_roster(trip: TripSheet, lines: tuple[RosterLine, ...]) -> Table:
    """One trip's roster as it is printed: with its evidence, and room to sign."""
    headings = ("序号", "姓名", "身份证后四位", "用工企业", "人员类别", "乘车", "乘车时间", "到厂", "确认时间", "计入", "原因")  # fmt: skip
    rows = tuple(
        (
            r.number, r.masked_name, r.id_tail, r.employer, r.category, r.boarding, r.boarded_at, r.arrival,
            r.arrived_at, _counted(r), r.why_not,
        )
        for r in lines
    )  # fmt: skip
    stacked = ((0,), (1, 2), (3, 4), (5, 6), (7, 8), (9, 10))
    return Table(f"人员名单 {trip.trip_id}", headings, rows, stacked=stacked, blanks=("本人签名",))


def calculation(papers: ClaimPapers) -> Table:
    """The calculation, line by line."""
    rows = tuple(
        (c.trip_id or WHOLE_CLAIM, c.number, c.what, c.formula, Fen(c.result_fen), c.rule)
        for c in papers.calculation
    )
    return Table("计算过程", ("车次", "步骤", "事项", "算式", "结果（元）", "规则出处"), rows)


def payers(papers: ClaimPapers) -> Table:
    """What each payer bears of each trip."""
    rows = tuple((p.trip_id, p.payer, Fen(p.due_fen), Fen(p.held_fen)) for p in papers.payers)
    return Table("出资明细", ("车次", "出资方", "应付（元）", "暂缓（元）"), rows, total_of(rows))


def payer_totals(papers: ClaimPapers) -> Table:
    """What each payer bears of the claim."""
    due: dict[str, list[int]] = {}
    for p in papers.payers:
        sums = due.setdefault(p.payer, [0, 0])
        sums[0] += p.due_fen
        sums[1] += p.held_fen
    rows = tuple((name, Fen(now), Fen(later)) for name, (now, later) in due.items())
    return Table("出资汇总", ("出资方", "应付（元）", "暂缓（元）"), rows, total_of(rows))


def flags(papers: ClaimPapers) -> Table:
    """What the checks found."""
    rows = tuple(
        (f.code, f.severity, f.trip_id or WHOLE_CLAIM, f.message, f.cleared_by or "未消除", f.cleared_why)
        for f in papers.flags
    )
    return Table("核查意见", ("检查项", "级别", "车次", "发现", "消除人", "消除理由"), rows)


def _counted(line: RosterLine) -> Value:
    return "是" if line.counted else "否"


def _fen(amount_fen: int | None) -> Fen | None:
    return None if amount_fen is None else Fen(amount_fen)
