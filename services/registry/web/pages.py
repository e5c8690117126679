"""What the registry's pages share: templates, words of codes, days of forms, own script; decides nothing."""

from datetime import date
from pathlib import Path
from typing import Final

from services.registry.domain.status import FactKind, Status
from services.registry.domain.withdrawal import WORDS as WITHDRAWAL_WORDS
from services.registry.domain.withdrawal import WithdrawalReason
from services.registry.usecases.place_names import place_name
from shared.http import t
from shared.roster import CATEGORY_WORDS, ORGANISING_MODE_WORDS, Category, OrganisingMode
from shared.web import assets, templates

HERE: Final = Path(__file__).parent
PAGE_SIZE: Final = 50
_CATEGORIES: Final = {str(code): word for word, code in CATEGORY_WORDS.items()}
_MODES: Final = {str(code): word for word, code in ORGANISING_MODE_WORDS.items()}
_CATEGORIES_EN: Final = {
    Category.ORDINARY: "ordinary",
    Category.REGISTERED_POOR: "lifted out of poverty",
    Category.RELOCATED: "relocated",
    Category.MARGINAL_RISK: "at risk of poverty",
    Category.UNSTABLE: "out of poverty, not yet stable",
    Category.SUDDEN_DIFFICULTY: "in sudden difficulty",
    Category.LOW_INCOME: "rural low income",
}
_MODES_EN: Final = {
    OrganisingMode.GOV_PURCHASE: "government purchase of the service",
    OrganisingMode.GOV_PART_SUBSIDY: "part of the charter subsidised",
    OrganisingMode.DEST_AREA_ORGANISED: "organised by the destination",
    OrganisingMode.ENTERPRISE_ORGANISED: "the enterprise's own coach",
}
_FACTS: Final[dict[str, tuple[str, str]]] = {
    FactKind.POOLED: ("已进入待编池", "Waits in the pool"),
    FactKind.UNSERVED: ("本轮未能安排", "Not carried this round"),
    FactKind.NOTIFIED: ("已通知本人", "Told about the trip"),
    FactKind.DEPARTED: ("已发车", "The coach has left"),
}
_FACT_VALUES: Final[dict[tuple[str, str], tuple[str, str]]] = {
    (FactKind.SEAT, "held"): ("已编入车次", "Has a seat"),
    (FactKind.SEAT, "released"): ("已从车次移出", "Seat taken away"),
    (FactKind.BOARDING, Status.BOARDED): ("跟车人员确认上车", "On board, says the escort"),
    (FactKind.BOARDING, Status.NO_SHOW): ("跟车人员记录未到", "Did not come, says the escort"),
    (FactKind.ARRIVAL, Status.ARRIVED): ("企业确认到厂", "Arrived, says the enterprise"),
    (FactKind.ARRIVAL, Status.NO_SHOW): ("企业确认未到", "Did not arrive, says the enterprise"),
    (FactKind.ARRIVAL, Status.REFUSED): ("企业未接收", "Refused by the enterprise"),
    (FactKind.ARRIVAL, Status.DISPUTED): ("企业提出异议", "Disputed by the enterprise"),
}


def read_day(text: str) -> date | None:
    """The day of a form; an empty field, or one that a browser without date fields sent wrong, is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def fact_words(kind: str, value: str) -> str:
    """What a fact says, in the reader's language."""
    return t(*(_FACT_VALUES.get((kind, value)) or _FACTS.get(kind, (kind, kind))))


def category_words(code: str) -> str:
    """A category in the reader's language."""
    return t(_CATEGORIES[code], _CATEGORIES_EN[Category(code)])


def mode_words(code: str) -> str:
    """An organising mode in the reader's language."""
    return t(_MODES[code], _MODES_EN[OrganisingMode(code)])


def withdrawal_words(code: str) -> str:
    """A reason for withdrawing in the reader's language."""
    return t(*WITHDRAWAL_WORDS[WithdrawalReason(code)])


def fault_place(field: str) -> str:
    """`line 3: amount.fen`, as the readers of YAML files name a place, in the reader's language."""
    line, _, path = field.removeprefix("line ").partition(": ")
    return t(f"第 {line} 行：{path}", field)


TEMPLATES = templates(HERE / "templates")
router = assets(HERE / "static", TEMPLATES)
TEMPLATES.env.filters.update(
    place=place_name,
    category=category_words,
    mode=mode_words,
    withdrawal=withdrawal_words,
    fault_place=fault_place,
)
TEMPLATES.env.globals.update(fact_words=fact_words)
