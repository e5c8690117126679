"""Which roles have which part in a claim."""

from shared.security import Role

CLAIMANTS = (Role.ENTERPRISE, Role.CARRIER)
REVIEWERS = (Role.BUREAU,)
PAYERS = (Role.FINANCE,)
CLAWERS = (Role.BUREAU, Role.AUDIT)
PARTIES = (*CLAIMANTS, Role.BUREAU, Role.FINANCE, Role.AUDIT)
"""Who hands documents in and opens them."""
