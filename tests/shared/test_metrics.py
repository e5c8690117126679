from collections.abc import Iterable

import pytest

from shared.metrics import Metrics, Reading, Watched


def test_what_is_watched_is_read_at_each_scrape() -> None:
    metrics = Metrics("dispatcher")
    ages = iter([3.0, 5.0])
    metrics.watch(lambda: [Reading(Watched.OUTBOX_AGE_S, next(ages))])
    assert b"zhida_outbox_age_seconds 3.0" in metrics.render()
    assert b"zhida_outbox_age_seconds 5.0" in metrics.render()


def test_a_reading_carries_its_labels() -> None:
    metrics = Metrics("notifier")
    metrics.watch(
        lambda: [
            Reading(Watched.NOTICES, 7, ("sms", "sent")),
            Reading(Watched.NOTICES, 1, ("email", "pending")),
        ]
    )
    shown = metrics.render().decode()
    assert 'zhida_notices{channel="sms",outcome="sent"} 7.0' in shown
    assert 'zhida_notices{channel="email",outcome="pending"} 1.0' in shown
    assert shown.count("# TYPE zhida_notices gauge") == 1


def test_nothing_is_read_before_a_scrape() -> None:
    def read() -> Iterable[Reading]:
        raise AssertionError("read too early")

    Metrics("registry").watch(read)


def test_a_watcher_that_fails_is_logged_and_counted_and_hides_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    metrics = Metrics("registry")

    def away() -> Iterable[Reading]:
        yield Reading(Watched.OUTBOX_UNPUBLISHED, 4)
        raise ConnectionError("no database")

    metrics.watch(away)
    metrics.watch(lambda: [Reading(Watched.TRIPS, 2, ("approved",))])
    metrics.requests_in.labels("accepted").inc(95)
    shown = metrics.render().decode()
    assert 'zhida_trips{state="approved"} 2.0' in shown
    assert 'zhida_requests_in_total{outcome="accepted"} 95.0' in shown
    assert metrics.watch_failures._value.get() == 1
    assert "no database" in caplog.text


def test_three_services_fit_in_one_process() -> None:
    registry, notifier = Metrics("registry"), Metrics("notifier")
    registry.events_stale.labels("zhida.TripPublished.v1").inc()
    assert b"TripPublished" in registry.render()
    assert b"TripPublished" not in notifier.render()
    assert b'zhida_info{service="notifier"} 1.0' in notifier.render()


def test_every_metric_is_named_after_the_product_and_explained() -> None:
    helps = [line for line in Metrics("x").render().decode().splitlines() if line.startswith("# HELP")]
    assert len(helps) > 12
    assert all(line.split()[2].startswith("zhida_") and len(line.split()) > 4 for line in helps)
