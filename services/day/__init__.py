"""One day of the trade as its users live it, over HTTP: bureaus upload, a dispatcher plans and approves, escorts
report who boarded, enterprises confirm who arrived. Knows only what the services offer to everybody."""

from services.day.office import Office
from services.day.stages import PROVINCE, STATUSES, Day, live

__all__ = ["PROVINCE", "STATUSES", "Day", "Office", "live"]
