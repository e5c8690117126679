"""Which of several values stands, and what a clerk still has to weigh."""

from dataclasses import replace
from datetime import UTC, date, datetime

from services.registry.domain.people.statement import Kind, Said, replaces, weigh

DAYS = [datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 10)]


def said(n: int, value: str, *, person: str = "own", kind: Kind = Kind.PHONE, stands: bool = False) -> Said:
    return Said(f"s{n}", person, kind.value, value, date(2020, 1, n), stands, DAYS[n])


def test_the_first_value_stands_and_each_other_is_open_once() -> None:
    verdict = weigh(
        [said(1, "a", stands=True), said(2, "b"), said(3, "b"), said(4, "c"), said(5, "a")], "own"
    )
    assert verdict.standing.id == "s1"
    assert [one.id for one in verdict.open] == ["s2", "s4"]


def test_what_a_clerk_has_weighed_is_not_asked_about_again_whoever_repeats_it() -> None:
    settled = replace(said(1, "a", stands=True), settled_at=DAYS[3])
    verdict = weigh([settled, said(2, "b"), said(5, "b"), said(6, "c")], "own")
    assert [one.id for one in verdict.open] == ["s6"]


def test_in_a_merged_file_the_own_value_stands_until_one_is_settled() -> None:
    own, other = said(2, "a", stands=True), said(1, "b", person="other", stands=True)
    assert weigh([own, other], "own").standing == own
    assert [one.id for one in weigh([own, other], "own").open] == ["s1"]
    chosen = replace(other, settled_at=DAYS[5])
    verdict = weigh([own, chosen], "own", joined_at=DAYS[4])
    assert (verdict.standing, verdict.open) == (chosen, ())


def test_what_a_merge_brings_in_after_a_settling_is_open() -> None:
    own = replace(said(1, "a", stands=True), settled_at=DAYS[3])
    other = said(2, "b", person="other", stands=True)
    assert [one.id for one in weigh([own, other], "own", joined_at=DAYS[5]).open] == ["s2"]


def test_a_wish_is_as_good_as_its_day_unless_a_clerk_has_settled_it() -> None:
    assert replaces(Kind.JOB_WISH, date(2020, 2, 1), date(2020, 1, 1), settled=False)
    assert not replaces(Kind.JOB_WISH, date(2020, 1, 1), date(2020, 2, 1), settled=False)
    assert not replaces(Kind.JOB_WISH, date(2020, 2, 1), date(2020, 1, 1), settled=True)
    assert not replaces(Kind.PHONE, date(2020, 2, 1), date(2020, 1, 1), settled=False)
