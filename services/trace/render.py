"""Draws a trace as a tree for a terminal, in Chinese and English: from the payment down to the roster's row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from rich.text import Text
from rich.tree import Tree

from services.dispatcher.domain.trace import (
    Claim,
    ClaimLine,
    Contract,
    Entry,
    Origin,
    Part,
    Plan,
    Rider,
    Rule,
    Said,
    Trace,
    Trip,
    Voucher,
    Worker,
    Working,
)
from services.trace.words import word
from shared.kernel.clock import SHANGHAI
from shared.kernel.money import yuan

DIGITS = 16
"""Of a hash, as many as tell two apart on a screen; `--json` has all."""


def render(answer: Mapping[str, Any]) -> Tree:
    """The tree of a trace as the dispatcher answers it."""
    trace = TypeAdapter(Trace).validate_python(answer)
    whole = "whole 链条完整" if trace.whole else f"not whole 链条不完整: {len(trace.gaps)} gaps 处缺口"
    tree = Tree(Text.assemble((trace.key, "bold"), f"  {word(trace.kind)}  ", (whole, _tone(trace.whole))))
    for gap in trace.gaps:
        _say(tree, "✗", gap, "red")
    if trace.worker:
        _worker(tree, trace.worker)
    if trace.voucher and trace.voucher.trip_id is None:
        _voucher(tree, trace.voucher)
    if trace.claim:
        known = [step for trip in trace.trips for step in trip.workings]
        _claim(tree, trace.claim, known)
    for trip in trace.trips:
        _trip(tree, trip, apart=trace.claim is None)
    for note in trace.notes:
        _say(tree, "·", note, "yellow")
    _say(tree, "", trace.how, "dim")
    return tree


def _trip(tree: Tree, trip: Trip, *, apart: bool) -> None:
    """A trip; its claims with it, unless the claim stands above."""
    branch = _head(
        tree,
        f"trip 车次 {trip.trip_id}",
        f"{word(trip.state)}, {trip.day}, {trip.county_code} → {trip.prefecture_code}, {trip.carrier_name} {trip.carrier_id},"
        f" {trip.aboard} riders 人, {trip.distance_m // 1000:,} km, {_yuan(trip.cost_fen)} ({trip.tariff})",
    )
    paid = [voucher for voucher in trip.vouchers if voucher.claim_id]
    if paid:
        below = _head(branch, "payment 支付")
        for voucher in paid:
            _voucher(below, voucher)
    for claim in trip.claims if apart else ():
        _claim(branch, claim, trip.workings)
    if trip.rule:
        _rule(branch, trip.rule, trip.workings)
    _bears(_head(branch, "borne by 由谁承担"), trip.lines)
    below = _head(branch, "books 账册", f"{len(trip.vouchers) - len(paid)} vouchers 张凭证")
    for voucher in trip.vouchers:
        if not voucher.claim_id:
            _voucher(below, voucher, known=trip.workings)
    if trip.contract:
        _contract(branch, trip.contract)
    _riders(branch, trip.riders)
    for plan in trip.plans:
        _plan(branch, plan)
    _origins(branch, [rider.origin for rider in trip.riders if rider.origin])


def _worker(tree: Tree, worker: Worker) -> None:
    branch = _head(
        tree,
        f"request 申请 {worker.request_id}",
        f"{word(worker.state)}, {worker.stop_code} → {worker.enterprise} {worker.gate_id},"
        f" {worker.earliest} – {worker.latest}, {worker.season}",
    )
    for left in worker.left_behind:
        reason = f"{left.rule}: {left.figure} / {left.limit}. {left.mend_zh} {left.mend_en}"
        branch.add(Text(f"left behind 未安排 {left.day} {left.round_id}: {reason}"))
    for other in worker.others:
        branch.add(
            Text(
                f"same person 同一人 {other.request_id}: {other.season} {other.county_code} {word(other.status)}"
            )
        )
    if worker.origin:
        _origins(branch, [worker.origin])


def _claim(tree: Tree, claim: Claim, known: Sequence[Working]) -> None:
    """A claim; of its lines' arithmetic what is not that of the trips already."""
    amounts = {
        "payable 核定": claim.payable_fen,
        "paid 已付": claim.paid_fen,
        "clawed back 追回": claim.clawback_fen,
        "recovered 已收回": claim.recovered_fen,
    }
    figures = ", ".join(f"{name} {_yuan(fen)}" for name, fen in amounts.items() if fen)
    number = f", no. 付款编号 {claim.payment_no}" if claim.payment_no else ""
    branch = _head(
        tree,
        f"claim 申报 {claim.claim_id}",
        f"{word(claim.state)}, {claim.claimant_name}, {figures or 'nothing payable 无应付'}{number}",
    )
    for step in claim.steps:
        note = f": {step.note}" if step.note else ""
        branch.add(Text(f"{_at(step.at)} {word(step.act)} → {word(step.state)}, {step.actor}{note}"))
    if claim.flags:
        found = ", ".join(f"{code} ×{count}" for code, count in claim.flags.items())
        branch.add(Text(f"findings 核查意见 {found}"))
    for line in claim.lines:
        _line(branch, line, known)


