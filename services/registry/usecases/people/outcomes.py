"""Shows what became of the rows of a register: to its office with the reasons, in full only as the file to be mended."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.registry.domain.fault import Fault, fault, unquoted
from services.registry.domain.people.columns import POPULATION_COLUMNS, POPULATION_TITLE
from services.registry.intake.template import RefusedRow, write_refused
from services.registry.store.access import log_access
from services.registry.store.population import get_population, list_lines, list_refused
from services.registry.usecases.parts import Parts
from services.registry.usecases.people.population import open_refused
from shared.messaging import Cause
from shared.security import Principal, Role


@dataclass(frozen=True, slots=True)
class LineView:
    """What became of a row: an outcome with its person, or faults. What an erased person's row said cannot be told."""

    row: int
    outcome: str
    person_id: str | None
    faults: tuple[Fault, ...]


def show_lines(
    parts: Parts, principal: Principal, population_id: str, outcome: str | None, *, page: int, size: int
) -> list[LineView]:
    """A page (from 1) of a register's rows in the order of the file. Raises PopulationUnknown."""
    with parts.database.session() as session:
        get_population(session, principal, population_id)
        lines = list_lines(session, population_id, outcome, offset=(page - 1) * size, limit=size)
        refused = [one.row for one in lines if one.person_id is None]
        opened = open_refused(list_refused(session, population_id, refused), parts.vault) if refused else ()
        faults = {row: found for row, _, found in opened}
    if not principal.has(Role.BUREAU):
        faults = {
            row: tuple(unquoted(one, POPULATION_COLUMNS) for one in found) for row, found in faults.items()
        }
    gone = (fault("row", "erased"),)
    return [
        LineView(
            one.row, one.outcome, one.person_id, faults.get(one.row, gone) if one.person_id is None else ()
        )
        for one in lines
    ]


def refused_file(parts: Parts, principal: Principal, population_id: str, *, cause: Cause) -> bytes:
    """The refused rows in full, fit to be mended and sent again; the look-up is logged. Raises PopulationUnknown."""
    with parts.database.session() as session:
        get_population(session, principal, population_id)
        refused = list(open_refused(list_refused(session, population_id), parts.vault))
        log_access(
            session,
            subject=principal.subject,
            purpose="refused-rows",
            request_ids=[f"{population_id}#{number}" for number, _, _ in refused],
            correlation_id=cause.correlation_id,
            principal=principal,
            at=parts.clock.now(),
        )
    rows = (RefusedRow(cells, *_reasons(faults)) for _, cells, faults in refused)
    return write_refused(rows, POPULATION_TITLE, POPULATION_COLUMNS)


def _reasons(faults: Sequence[Fault]) -> tuple[str, str]:
    return (
        "；".join(f"{one.zh}。{one.mend_zh}" for one in faults),
        "; ".join(f"{one.en}. {one.mend_en}" for one in faults),
    )
