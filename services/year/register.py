"""The bureau names helpers for its stops and sends its register of people, before anybody travels."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from services.year.desk import Desk
from services.year.roll import Roll, write_register
from shared.reference import list_county_stops

PATIENCE_S = 120.0


def register_people(
    desk: Desk, folder: Path, roll: Roll, day: date
) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    """The helpers' ids, and what became of the register."""
    stops = sorted({one.stop for one in roll.workers})
    helpers = {stop: f"helper-{roll.county_code}-{number}" for number, stop in enumerate(stops, 1)}
    codes = {stop.name: stop.code for stop in list_county_stops(roll.county_code)}
    for number, (stop, helper_id) in enumerate(helpers.items(), 1):
        desk.do(
            desk.bureau,
            "/api/helpers",
            helper_id=helper_id,
            name=f"帮扶干部{'甲乙丙丁戊己庚辛壬癸'[number % 10]}",
            phone=f"155{number:08}",
            place_code=codes[stop],
        )
    path = folder / "register.xlsx"
    write_register(path, roll, helpers, day)
    sent = desk.send(desk.bureau, "/api/population", path)
    where = f"/api/population/{sent['population_id']}"

    def finished() -> bool:
        return bool(desk.ask(desk.bureau, where)["finished_at"])

    desk.office.await_true(finished, "the register is taken in", PATIENCE_S)
    found: Mapping[str, Any] = desk.ask(desk.bureau, where)
    return tuple(helpers.values()), found
