"""A worker who is owed wages: told by telephone, mediated in vain, handed over to where they work, and awarded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.year.desk import Desk, day_of

OWED_FEN = 1_260_000
"""Two months' wages: 12,600 yuan."""
MEDIATION_DAYS = 15
AWARD_ON = 3
"""Day of the month of the award: 40 days after the application, and the law gives the office 45."""


@dataclass
class WageCase:
    """One case, step by step, as those who have it take it on."""

    desk: Desk
    person_id: str
    enterprise_id: str
    work_area: str
    case_id: str = ""

    def open(self, day: date) -> None:
        """The worker calls the bureau; a clerk takes it down and mediation begins."""
        self.desk.come(day)
        opened = self.desk.do(
            self.desk.bureau,
            "/api/cases",
            client_id=f"phone-{self.person_id}",
            case_type="unpaid_wages",
            facts="企业拖欠两个月工资，多次催要未付。",
            known_on=(day - timedelta(days=9)).isoformat(),
            is_employed=True,
            claimed_fen=OWED_FEN,
            person_id=self.person_id,
            enterprise=self.enterprise_id,
            confirmed=True,
        )
        self.case_id = opened["case_id"]
        for act in ("assign", "mediate"):
            self._step(self.desk.bureau, act)

    def arbitrate(self, mediated: date) -> Mapping[str, Any]:
        """Mediation came to nothing within its days: the bureau applies for arbitration where the worker works.

        What the case looked like on the day after its mediation was over.
        """
        self.desk.come(mediated + timedelta(days=MEDIATION_DAYS + 1))
        overdue = self.desk.ask(self.desk.bureau, f"/api/cases/{self.case_id}")
        self._step(self.desk.bureau, "arbitrate")
        self.desk.do(self.desk.bureau, f"/api/cases/{self.case_id}/hand-over", area=self.work_area)
        office = self.desk.rights_office(self.work_area)
        self.desk.do(office, f"/api/cases/{self.case_id}/accept")
        self._step(office, "admit")
        found: Mapping[str, Any] = overdue
        return found

    def award(self, month: date) -> Mapping[str, Any]:
        """The arbitration office awards all that is owed; once it is paid, the case is closed."""
        self.desk.come(day_of(month, AWARD_ON))
        office = self.desk.rights_office(self.work_area)
        self._step(office, "resolve", outcome="award", amount_fen=OWED_FEN)
        self._step(self.desk.bureau, "close")
        found: Mapping[str, Any] = self.desk.ask(self.desk.bureau, f"/api/cases/{self.case_id}")
        return found

    def _step(self, token: str, act: str, **more: Any) -> None:
        self.desk.do(token, f"/api/cases/{self.case_id}/steps", act=act, **more)