def _line(tree: Tree, line: ClaimLine, known: Sequence[Working]) -> None:
    heads = ", ".join(f"{word(standing)} {count}" for standing, count in line.standings.items())
    invoice = (
        f"invoice 发票 {line.invoice_no} {_yuan(line.invoice_fen or 0)} {line.invoice_on}"
        if line.invoice_no
        else "no invoice yet 尚无发票"
    )
    branch = _head(
        tree, f"claim line 申报行 {line.trip_id}", f"{_yuan(line.payable_fen)}, {heads}, {invoice}"
    )
    _workings(branch, [step for step in line.workings if step not in known])


def _rule(tree: Tree, rule: Rule, workings: Sequence[Working]) -> None:
    proof = "as booked 与记账一致" if rule.unchanged else "CHANGED 已被改动"
    branch = _head(
        tree,
        f"rule 规则 {rule.policy}",
        f"{rule.name}, {rule.source or 'no source given 未注明依据'}, sha256 {rule.digest[:DIGITS]} {proof},"
        f" loaded 载入 {_at(rule.loaded_at)}",
    )
    for one in rule.assumed:
        branch.add(Text(f"assumed 假定 {one}"))
    _workings(branch, workings)


def _workings(tree: Tree, workings: Iterable[Working]) -> None:
    for step in workings:
        what, _, of = step.what.partition(":")
        name = f"{word(what)} {of}" if of else word(what)
        tree.add(Text(f"{name}: {step.formula} = {_yuan(step.result_fen)}  [{step.rule}]"))


def _bears(tree: Tree, parts: Iterable[Part]) -> None:
    for part in parts:
        held = f", held for a dispute 因争议暂缓 {_yuan(part.held_fen)}" if part.held_fen else ""
        tree.add(Text(f"{part.account}: {_yuan(part.due_fen)}{held}"))


def _voucher(tree: Tree, voucher: Voucher, known: Sequence[Working] = ()) -> None:
    """A voucher with its entries, and of its arithmetic what is not `known` already."""
    seal = f"sha256 {voucher.digest[:DIGITS]}" if voucher.digest else "unsealed 未封存"
    proof = "holds 封存完好" if voucher.sealed else "BROKEN 封存不符"
    branch = _head(
        tree,
        f"{word(voucher.act)} {voucher.id}",
        f"no. 第 {voucher.position or '-'} of 册 {voucher.season}, {seal} {proof}, {_at(voucher.recorded_at)},"
        f" by 经办 {voucher.actor}, cause 起因 {voucher.cause}",
    )
    for entry in voucher.entries:
        branch.add(Text(_entry(entry)))
    _workings(branch, [step for step in voucher.workings if step not in known])


def _entry(entry: Entry) -> str:
    against = f"  ✗ {entry.corrects[:8]}" if entry.corrects else ""
    trip = f"  {entry.trip_id}" if entry.trip_id else ""
    return f"{word(entry.kind)} {_yuan(entry.amount_fen)}: {entry.debit} → {entry.credit}{trip}  ({entry.id[:8]}){against}"


def _contract(tree: Tree, contract: Contract) -> None:
    filed = _at(contract.filed_at) if contract.filed_at else "not filed 未备案"
    _head(
        tree,
        f"contract 合同 {contract.contract_no}",
        f"{_yuan(contract.price_fen)} (by tariff 价目 {_yuan(contract.tariff_fen)}), {contract.plate},"
        f" signed 签订 {contract.signed_on}, filed 备案 {filed}, recorded by 登记 {contract.recorded_by}",
    )


