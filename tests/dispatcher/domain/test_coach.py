import pytest

from services.dispatcher.domain.coach import BadCoach, count_crew, count_sellable_seats


@pytest.mark.parametrize(
    ("approved", "at_half", "at_full"),
    [
        (19, 9, 16),
        (35, 17, 32),
        (39, 19, 36),
        (45, 22, 42),
        (49, 24, 46),
        (53, 26, 50),
        (55, 27, 52),
        (59, 29, 56),
    ],
)
def test_sellable_seats_are_those_of_the_published_table(approved: int, at_half: int, at_full: int) -> None:
    assert count_sellable_seats(approved, 50, crew=3) == at_half
    assert count_sellable_seats(approved, 100, crew=3) == at_full


def test_a_coach_smaller_than_its_crew_sells_no_seat() -> None:
    assert count_sellable_seats(2, 100, crew=3) == 0


def test_a_load_factor_above_one_is_refused_in_both_languages() -> None:
    with pytest.raises(BadCoach) as refused:
        count_sellable_seats(49, 110, crew=3)
    assert "load_percent is 110" in refused.value.message("en")
    assert "load_percent 为 110" in refused.value.message("zh")


@pytest.mark.parametrize(
    ("distance_m", "expressway", "crew"),
    [
        (400_000, False, 2),
        (400_001, False, 3),
        (600_000, True, 2),
        (600_001, True, 3),
        (1_899_999, True, 3),
        (1_900_000, True, 4),
    ],
)
def test_the_crew_grows_with_the_distance(distance_m: int, expressway: bool, crew: int) -> None:
    assert count_crew(distance_m, expressway=expressway) == crew
