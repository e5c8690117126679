"""Adds up what a book's transfers do to every account, per trip and in all, with code of its own for the audit."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.dispatcher.money.books.findings import Code, Findings, ToRecover
from services.dispatcher.money.books.recount import Json, recount

Entry = list[str]
"""Id, kind, debit, credit, fen, trip, number, season, rule, cause, answers, corrects, source, county."""
FIELDS = 14
RESERVED, COMMITTED, SETTLED, PAID, LIMIT = range(5)
_STAGES = {"reserved": RESERVED, "committed": COMMITTED, "settled": SETTLED, "paid": PAID}
_SHAPES: dict[str, tuple[bool, tuple[str | None, ...], str | None]] = {
    "reserve": (False, (None,), "reserved"),
    "commit": (False, ("reserved",), "committed"),
    "settle": (False, (None, "reserved", "committed"), "settled"),
    "release": (True, ("reserved", "committed"), None),
    "correct": (True, ("settled",), None),
    "pay": (False, (None,), "paid"),
    "recover": (True, ("paid",), None),
}
"""Kind -> whether it runs back to the payer, the stages that it may take from, the stage that it adds to."""
_CORRECTED = {"correct": "settled", "recover": "paid"}


@dataclass
class TripTally:
    """What the books have of a trip."""

    accounts: dict[str, list[int]] = field(default_factory=dict)
    """Payer -> its stages."""
    counts: Counter[str] = field(default_factory=Counter)
    """Payer -> its entries so far."""
    entries: dict[str, list[Any]] = field(default_factory=dict)
    """Id -> payer, stage that it added to, what is left of it, the other end."""
    paid: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Payer and claimant -> fen."""
    facts: str | None = None
    """Of its last bill, as text: as objects they would take ten times the memory."""


@dataclass
class Tally:
    """Every trip's and every account's sums so far; tells a transfer that cannot be."""

    findings: Findings
    trips: dict[str, TripTally] = field(default_factory=lambda: defaultdict(TripTally))
    accounts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 5))
    """Account -> its stages and its limit."""

    def enter(self, trip: TripTally, entry: Entry) -> tuple[str, str]:
        """Add an entry to its trip and accounts; whose money it is, and the other end."""
        identity, kind, debit, credit, amount, _, number, _, _, _, answers, corrects, source, _ = entry
        fen = int(amount)
        backwards, takes, adds = _SHAPES[kind]
        payer, other = (credit, debit) if backwards else (debit, credit)
        trip.counts[payer] += 1
        if trip.counts[payer] != int(number):
            self.findings.tell(Code.FORM, identity, f"number 序号 {number}", str(trip.counts[payer]))
        stage = self._take(trip, entry, payer, other, fen) if answers or corrects else None
        if stage not in takes or (source or None) != (stage if answers else None) or fen <= 0:
            self.findings.tell(Code.ANSWER, identity, f"{kind} {stage} {source} {fen}", f"{kind} {takes}")
        taken = source or _CORRECTED.get(kind)
        mine = trip.accounts.setdefault(payer, [0, 0, 0, 0])
        for balance in (mine, self.accounts[debit], self.accounts[credit]):
            if taken:
                balance[_STAGES[taken]] -= fen
            if adds:
                balance[_STAGES[adds]] += fen
        if adds:
            trip.entries[identity] = [payer, adds, fen, other]
        return payer, other

    def _take(self, trip: TripTally, entry: Entry, payer: str, other: str, fen: int) -> str | None:
        """Take from the entry that this one names; the stage that it is taken from, none where it cannot be."""
        named = entry[10] or entry[11]
        known = trip.entries.get(named)
        if known is None or known[0] != payer or known[3] != other or known[2] < fen:
            left = f"{known[2]} {known[0]}" if known else "nothing 无"
            self.findings.tell(Code.ANSWER, entry[0], f"{named}: {left}", f"{fen} {payer}")
            return None
        known[2] -= fen
        if not known[2]:
            del trip.entries[named]
        stage: str = known[1]
        return stage

    def compare(
        self,
        code: Code,
        trip_id: str,
        trip: TripTally,
        wanted: Mapping[str, tuple[int, int]],
        *,
        committed: bool,
    ) -> None:
        """Tell where the trip's accounts are not what was worked out: account -> promised and due; under a contract all that is
        promised is committed."""
        tell = self.findings.of_all if code is Code.SOURCE else self.findings.tell
        for account in trip.accounts.keys() | wanted.keys():
            reserved, held, settled, _ = trip.accounts.get(account, (0, 0, 0, 0))
            promised, due = wanted.get(account, (0, 0))
            if (reserved + held, settled) != (promised, due) or (committed and reserved):
                found = f"reserved 预留 {reserved}, committed 承诺 {held}, settled 应付 {settled}"
                expected = f"{'committed 承诺' if committed else 'promised 预留或承诺'} {promised}, settled 应付 {due}"
                tell(code, f"{trip_id} {account}", found, expected)

    def hold_limits(self, entries: Iterable[Entry]) -> None:
        """Tell which of the payers that were touched have passed their limit."""
        for account in {entry[end] for entry in entries for end in (2, 3)}:
            if account.startswith("payer:"):
                balance = self.accounts[account]
                used = balance[RESERVED] + balance[COMMITTED] + balance[SETTLED]
                if used > balance[LIMIT]:
                    self.findings.tell(Code.LIMIT, account, str(used), f"<= {balance[LIMIT]}")

    def list_overpaid(self, policies: Mapping[str, Json], trip_ids: Iterable[str]) -> list[ToRecover]:
        """What was paid of these trips beyond what their facts owe, as far as their policies are what they were."""
        found = []
        for trip_id in sorted(trip_ids):
            trip = self.trips[trip_id]
            facts = json.loads(trip.facts) if trip.facts else {"stage": "ended"}
            owed: Mapping[tuple[str, str], int] = {}
            if facts["stage"] == "confirmed":
                if facts["policy"] not in policies:
                    continue
                owed = recount(policies[facts["policy"]], facts).claimable
            for (payer, claimant), fen in sorted(trip.paid.items()):
                over = fen - max(0, owed.get((payer, claimant), 0))
                if over > 0:
                    found.append(ToRecover(trip_id, payer, claimant, over))
        return found
