"""Knows how to invent the relocated population that counties have on their registers, with the province's published sums.

Published: how many households, people, workers and employed (Oct 2021), and how many of them outside the province (Q3 2024).
Real: the counties, townships, sites and prefectures. Assumed: what the modules say so of. Invented: every person.
"""

from services.sample.population.households import Household, Member, list_households
from services.sample.population.marginals import MARGINALS, Marginals, ShareTooSmall
from services.sample.population.write import PopulationSummary, write_population

__all__ = [
    "MARGINALS",
    "Household",
    "Marginals",
    "Member",
    "PopulationSummary",
    "ShareTooSmall",
    "list_households",
    "write_population",
]
