"""Lays out a claim's application, as a finance office files it: form, lists, and each trip's roster to be signed."""

from collections import defaultdict

from services.dispatcher.papers import sheets
from services.dispatcher.papers.capitals import capitals
from services.dispatcher.papers.content import ClaimPapers, RosterLine, TripSheet
from services.dispatcher.papers.glyphs import Setting
from services.dispatcher.papers.pdf import ACROSS, UPRIGHT, compile_form, printed
from services.dispatcher.papers.table import words


def claim_pdf(papers: ClaimPapers) -> bytes:
    """The whole application as one PDF."""
    claim, setting = papers.form, Setting()
    lists = [
        sheets.contracts(papers),
        sheets.calculation(papers),
        sheets.payers(papers),
        sheets.flags(papers),
    ]
    approved = claim.approved_fen is not None
    data = {
        "title": f"包车补贴申报书 {claim.claim_id}",
        "boxes": [[setting.set(text, "申报表") for text in box] for box in _boxes(papers)],
        "amounts": [[name, words(amount) or "—"] for name, amount in sheets.amounts(papers)],
        "capitals": [
            "审定金额（大写）" if approved else "计算金额（大写）",
            capitals(claim.approved_fen if claim.approved_fen is not None else claim.computed_fen),
        ],
        "summaries": [
            printed(t, setting, UPRIGHT) for t in (sheets.payer_totals(papers), sheets.steps(papers))
        ],
        "lists": [printed(table, setting, ACROSS) for table in lists],
        "rosters": [
            printed(
                sheets.signed_roster(trip, lines), setting, UPRIGHT, setting.set(_heading(trip), trip.trip_id)
            )
            for trip, lines in _by_trip(papers)
        ],
        "foot": sheets.foot(papers),
    }
    return compile_form("claim.typ", data, setting, papers.made_at)


def _boxes(papers: ClaimPapers) -> list[tuple[str, ...]]:
    claim = papers.form
    return [
        ("申报编号", claim.claim_id, "返岗季", claim.season),
        ("申报单位", claim.claimant_name, "状态", claim.state),
        ("统一社会信用代码", claim.claimant_code, "收款账户后四位", claim.account_tail),
        ("政策名称", f"{claim.policy_name}（{claim.policy_key}）"),
        ("政策依据", claim.policy_source),
        ("出发日期", f"{claim.first_day} 至 {claim.last_day}", "车次数", str(len(papers.trips))),
        ("名单人数", str(len(papers.roster)), "计入补贴人数", str(papers.heads)),
    ]


def _by_trip(papers: ClaimPapers) -> list[tuple[TripSheet, tuple[RosterLine, ...]]]:
    lines = defaultdict(list)
    for line in papers.roster:
        lines[line.trip_id].append(line)
    return [(trip, tuple(lines[trip.trip_id])) for trip in papers.trips]


def _heading(trip: TripSheet) -> str:
    return (
        f"车次 {trip.trip_id}　出发 {trip.day}　{trip.origin} 至 {trip.destination}\n"
        f"承运 {trip.carrier}　车牌 {trip.plate}　合同 {trip.contract_no or '—'}"
    )
