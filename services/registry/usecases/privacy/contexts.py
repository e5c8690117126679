"""Knows to what each sealed column of every table is bound, so that a copy or an erasure opens them all and forgets none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from services.registry.domain.months import month_text
from services.registry.store.people import resident_id_context
from services.registry.store.privacy.subjects import PERSON
from services.registry.usecases.exchange.facts import employer_context
from services.registry.usecases.households.act import help_context
from services.registry.usecases.people.say import value_context
from services.registry.usecases.rights.steps import document_context, facts_context, note_context
from services.registry.usecases.submit import name_context, phone_context

Row = Mapping[str, Any]
SEALED: Final = "_sealed"
CONTEXTS: Final[Mapping[tuple[str, str], Callable[[Row], str]]] = {
    ("person", "resident_id_sealed"): lambda row: resident_id_context(row["id"]),
    ("travel_request", "name_sealed"): lambda row: name_context(row["id"]),
    ("travel_request", "phone_sealed"): lambda row: phone_context(row["id"]),
    ("statement", "value_sealed"): lambda row: value_context(row[PERSON], row["kind"]),
    ("person_merge", "reason_sealed"): lambda row: f"merge/{row['id']}/reason",
    ("population_refused", "sealed"): lambda row: f"population/{row['population_id']}/{row['row']}",
    ("refused_row", "sealed"): lambda row: f"roster/{row['roster_id']}/{row['row']}",
    ("rights_case", "facts_sealed"): lambda row: facts_context(row["id"]),
    ("rights_step", "note_sealed"): lambda row: note_context(row["case_id"], row["number"]),
    ("rights_document", "name_sealed"): lambda row: document_context(row["id"], "name"),
    ("rights_document", "sha256_sealed"): lambda row: document_context(row["id"], "sha256"),
    ("rights_document", "content_sealed"): lambda row: document_context(row["id"], "content"),
    ("province_state", "employer_sealed"): lambda row: employer_context(
        row[PERSON], month_text(row["month"]), row["import_id"]
    ),
    ("zero_help", "words_sealed"): lambda row: help_context(row["task_id"], row["kind"], row["number"]),
}
"""What a sealed column is bound to, where that is not TABLE/PRIMARY KEY/COLUMN (without `_sealed`): what new tables take."""


def context_of(table: str, column: str, primary_key: Sequence[str], row: Row) -> str:
    """What a sealed column of a row is bound to."""
    special = CONTEXTS.get((table, column))
    if special is not None:
        return special(row)
    return "/".join([table, *(str(row[one]) for one in primary_key), column.removesuffix(SEALED)])
