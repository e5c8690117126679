"""Who a caller is; refuses to know how it was proved."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.security.errors import RolesDontMix


class Role(StrEnum):
    """What a caller may do. HELPER is one named official with a list of people, RIGHTS an office that takes up cases
    (mediation, arbitration, legal aid, inspection, a destination's station), SERVICE one of our own services.
    """

    BUREAU = "bureau"
    DISPATCHER = "dispatcher"
    ENTERPRISE = "enterprise"
    CARRIER = "carrier"
    FINANCE = "finance"
    AUDIT = "audit"
    OPERATOR = "operator"
    HELPER = "helper"
    RIGHTS = "rights"
    SERVICE = "service"


ROLE_WORDS: Final[dict[Role, tuple[str, str]]] = {
    Role.BUREAU: ("人社部门", "labour bureau"),
    Role.DISPATCHER: ("调度员", "dispatcher"),
    Role.ENTERPRISE: ("用工企业", "enterprise"),
    Role.CARRIER: ("客运企业", "carrier"),
    Role.FINANCE: ("财政部门", "finance"),
    Role.AUDIT: ("审计部门", "audit"),
    Role.OPERATOR: ("系统管理员", "operator"),
    Role.HELPER: ("帮扶责任人", "named helper"),
    Role.RIGHTS: ("维权机构", "rights office"),
    Role.SERVICE: ("内部服务", "service"),
}
"""A role in Chinese and English."""


OFFICES: Final = frozenset({Role.BUREAU, Role.DISPATCHER, Role.FINANCE, Role.AUDIT, Role.OPERATOR})
"""The roles of public bodies, each held to its area; one body may hold several."""


@dataclass(frozen=True)
class Principal:
    """A caller. `areas` are prefixes of division codes: ("522732",) is a county, ("52",) the province.

    `organisation` is an enterprise's credit code or a carrier's id, None for a public body. `name` is what
    pages greet with: an office's name, never a worker's.

    An enterprise, a carrier, a helper, a rights office and a service hold that one role alone: with a second one a route could take them for
    what they are not, and leave the organisation out. Raises RolesDontMix.
    """

    subject: str
    roles: frozenset[Role]
    areas: tuple[str, ...] = ()
    organisation: str | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if len(self.roles) > 1 and not self.roles <= OFFICES:
            raise RolesDontMix(roles=", ".join(sorted(self.roles)))

    @property
    def display_name(self) -> str:
        """What pages call the caller."""
        return self.name or self.subject

    def has(self, *roles: Role) -> bool:
        """Whether the caller holds any of `roles`."""
        return not self.roles.isdisjoint(roles)
