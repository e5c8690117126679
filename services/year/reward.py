"""An agency's reward: earned for who has a contract of a year and three months of insurance, refused for who has not."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from services.registry.domain.outside import LIST_COLUMNS, OutsideKind
from services.sample.workbook import Cell, write_workbook
from services.year.desk import Desk
from services.year.roll import Worker

AGENCY_ID = "91529900YY0000091A"
"""Invented, under an area that nobody has."""
PRESET = "guizhou-2021-agency"
CONTRACT_MONTHS, INSURED_MONTHS = 12, 3
SOURCE = "示例社保局"


def load_evidence(
    desk: Desk, folder: Path, workers: Sequence[Worker], uninsured: Worker, began: date
) -> None:
    """The lists of other offices: contracts of all of these workers, insurance of all but one."""
    contracts: list[Mapping[str, Cell]] = [
        {
            "resident_id": one.resident_id,
            "enterprise_id": one.enterprise_id,
            "period": began,
            "months": CONTRACT_MONTHS,
            "source": SOURCE,
        }
        for one in workers
    ]
    insured: list[Mapping[str, Cell]] = [
        {
            "resident_id": one.resident_id,
            "enterprise_id": one.enterprise_id,
            "period": f"{began.year}-{began.month + month:02}",
            "source": SOURCE,
        }
        for one in workers
        if one != uninsured
        for month in range(1, INSURED_MONTHS + 1)
    ]
    for kind, rows in ((OutsideKind.CONTRACT, contracts), (OutsideKind.EMPLOYMENT, insured)):
        path, columns = folder / f"{kind}.xlsx", LIST_COLUMNS[kind]
        lines = [[row[column.key] for column in columns] for row in rows]
        write_workbook(path, "名单", [column.zh for column in columns], lines)
        desk.send(desk.bureau, "/api/outside-lists", path, kind=kind)


def reward_agency(desk: Desk, first_day: date, last_day: date) -> Mapping[str, Any]:
    """The list of what the agency has earned by the journeys of these days, confirmed and handed over to finance."""
    rule = desk.do(desk.bureau, "/api/reward-rules", preset=PRESET, valid_from=f"{first_day.year}-01-01")
    asked = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    made = desk.do(
        desk.bureau,
        "/api/reward-lists",
        reward_rule_id=rule["reward_rule_id"],
        claimant_id=AGENCY_ID,
        **asked,
    )
    path = f"/api/reward-lists/{made['reward_list_id']}"
    desk.do(desk.second_clerk, f"{path}/confirm")
    desk.do(desk.bureau, f"{path}/hand-over")
    found: Mapping[str, Any] = desk.ask(desk.bureau, path)
    return found
