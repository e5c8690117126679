"""The year after a day of departure as its users live it, over HTTP; knows only what the services offer to everybody."""

from services.year.year import Outcome, live_year

__all__ = ["Outcome", "live_year"]
