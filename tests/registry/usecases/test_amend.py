"""Amending a request while others are at work on the same worker."""

from services.registry.domain.row import Row
from services.registry.usecases.submit import Sender, submit
from shared.messaging import Cause
from tests.racing import run_into
from tests.registry.conftest import LIBO, Registry
from tests.registry.rosters import worker

SPRING = {"earliest": "2020-06-24", "latest": "2020-06-28"}
AUTUMN = {"earliest": "2020-07-02", "latest": "2020-07-05"}


def test_a_window_that_moves_into_a_season_beside_an_upload_for_it_waits_and_is_refused(
    registry: Registry,
) -> None:
    registry.clock.advance(days=120)
    [request_id] = registry.accept(worker(1, **SPRING))
    client, parts = registry.client(), registry.parts
    row = Row(1, worker(1, stop="玉屏街道", **AUTUMN))
    with parts.database.session() as session:
        submit(
            session,
            [row],
            Sender(LIBO, "荔波县人社局", "batch"),
            vault=parts.vault,
            clock=parts.clock,
            cause=Cause.fresh(),
        )
        amending = run_into(parts.database, lambda: client.patch(f"/api/requests/{request_id}", json=AUTUMN))
        assert not amending.done()
    answer = amending.result(60)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "active-elsewhere")
    assert sorted(registry.sql("SELECT season, version FROM travel_request")) == [
        ("2020-autumn", 1),
        ("2020-spring", 1),
    ]
