"""Speaks for the county's people over HTTP, each as who they are, and moves the clock; decides nothing."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from services.day import PROVINCE, Office
from shared.kernel.clock import SHANGHAI, ReplayClock
from shared.security import Role

REGISTRY = "registry"


@dataclass(frozen=True)
class Desk:
    """The bureau of one county, its helpers, the province's operator, and the rights office of a destination."""

    office: Office
    clock: ReplayClock
    county_code: str

    def come(self, day: date) -> None:
        """It is ten in the morning of that day; whoever acts signs in anew."""
        self.clock.jump_to(datetime.combine(day, time(10), SHANGHAI))
        self.office.token.cache_clear()

    @property
    def bureau(self) -> str:
        """The token of the county's labour bureau."""
        return self.office.token(Role.BUREAU, self.county_code)

    @property
    def second_clerk(self) -> str:
        """The token of somebody else of the bureau, who confirms what the first has made."""
        return self.office.token(Role.BUREAU, self.county_code, subject="second.clerk")

    @property
    def operator(self) -> str:
        """The token of the province's operator."""
        return self.office.token(Role.OPERATOR, PROVINCE)

    def helper(self, helper_id: str) -> str:
        """The token of a named helper."""
        return self.office.token(Role.HELPER, self.county_code, subject=helper_id)

    def rights_office(self, area: str) -> str:
        """The token of the office that takes up cases in a division."""
        return self.office.token(Role.RIGHTS, area)

    def ask(self, token: str, path: str, **params: Any) -> Any:
        """What the registry answers to a question."""
        return self.office.call(token, REGISTRY, "GET", path, params=params)

    def do(self, token: str, path: str, **body: Any) -> Any:
        """What the registry answers to an act."""
        return self.office.call(token, REGISTRY, "POST", path, json=body)

    def send(self, token: str, path: str, file: Path, **fields: str) -> Any:
        """What the registry answers to a file."""
        sent = {"file": (file.name, file.read_bytes())}
        return self.office.call(token, REGISTRY, "POST", path, files=sent, data=fields)

    def people_of(self, helper_id: str) -> list[dict[str, Any]]:
        """A helper's list of this month, names and phones in full."""
        found: list[dict[str, Any]] = self.ask(self.helper(helper_id), "/api/tracking/my-list")["people"]
        return found


def record_of(person: dict[str, Any], at: datetime, outcome: str, **place: Any) -> dict[str, Any]:
    """What a helper's phone sends of one call."""
    return {
        "record_id": str(uuid.uuid4()),
        "person_id": person["person_id"],
        "month": person["month"],
        "outcome": outcome,
        "tried_at": at.isoformat(),
        "recorded_at": at.isoformat(),
        **place,
    }


def day_of(month: date, day: int, *, after: int = 0) -> date:
    """That day of the month that comes so many months after `month`."""
    index = month.year * 12 + month.month - 1 + after
    return date(index // 12, index % 12 + 1, day)
