"""Routes of resettlement sites and townships as units: one page's figures each."""

from fastapi import APIRouter
from pydantic import BaseModel

from services.registry.api.households_shapes import HouseholdCountOut
from services.registry.callers import IndicatorReader, PartsOf
from services.registry.usecases.households.sites import SiteView, show_site, show_sites

router = APIRouter(prefix="/api/sites", tags=["sites"])


class SiteOut(BaseModel):
    """A site or a township today; `open_cases` is told to its bureau alone."""

    site_code: str
    name: str
    kind: str
    county_code: str
    county_name: str
    people: int
    households_registered: int
    figures: HouseholdCountOut
    under_way: dict[str, int]
    on_the_road: int
    tasks_late: int
    open_cases: int | None
    zero_tasks: int

    @classmethod
    def of(cls, view: SiteView) -> "SiteOut":
        """As the reader may see it."""
        return cls(
            site_code=view.stop.code,
            name=view.stop.name,
            kind=view.stop.kind,
            county_code=view.stop.county_code,
            county_name=view.county_name,
            people=view.people,
            households_registered=view.households_registered,
            figures=HouseholdCountOut.of(view.figures),
            under_way={str(status): number for status, number in view.under_way.items()},
            on_the_road=view.on_the_road,
            tasks_late=view.tasks_late,
            open_cases=view.open_cases,
            zero_tasks=view.zero_tasks,
        )


class SiteList(BaseModel):
    """The resettlement sites of an area that the tables have: ten of the province's 946."""

    items: list[SiteOut]


@router.get("")
def list_all(principal: IndicatorReader, parts: PartsOf) -> SiteList:
    """The resettlement sites of the caller's area. Who lives at one that is not listed is registered at its township."""
    return SiteList(items=[SiteOut.of(view) for view in show_sites(parts, principal)])


@router.get("/{site_code}")
def show_one(site_code: str, principal: IndicatorReader, parts: PartsOf) -> SiteOut:
    """A site, or a township."""
    return SiteOut.of(show_site(parts, principal, site_code))
