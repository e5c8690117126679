"""What words about single days make of somebody's employment."""

from datetime import date

from services.registry.domain.tracking.spells import Place, Spell, displaced_by, say, say_same, undo

MARCH = date(2020, 3, 1)
E, F = Place("E", "441900"), Place("F", "330500")


def on(day: int, month: int = 3) -> date:
    return date(2020, month, day)


def spell(place: Place, since: date, until: date | None = None, source: str = "import/1") -> Spell:
    return Spell("P", since, until, place.enterprise_id, place.area_code, source)


def test_a_new_job_ends_the_old_one_on_its_first_day() -> None:
    told = say([spell(E, on(1, 1))], "P", on(10), F, "tracking/r")
    assert told == [spell(E, on(1, 1), on(10)), spell(F, on(10), source="tracking/r")]


def test_no_job_ends_the_old_one_and_begins_none() -> None:
    assert say([spell(E, on(1, 1))], "P", on(10), None, "tracking/r") == [spell(E, on(1, 1), on(10))]


def test_who_works_there_already_goes_on() -> None:
    known = [spell(E, on(1, 1))]
    assert say(known, "P", on(10), Place("E", "440300"), "arrival/q") == known


def test_what_others_say_of_a_later_day_is_not_touched() -> None:
    known = [spell(E, on(1, 1), on(20)), spell(F, on(20), source="arrival/q")]
    assert say(known, "P", on(10), None, "tracking/r") == [spell(E, on(1, 1), on(10)), known[1]]
    told = say(known, "P", on(10), Place(None, "520100"), "tracking/r")
    assert told[-1] == spell(Place(None, "520100"), on(10), on(20), "tracking/r")


def test_the_same_employer_takes_back_an_end_of_this_month() -> None:
    ended = [spell(E, on(1, 1), on(5))]
    assert say_same(ended, "P", on(9), E, "tracking/r", month=MARCH) == [spell(E, on(1, 1))]
    replaced = [*ended, spell(F, on(5), source="tracking/wrong")]
    assert say_same(replaced, "P", on(9), E, "tracking/r", month=MARCH) == [spell(E, on(1, 1))]


def test_the_same_employer_after_an_end_of_an_earlier_month_begins_again() -> None:
    ended = [spell(E, on(1, 1), on(5, 2))]
    told = say_same(ended, "P", on(9), E, "tracking/r", month=MARCH)
    assert told == [*ended, spell(E, on(9), source="tracking/r")]


def test_a_word_that_is_undone_leaves_things_as_they_were() -> None:
    before = [spell(E, on(1, 1))]
    for place in (F, None):
        after = say(before, "P", on(10), place, "tracking/r")
        assert undo(after, on(10), "tracking/r") == before


def test_an_arrival_that_is_undone_gives_back_what_it_replaced() -> None:
    before = [spell(E, on(1, 1), on(10)), spell(Place(None, "520100"), on(10), on(1, 6))]
    after = say(before, "P", on(10), F, "arrival/q")
    assert after == [before[0], spell(F, on(10), source="arrival/q")]
    assert undo(after, on(10), "arrival/q", displaced_by(before, after)) == before


def test_what_is_given_back_ends_where_something_newer_begins() -> None:
    before = [spell(E, on(1, 1))]
    after = say(before, "P", on(10), F, "arrival/q")
    later = say(after, "P", on(20), Place(None, "520100"), "import/2")
    told = undo(later, on(10), "arrival/q", displaced_by(before, after))
    assert sorted(told, key=lambda one: one.valid_from) == [spell(E, on(1, 1), on(20)), later[-1]]
