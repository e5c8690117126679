"""Answers one question: what does this trip cost whom? Keeps no account and knows no plan.

subsidy = min(rate x charter, cap a vehicle), nothing below the minimum of passengers; split among the payers by
largest remainder, and the rest among the enterprises by head-count (Rizhao's rule, `domain.md` §2.1, §2.6).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.dispatcher.money.policy import Payer, Policy
from shared.kernel.money import share


@dataclass(frozen=True)
class Heads:
    """One enterprise's workers on a trip: seats booked, and of them who arrived and who is in dispute."""

    enterprise_id: str
    booked: int
    arrived: int
    disputed: int = 0

    @classmethod
    def as_booked(cls, enterprise_id: str, booked: int) -> "Heads":
        """Before the trip: everyone who is booked is expected."""
        return cls(enterprise_id, booked, arrived=booked)


@dataclass(frozen=True)
class Parties:
    """Who may have to pay for a trip: its season, origin county, destination prefecture and carrier."""

    season: str
    county_code: str
    prefecture_code: str
    carrier_id: str

    def payer_account(self, payer: Payer) -> str:
        """`payer:origin_county:522732:2020-spring`."""
        codes = {
            Payer.ORIGIN_COUNTY: self.county_code,
            Payer.ORIGIN_PREFECTURE: self.county_code[:4] + "00",
            Payer.ORIGIN_PROVINCE: self.county_code[:2] + "0000",
            Payer.DESTINATION_PREFECTURE: self.prefecture_code,
        }
        return f"payer:{payer}:{codes[payer]}:{self.season}"

    def enterprise_account(self, enterprise_id: str) -> str:
        return f"enterprise:{enterprise_id}:{self.season}"

    @property
    def carrier_account(self) -> str:
        return f"carrier:{self.carrier_id}:{self.season}"


@dataclass(frozen=True)
class Line:
    """One account's part of a trip's cost. `held_fen` waits for a dispute; `rule` names what made the line."""

    account: str
    due_fen: int
    held_fen: int
    rule: str

    @property
    def amount_fen(self) -> int:
        return self.due_fen + self.held_fen


def subsidy_fen(policy: Policy, charter_fen: int, passengers: int) -> int:
    """What government adds to one vehicle's charter, rounded down to whole fen; never more than the rate says."""
    if passengers == 0 or passengers < policy.min_passengers_vehicle:
        return 0
    by_rate = charter_fen * policy.rate_percent // 100
    return by_rate if policy.cap_vehicle_fen is None else min(by_rate, policy.cap_vehicle_fen)


def bear(policy: Policy, charter_fen: int, heads: Sequence[Heads], parties: Parties) -> tuple[Line, ...]:
    """Who bears what of one trip; due and held of all lines sum to `charter_fen` exactly.

    The parts of workers in dispute are held. Where the minimum is reached only with them, the whole subsidy is
    held. Below the minimum there is none and the enterprises bear all. Where nobody arrived, they bear it by
    the seats that they had booked. Raises ValueError for a trip on which nobody is booked.
    """
    arrived = sum(h.arrived for h in heads)
    disputed = sum(h.disputed for h in heads)
    public_fen = subsidy_fen(policy, charter_fen, arrived + disputed)
    certain = subsidy_fen(policy, charter_fen, arrived) == public_fen
    lines = _payer_lines(policy, public_fen, (arrived if certain else 0, disputed), parties)
    return (*lines, *_enterprise_lines(policy, charter_fen - public_fen, heads, parties))


def _payer_lines(
    policy: Policy, public_fen: int, weights: tuple[int, int], parties: Parties
) -> tuple[Line, ...]:
    """The payers' parts, each divided into due and held by the weights of arrived and disputed heads."""
    if not public_fen:
        return ()
    parts = share(public_fen, [payer.share for payer in policy.payers])
    lines = []
    for payer, part in zip(policy.payers, parts, strict=True):
        due, held = share(part, weights)
        lines.append(Line(parties.payer_account(payer.payer), due, held, policy.rule))
    return tuple(lines)


def _enterprise_lines(
    policy: Policy, private_fen: int, heads: Sequence[Heads], parties: Parties
) -> tuple[Line, ...]:
    """The enterprises' parts by head-count; what falls on disputed heads is held."""
    came = any(h.arrived or h.disputed for h in heads)
    weights = [w for h in heads for w in ((h.arrived, h.disputed) if came else (h.booked, 0))]
    parts = share(private_fen, weights)
    lines = (
        Line(parties.enterprise_account(h.enterprise_id), parts[2 * i], parts[2 * i + 1], policy.rule)
        for i, h in enumerate(heads)
    )
    return tuple(line for line in lines if line.amount_fen)
