"""One day of the trade as its users live it, over HTTP: bureaus upload, a dispatcher plans and approves, escorts
report who boarded, enterprises confirm who arrived. Knows only what the services offer to everybody."""

from services.day.claims import Outcome, claim_and_pay
from services.day.figures import Figures
from services.day.office import Office
from services.day.stages import CONFIRMED, PROVINCE, Day, live

__all__ = ["CONFIRMED", "PROVINCE", "Day", "Figures", "Office", "Outcome", "claim_and_pay", "live"]
