"""Knows what was published of the relocated households of Guizhou, and how a share of it is rounded; invents nobody.

The figures of October 2021 and of the third quarter of 2024 are the province's (`domain.md` §5). Of each only a part was published:
what is assumed is marked.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.kernel.errors import InvalidInput

HOUSEHOLDS_MIN = 40
"""Fewer could not keep the figures apart."""


class ShareTooSmall(InvalidInput):
    """A share of {share} leaves {households} households with labour. Take one that leaves at least {least}, or 1 for all."""

    zh = "比例 {share} 仅余 {households} 个有劳动力家庭。请取至少余 {least} 户的比例，或取 1 表示全部。"


@dataclass(frozen=True, slots=True)
class Marginals:
    """What must come out to the unit. `outside`: of the employed, those outside the province."""

    as_of: date
    households: int
    people: int
    labour_households: int
    workers: int
    employed: int
    outside: int
    source: str

    def of_share(self, share: float) -> "Marginals":
        """The same of a share of the population, each figure rounded by itself. Raises ShareTooSmall."""
        part = {
            name: round(getattr(self, name) * share)
            for name in ("households", "people", "labour_households", "workers", "employed", "outside")
        }
        if part["labour_households"] < HOUSEHOLDS_MIN:
            raise ShareTooSmall(share=share, households=part["labour_households"], least=HOUSEHOLDS_MIN)
        return Marginals(self.as_of, **part, source=self.source)


MARGINALS: Final = {
    "oct-2021": Marginals(
        as_of=date(2021, 10, 31),
        households=431_600,
        people=1_920_800,
        labour_households=413_600,
        workers=991_400,
        employed=928_400,
        outside=round(928_400 * 477_100 / 963_800),
        source="published in October 2021; outside the province: assumed, the share published of Q3 2024",
    ),
    "q3-2024": Marginals(
        as_of=date(2024, 9, 30),
        households=431_600,
        people=1_920_800,
        labour_households=413_600,
        workers=round(963_800 / 0.961),
        employed=963_800,
        outside=477_100,
        source="published of Q3 2024; workers: assumed, so that the employed are the published 96.1 %; households and people: "
        "assumed as in October 2021",
    ),
}
