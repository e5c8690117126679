"""Invented enterprises stand at real places, near each other, under valid codes."""

import random

from stdnum.cn import uscc

from services.sample.enterprises import NEIGHBOURS_WITHIN_M, Directory, organisation_code
from shared import reference
from shared.reference.geodesy import great_circle_m


def test_an_organisation_code_is_that_of_a_published_example() -> None:
    assert organisation_code("60003734") == "60003734" + "1"


def test_credit_codes_pass_an_independent_check_and_are_distinct() -> None:
    directory = Directory(random.Random(1))
    for prefecture in reference.list_prefectures("440000"):
        directory.pick(prefecture.code, 3)
    codes = [e.uscc for e in directory.list_all()]
    assert len(set(codes)) == len(codes) > 40
    assert all(uscc.is_valid(code) for code in codes)


def test_names_are_distinct_and_say_that_they_are_examples() -> None:
    directory = Directory(random.Random(2))
    for _ in range(50):
        directory.pick("441900", 3)
    names = [e.name for e in directory.list_all()]
    assert len(set(names)) == len(names)
    assert all("示例" in name for name in names)


def test_every_gate_is_within_two_kilometres_of_a_real_town_or_zone_with_a_road() -> None:
    directory = Directory(random.Random(3))
    for prefecture in reference.list_prefectures("330000"):
        directory.pick(prefecture.code, 2)
    for enterprise in directory.list_all():
        place = reference.find_destination(enterprise.place.code)
        assert place is not None
        assert reference.has_road(place.code)
        for gate in enterprise.gates:
            assert great_circle_m((place.lon, place.lat), (gate.lon, gate.lat)) < 2_000


def test_the_enterprises_of_one_batch_are_near_each_other() -> None:
    directory = Directory(random.Random(4))
    for prefecture in reference.list_prefectures("440000"):
        first, *others = (e.place for e in directory.pick(prefecture.code, 3))
        for other in others:
            assert great_circle_m((first.lon, first.lat), (other.lon, other.lat)) < NEIGHBOURS_WITHIN_M


def test_every_coastal_prefecture_can_be_given_an_enterprise() -> None:
    directory = Directory(random.Random(5))
    for prefecture in reference.list_prefectures():
        if prefecture.province_code != "520000":
            assert directory.pick(prefecture.code, 1)
