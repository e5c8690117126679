"""The name of the season that a day of departure falls in."""

from datetime import date


def season_of(departure: date) -> str:
    """`2020-spring` for January to June, `2020-autumn` for the rest: the two times of going back to work."""
    return f"{departure.year}-{'spring' if departure.month <= 6 else 'autumn'}"
