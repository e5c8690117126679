"""Invented people are valid by every rule, distinct, and nobody."""

import random
from datetime import date

from stdnum.iso7064 import mod_11_2

from services.sample.people import (
    AGE_MAX,
    AGE_MIN,
    AREA_NOBODY_HAS,
    MOBILE_RANGE_NOT_ISSUED,
    Crowd,
    check_character,
)
from shared import reference

TODAY = date(2020, 2, 24)


def test_the_check_character_is_that_of_a_published_example() -> None:
    assert check_character("11010519491231002") == "X"


def test_an_invented_id_passes_an_independent_checksum_and_gives_a_working_age() -> None:
    crowd = Crowd(random.Random(1), TODAY)
    for person in (crowd.invent() for _ in range(500)):
        first17, last = person.resident_id[:17], person.resident_id[17]
        assert mod_11_2.calc_check_digit(first17) == last
        born = date(int(first17[6:10]), int(first17[10:12]), int(first17[12:14]))
        assert AGE_MIN <= (TODAY - born).days / 365.2425 < AGE_MAX + 1


def test_a_hundred_thousand_people_are_all_distinct() -> None:
    crowd = Crowd(random.Random(2), TODAY)
    people = [crowd.invent() for _ in range(100_000)]
    assert len({p.resident_id for p in people}) == len({p.phone for p in people}) == 100_000
    assert all(len(p.phone) == 11 and p.phone.startswith(MOBILE_RANGE_NOT_ISSUED) for p in people)
    assert all(2 <= len(p.name) <= 4 for p in people)


def test_no_division_of_any_edition_has_the_area_code_of_the_invented() -> None:
    codes = {c.code for c in reference.list_counties()} | {p.code for p in reference.list_prefectures()}
    changes = reference.list_code_changes()
    codes |= {c.old_code for c in changes} | {c.new_code for c in changes}
    codes |= {s.code[:6] for s in reference.list_stops()}
    assert AREA_NOBODY_HAS not in codes
    assert not any(code[:4] == AREA_NOBODY_HAS[:4] for code in codes)


def test_the_standard_library_of_number_formats_has_never_heard_of_the_area_code() -> None:
    from stdnum import numdb

    [(_, province), *rest] = numdb.get("cn/loc").info(AREA_NOBODY_HAS)
    assert "county" not in province
    assert not any("county" in found for _, found in rest)
