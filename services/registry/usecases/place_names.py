"""What places are called on lists and pages, from a province down to a township or site."""

from functools import cache

from shared.reference import find_county, find_destination, list_counties, list_prefectures, list_stops


@cache
def _names() -> dict[str, str]:
    """Provinces and prefectures also by the digits that are theirs alone, as areas are named."""
    named = {one.province_code: one.province_name for one in list_prefectures()}
    named |= {one.prefecture_code: one.prefecture_name for one in list_counties()}
    short = {code[:2] if code.endswith("0000") else code[:4]: name for code, name in named.items()}
    counties = {one.code: one.name for one in list_counties()}
    return named | short | {one.code: one.name for one in list_stops()} | counties


def place_name(code: str) -> str:
    """The name of a division, township or site by its code; the code where it has none here."""
    if code in _names():
        return _names()[code]
    known = find_county(code) or find_destination(code)
    return known.name if known else code
