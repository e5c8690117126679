"""However many people there are, the database is asked the same number of questions."""

from collections.abc import Callable

import pytest
from sqlalchemy.pool import QueuePool

from services.registry.intake import sheets
from services.registry.store.exchange import sent
from services.registry.usecases.exchange.drawing import Drawing
from services.registry.usecases.exchange.receipts import receive
from services.registry.usecases.exchange.take_in import take_in
from services.registry.usecases.exchange.write import write_file
from shared.messaging import Cause
from tests.registry.api.test_province_imports import stranger
from tests.registry.conftest import Registry
from tests.registry.exchanging import as_csv, people, receipt, their_line
from tests.registry.usecases.exchange.test_round_trip import BUREAU, asked_for


def questions(registry: Registry, number: int) -> list[int]:
    """How many are asked to draw up, write, answer and take in a month of so many people, known and new."""
    registry.empty("enterprise", "gate")
    people(registry, range(1, number + 1))
    counts = []

    def count(step: Callable[[], object]) -> None:
        with registry.statements() as asked:
            step()
        counts.append(len(asked))

    parts, pieces = registry.parts, []
    export_id = asked_for(registry, only_changed=True)
    count(lambda: Drawing(parts).look())
    cause = Cause.fresh()
    count(
        lambda: pieces.extend(write_file(parts, BUREAU, export_id, kind="csv", encoding="utf-8", cause=cause))
    )
    answers = as_csv([receipt(f"{export_id}-{row}") for row in range(1, number + 1)])
    named = {"mapping_id": None, "area_code": None}
    count(lambda: receive(parts, BUREAU, answers, file="x.csv", export_id=None, **named))
    count(lambda: take_in(parts, BUREAU, b"".join(pieces), file="x.csv", **named))
    fresh = as_csv([their_line(stranger(500 + one)) for one in range(number)])
    count(lambda: take_in(parts, BUREAU, fresh, file="x.csv", **named))
    return counts


def test_nothing_is_asked_person_by_person(registry: Registry) -> None:
    assert questions(registry, 2) == questions(registry, 20)


def test_whoever_takes_a_file_slowly_keeps_no_transaction_open(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.empty("enterprise", "gate")
    people(registry, range(1, 4))
    monkeypatch.setattr(sheets, "_LINES_A_PIECE", 1)
    monkeypatch.setattr(sent, "PIECE", 2)
    parts, pool = registry.parts, registry.parts.database.engine.pool
    export_id = asked_for(registry)
    Drawing(parts).look()
    pieces = write_file(parts, BUREAU, export_id, kind="csv", encoding="utf-8", cause=Cause.fresh())
    assert isinstance(pool, QueuePool)
    taken = []
    for piece in pieces:
        assert pool.checkedout() == 0
        taken.append(piece)
    assert [len(piece) > 0 for piece in taken] == [True] * 5 + [False], "a mark, the headings, three people"
