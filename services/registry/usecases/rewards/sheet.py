"""Says what stands on a reward list's sheet: for the public notice the masked name and the last four characters of the ID alone."""

from collections.abc import Sequence

from services.registry.domain.rewards.words import OUTCOMES, amount_words
from services.registry.intake.reward_sheet import SheetHead, SheetLine, write_reward_sheet
from services.registry.usecases.place_names import place_name
from services.registry.usecases.rewards.lists import STATES
from services.registry.usecases.rewards.show import Entry, Evidence, ListView
from shared.kernel.money import yuan


def public_sheet(view: ListView, entries: Sequence[Entry]) -> bytes:
    """The list for the public notice, of masked entries."""
    lines = [
        SheetLine(one.name, f"**************{one.resident_id[-4:]}", "", _part(one.part), one.amount_fen)
        for one in entries
    ]
    return write_reward_sheet(_head(view, "公示名单"), lines)


def full_sheet(view: ListView, entries: Sequence[Entry]) -> bytes:
    """The list for the payer, of entries in full, each with its evidence."""
    lines = [
        SheetLine(
            one.name,
            one.resident_id,
            one.placed_on.isoformat(),
            _part(one.part),
            one.amount_fen,
            "；".join(_said(line) for line in one.evidence),
        )
        for one in entries
    ]
    return write_reward_sheet(_head(view, "名单（内部使用，请勿外传）"), lines)


def _head(view: ListView, what: str) -> SheetHead:
    row = view.row
    counted = [("累计", view.counting[0])] if view.counting else []
    return SheetHead(
        f"{view.rule.name.zh}{what}",
        [
            ("申领单位", f"{view.claimant}（{row.claimant_id}）"),
            ("辖区", place_name(row.area_code)),
            ("到岗期间", f"{row.first_day} 至 {row.last_day}，截至 {row.as_of}"),
            ("标准", amount_words(view.rule)[0]),
            ("规则版本", f"{view.rule.key}，摘要 {row.digest[:16]}"),
            ("状态", STATES[row.state][0]),
            ("人数和金额", f"{row.heads} 人，{yuan(row.total_fen)} 元"),
            *counted,
        ],
        row.difference_fen,
    )


def _part(part: str) -> str:
    return f"满{part}个月" if part else ""


def _said(line: Evidence) -> str:
    found = f"（{line.found[0]}）" if line.found[0] else ""
    return f"{line.asked[0]}：{OUTCOMES[line.outcome][0]}{found}"