def _riders(tree: Tree, riders: Sequence[Rider]) -> None:
    """Who boarded and arrived and what each costs whom; those of whom the same is to be told together."""
    branch = _head(
        tree, "boarding, arrival, each worker's part 上车、到厂、每人份额", f"{len(riders)} riders 人"
    )
    alike: dict[str, list[Rider]] = defaultdict(list)
    for rider in riders:
        alike[_told(rider)].append(rider)
    for told, some in alike.items():
        below = branch.add(Text(f"{len(some)} × {told}"))
        below.add(Text(", ".join(f"{rider.request_id} ({_row(rider.origin)})" for rider in some)))


def _told(rider: Rider) -> str:
    seat = "" if rider.riding else "seat taken away 座位已取消; "
    boarded = f"{word(rider.boarding)} {_at(rider.boarded_at)}" if rider.boarding else "no mark 无上车记录"
    said = f"{word(rider.outcome)} {_at(rider.confirmed_at)}" if rider.outcome else "not confirmed 未确认"
    claims = ", ".join(f"{seat.claim_id} {word(seat.standing)}" for seat in rider.claims) or "no claim 未申报"
    parts = ", ".join(f"{word(kind)} {_yuan(fen)}" for kind, fen in _by_kind(rider.bears).items())
    paid = ", ".join(f"{word(one.kind)} {_yuan(one.amount_fen)}" for one in rider.payments)
    return f"{seat}{boarded}; {rider.enterprise}: {said}; {claims}; borne by 承担: {parts or '-'}; {paid or 'not paid 未支付'}"


def _by_kind(parts: Iterable[Part]) -> dict[str, int]:
    """`origin_county` -> what such accounts bear; enterprises and workers as they are."""
    found: dict[str, int] = defaultdict(int)
    for part in parts:
        kind, _, rest = part.account.partition(":")
        found[rest.partition(":")[0] if kind == "payer" else kind] += part.due_fen + part.held_fen
    return found


def _row(origin: Origin | None) -> str:
    if origin is None:
        return "row unknown 来源不明"
    return f"row 第 {origin.row} 行" if origin.row is not None else "by the API 经接口登记"


def _plan(tree: Tree, plan: Plan) -> None:
    bound = f"bound 下界 {_yuan(plan.bound_fen)}" if plan.bound_fen is not None else "no bound 无下界"
    gap = f", gap 差距 {plan.gap:.3%}" if plan.gap is not None else ""
    answers = "answers 所答即" if plan.answers_problem else "does NOT answer 所答并非"
    place = f"trips[{plan.place}]" if plan.place is not None else "none of its trips 不在其中"
    branch = _head(
        tree,
        f"plan 规划 {word(plan.kind)} {plan.id}",
        f"pool 资源池 {plan.pool_id}, {_yuan(plan.cost_fen)}, {bound}{gap}, certificate 证书 {plan.certificate or '-'}",
    )
    branch.add(Text(f"{place}: {plan.shared} of its 之 {plan.riders} riders 人"))
    branch.add(
        Text(
            f"plan sha256 {plan.plan_sha256[:DIGITS]} {answers} problem 问题 sha256 {plan.problem_sha256[:DIGITS]}"
        )
    )
    decided = f"; decided by 审批 {plan.decided_by} {_at(plan.decided_at)}" if plan.decided_by else ""
    branch.add(Text(f"asked by 发起 {plan.asked_by} {_at(plan.asked_at)}{decided}"))


def _origins(tree: Tree, origins: Sequence[Origin]) -> None:
    """The files with their rows, and who came without one."""
    files: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in origins:
        files[one.roster_id, one.sha256, one.county_code, one.uploaded_by, one.uploaded_at].append(
            one.row or 0
        )
    for (roster_id, sha256, county_code, by, at), rows in files.items():
        file = f"roster 花名册 {roster_id}" if roster_id else "by the API 经接口登记"
        proof = f"file sha256 文件 {sha256}, rows 行 {_runs(rows)}, " if sha256 else ""
        _head(tree, file, f"{proof}{county_code}, {by}, {_at(at)}")


def _runs(rows: Iterable[int]) -> str:
    """`[2, 3, 4, 9]` -> `2-4, 9`."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _head(tree: Tree, title: str, rest: str = "") -> Tree:
    return tree.add(Text.assemble((title, "bold"), f"  {rest}" if rest else ""))


def _say(tree: Tree, mark: str, said: Said, style: str) -> None:
    tree.add(Text(f"{mark} {said.where}: {said.zh} {said.en}".strip(), style=style))


def _tone(whole: bool) -> str:
    return "green" if whole else "red"


def _yuan(fen: int) -> str:
    return f"¥{yuan(fen)}" if fen >= 0 else f"-¥{yuan(-fen)}"


def _at(instant: datetime | None) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if instant else "-"
