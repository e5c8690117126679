"""Knows how money is promised, paid out and taken back: append-only double entry in integer fen.

Two entities: accounts, which are names, and transfers between them. A reservation is a pending transfer from
whoever pays to the carrier; it is settled (posted) or released (voided), in parts or whole, by more transfers
that name it; a mistake is corrected by a counter-entry that names what it corrects. Nothing is ever changed.
An account's balances are therefore three figures: reserved, settled, and what is left of a budget.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.dispatcher.money.subsidy import Line
from shared.kernel.ids import derive_id


class Kind(StrEnum):
    """What a transfer does."""

    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    CORRECT = "correct"


@dataclass(frozen=True)
class Transfer:
    """One entry: `amount_fen` > 0 from the debited to the credited account.

    `id` is derived from trip, payer and number, and so is its idempotency key. `answers` is the reservation
    that a settlement or release answers; `corrects` is the settlement that a counter-entry takes back.
    """

    id: str
    number: int
    kind: Kind
    debit: str
    credit: str
    amount_fen: int
    trip_id: str
    rule: str
    cause: str
    answers: str | None = None
    corrects: str | None = None


@dataclass(frozen=True)
class Balance:
    """What one account has reserved and settled, in fen; the carrier's are what it may expect and is owed."""

    reserved_fen: int = 0
    settled_fen: int = 0


def reserve(
    trip_id: str, carrier: str, lines: Iterable[Line], existing: Sequence[Transfer], *, cause: str
) -> list[Transfer]:
    """What makes the trip's reservations equal to the whole of `lines`; nothing where they are."""
    promised = [Line(line.account, 0, line.amount_fen, line.rule) for line in lines]
    return settle(trip_id, carrier, promised, existing, cause=cause)


def release(trip_id: str, carrier: str, existing: Sequence[Transfer], *, cause: str) -> list[Transfer]:
    """What gives back all that the trip has reserved or settled; nothing where nothing stands."""
    return settle(trip_id, carrier, (), existing, cause=cause)


def settle(
    trip_id: str, carrier: str, lines: Iterable[Line], existing: Sequence[Transfer], *, cause: str
) -> list[Transfer]:
    """What brings the trip from `existing` (all its transfers, in order) to exactly `lines`, account by account.

    Due money is settled out of the reservation, and beyond it where the enterprise's part has grown; what was
    settled too much is corrected; what is neither due nor held is released. Doing it again adds nothing.
    """
    wanted = {line.account: line for line in lines}
    by_account: dict[str, list[Transfer]] = defaultdict(list)
    for transfer in existing:
        by_account[_payer_of(transfer)].append(transfer)
    made: list[Transfer] = []
    for account in sorted(wanted.keys() | by_account.keys()):
        line = wanted.get(account)
        book = _Book(trip_id, account, carrier, by_account[account], cause)
        rule = line.rule if line else by_account[account][-1].rule
        book.bring_to(line.due_fen if line else 0, line.held_fen if line else 0, rule)
        made += book.made
    return made


def balances(transfers: Iterable[Transfer]) -> dict[str, Balance]:
    """Every account's reserved and settled fen, payers and carriers alike."""
    reserved: dict[str, int] = defaultdict(int)
    settled: dict[str, int] = defaultdict(int)
    for t in transfers:
        for account in (t.debit, t.credit):
            reserved[account] += (
                _EFFECT[t.kind][0] * t.amount_fen if t.answers or t.kind == Kind.RESERVE else 0
            )
            settled[account] += _EFFECT[t.kind][1] * t.amount_fen
    return {account: Balance(reserved[account], settled[account]) for account in sorted(reserved)}


_EFFECT = {Kind.RESERVE: (1, 0), Kind.SETTLE: (-1, 1), Kind.RELEASE: (-1, 0), Kind.CORRECT: (0, -1)}
"""What a transfer of each kind adds to reserved and to settled; a settlement beyond the reservation takes none."""


def _payer_of(transfer: Transfer) -> str:
    """The account whose money this is: a counter-entry and a release run the other way round."""
    return transfer.credit if transfer.kind in (Kind.CORRECT, Kind.RELEASE) else transfer.debit


class _Book:
    """One payer's transfers of one trip, and those being added."""

    def __init__(
        self, trip_id: str, account: str, carrier: str, existing: Sequence[Transfer], cause: str
    ) -> None:
        self.trip_id, self.account, self.carrier, self.cause = trip_id, account, carrier, cause
        self.known = list(existing)
        self.made: list[Transfer] = []

    def bring_to(self, due_fen: int, held_fen: int, rule: str) -> None:
        """Settle or correct up or down to `due_fen`, then reserve or release to `held_fen`."""
        self._settle(due_fen - self._settled_fen(), rule)
        self._correct(self._settled_fen() - due_fen, rule)
        open_fen = sum(left for _, left in self._open())
        self._release(open_fen - held_fen, rule)
        self._add(Kind.RESERVE, held_fen - open_fen, rule)

    def _settled_fen(self) -> int:
        return sum(_EFFECT[t.kind][1] * t.amount_fen for t in self.known)

    def _open(self) -> list[tuple[Transfer, int]]:
        """Reservations that are not yet answered in full, with what is left of each, oldest first."""
        left = {t.id: t.amount_fen for t in self.known if t.kind == Kind.RESERVE}
        for t in self.known:
            if t.answers:
                left[t.answers] -= t.amount_fen
        return [(t, left[t.id]) for t in self.known if left.get(t.id)]

    def _settle(self, amount_fen: int, rule: str) -> None:
        for reservation, left in self._open():
            part = min(left, amount_fen)
            self._add(Kind.SETTLE, part, rule, answers=reservation.id)
            amount_fen -= max(part, 0)
        self._add(Kind.SETTLE, amount_fen, rule)

    def _correct(self, amount_fen: int, rule: str) -> None:
        """Take back the latest settlements first, each at most once in full."""
        left = {t.id: t.amount_fen for t in self.known if t.kind == Kind.SETTLE}
        for t in self.known:
            if t.corrects:
                left[t.corrects] -= t.amount_fen
        for settlement in reversed([t for t in self.known if left.get(t.id)]):
            part = min(left[settlement.id], amount_fen)
            self._add(Kind.CORRECT, part, rule, corrects=settlement.id)
            amount_fen -= max(part, 0)

    def _release(self, amount_fen: int, rule: str) -> None:
        for reservation, left in reversed(self._open()):
            part = min(left, amount_fen)
            self._add(Kind.RELEASE, part, rule, answers=reservation.id)
            amount_fen -= max(part, 0)

    def _add(
        self,
        kind: Kind,
        amount_fen: int,
        rule: str,
        *,
        answers: str | None = None,
        corrects: str | None = None,
    ) -> None:
        if amount_fen <= 0:
            return
        number = len(self.known) + 1
        ends = (self.account, self.carrier)
        debit, credit = ends if kind in (Kind.RESERVE, Kind.SETTLE) else ends[::-1]
        transfer = Transfer(
            id=derive_id(self.trip_id, self.account, str(number)),
            number=number,
            kind=kind,
            debit=debit,
            credit=credit,
            amount_fen=amount_fen,
            trip_id=self.trip_id,
            rule=rule,
            cause=self.cause,
            answers=answers,
            corrects=corrects,
        )
        self.known.append(transfer)
        self.made.append(transfer)
