"""How an export stands, from the moment it is asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from services.registry.domain.exchange.drawing import STATE_WORDS, ExportState, expires_at, state_of

DONE = datetime(2020, 2, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "finished_at", "failure", "after", "state"),
    [
        (None, None, None, 0, ExportState.WAITING),
        (0, None, None, 0, ExportState.DRAWING),
        (9, None, None, 0, ExportState.DRAWING),
        (9, DONE, None, 0, ExportState.READY),
        (9, DONE, None, 14 * 86400 - 1, ExportState.READY),
        (9, DONE, None, 14 * 86400, ExportState.EXPIRED),
        (9, None, "MappingUnknown", 0, ExportState.FAILED),
    ],
)
def test_it_waits_is_drawn_up_is_ready_for_some_days_and_expires(
    due: int | None, finished_at: datetime | None, failure: str | None, after: int, state: ExportState
) -> None:
    now = DONE + timedelta(seconds=after)
    found = state_of(due=due, finished_at=finished_at, failure=failure, file_days=14, now=now)
    assert found is state


def test_it_expires_so_many_days_after_it_was_ready_and_each_state_has_its_words() -> None:
    assert expires_at(DONE, 14) == datetime(2020, 2, 15, 9, tzinfo=UTC)
    assert set(STATE_WORDS) == set(ExportState)
