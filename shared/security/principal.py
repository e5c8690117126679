"""Who a caller is; refuses to know how it was proved."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller may do. SERVICE is one of our own services, machine to machine."""

    BUREAU = "bureau"
    DISPATCHER = "dispatcher"
    ENTERPRISE = "enterprise"
    CARRIER = "carrier"
    FINANCE = "finance"
    AUDIT = "audit"
    OPERATOR = "operator"
    SERVICE = "service"


@dataclass(frozen=True)
class Principal:
    """A caller. `areas` are prefixes of division codes: ("522732",) is a county, ("52",) the province.

    `organisation` is an enterprise's credit code or a carrier's id, None for a public body. `name` is what
    pages greet with: an office's name, never a worker's.
    """

    subject: str
    roles: frozenset[Role]
    areas: tuple[str, ...] = ()
    organisation: str | None = None
    name: str = ""

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds any of `roles`."""
        return not self.roles.isdisjoint(roles)
