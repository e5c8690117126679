"""An area as the range of place codes that begin with it: an index is read along it, whatever its collation of digits."""


def bounds(area: str) -> tuple[str, str]:
    """The first code of an area, and the first that is beyond it; `area` ends in a digit."""
    return area, area[:-1] + chr(ord(area[-1]) + 1)
