"""Knows how money is promised, paid out and taken back: append-only double entry in integer fen.

Two entities: accounts, which are names, and transfers between them. A budget is allocated; a trip that is approved
reserves from whoever pays to the carrier; its contract commits what is reserved; confirmed heads settle it (somebody
owes it now); the rest is released. A mistake is corrected by a counter-entry that names what it corrects. A claim that
is approved is paid to its claimant, and a claw-back recovers it. Nothing is ever changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum

from services.dispatcher.money.rules.subsidy import Line
from shared.kernel.ids import derive_id


class Kind(StrEnum):
    """What a transfer does."""

    ALLOCATE = "allocate"
    OVERRIDE = "override"
    """Somebody who may has let a payer spend beyond its budget, with a reason."""
    RESERVE = "reserve"
    COMMIT = "commit"
    SETTLE = "settle"
    RELEASE = "release"
    CORRECT = "correct"
    PAY = "pay"
    RECOVER = "recover"


class Stage(StrEnum):
    """Where promised money stands, and so where a commitment, settlement or release takes it from."""

    RESERVED = "reserved"
    COMMITTED = "committed"


@dataclass(frozen=True)
class Transfer:
    """One entry: `amount_fen` > 0 from the debited to the credited account.

    `id` is derived from trip, payer and number, and so is its idempotency key. `answers` is the reservation or
    commitment that a commitment, settlement or release answers, `source` the stage it takes it from; `corrects` is
    the settlement that a counter-entry takes back, or the payment that is recovered. A budget has no trip.
    """

    id: str
    number: int
    kind: Kind
    debit: str
    credit: str
    amount_fen: int
    trip_id: str | None
    rule: str
    cause: str
    answers: str | None = None
    corrects: str | None = None
    source: Stage | None = None


@dataclass(frozen=True)
class Balance:
    """What one account has reserved, committed, settled and paid, in fen; the carrier's are what it may expect and is
    owed. `limit_fen` is its budget with what it may spend beyond it."""

    reserved_fen: int = 0
    settled_fen: int = 0
    committed_fen: int = 0
    paid_fen: int = 0
    limit_fen: int = 0

    @property
    def used_fen(self) -> int:
        """What counts against the budget."""
        return self.reserved_fen + self.committed_fen + self.settled_fen

    @property
    def left_fen(self) -> int:
        """What may still be spent of the budget."""
        return self.limit_fen - self.used_fen

    def __add__(self, other: "Balance") -> "Balance":
        return Balance(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def reserve(
    trip_id: str,
    carrier: str,
    lines: Iterable[Line],
    existing: Sequence[Transfer],
    *,
    cause: str,
    committed: bool = False,
) -> list[Transfer]:
    """What makes the trip's promises equal to the whole of `lines`; nothing where they are. With a contract they are
    `committed`."""
    promised = [Line(line.account, 0, line.amount_fen, line.rule) for line in lines]
    return settle(trip_id, carrier, promised, existing, cause=cause, committed=committed)


def release(trip_id: str, carrier: str, existing: Sequence[Transfer], *, cause: str) -> list[Transfer]:
    """What gives back all that the trip has reserved or settled; nothing where nothing stands."""
    return settle(trip_id, carrier, (), existing, cause=cause)


def settle(
    trip_id: str,
    carrier: str,
    lines: Iterable[Line],
    existing: Sequence[Transfer],
    *,
    cause: str,
    committed: bool = False,
) -> list[Transfer]:
    """What brings the trip from `existing` (all its transfers, in order) to exactly `lines`, account by account.

    Due money is settled out of what is promised, and beyond it where the enterprise's part has grown; what was
    settled too much is corrected; what is neither due nor held is released. What is held under a contract is
    `committed`. Doing it again adds nothing; what was paid stays paid.
    """
    wanted = {line.account: line for line in lines}
    by_account: dict[str, list[Transfer]] = defaultdict(list)
    for transfer in existing:
        by_account[payer_of(transfer)].append(transfer)
    made: list[Transfer] = []
    for account in sorted(wanted.keys() | by_account.keys()):
        line = wanted.get(account)
        book = _Book(trip_id, account, carrier, by_account[account], cause)
        rule = line.rule if line else by_account[account][-1].rule
        book.bring_to(line.due_fen if line else 0, line.held_fen if line else 0, rule, committed=committed)
        made += book.made
    return made


def pay(
    trip_id: str,
    payer: str,
    claimant: str,
    amount_fen: int,
    existing: Sequence[Transfer],
    *,
    rule: str,
    cause: str,
) -> Transfer:
    """One payer's payment to a claimant for a trip. Raises ValueError beyond what it owes."""
    mine = [t for t in existing if payer_of(t) == payer]
    owed = balances(mine).get(payer, Balance())
    if not 0 < amount_fen <= owed.settled_fen - owed.paid_fen:
        raise ValueError(
            f"{payer} owes {owed.settled_fen - owed.paid_fen} fen for {trip_id}, not {amount_fen}"
        )
    number = len(mine) + 1
    identity = derive_id(trip_id, payer, str(number))
    return Transfer(identity, number, Kind.PAY, payer, claimant, amount_fen, trip_id, rule, cause)


def recover(payment: Transfer, amount_fen: int, existing: Sequence[Transfer], *, cause: str) -> Transfer:
    """Money that a claimant gives back of one payment. Raises ValueError beyond what it still has of it."""
    mine = [t for t in existing if payer_of(t) == payment.debit]
    left = payment.amount_fen - sum(t.amount_fen for t in mine if t.corrects == payment.id)
    if not 0 < amount_fen <= left:
        raise ValueError(f"{left} fen of {payment.id} can be recovered, not {amount_fen}")
    number = len(mine) + 1
    return Transfer(
        id=derive_id(str(payment.trip_id), payment.debit, str(number)),
        number=number,
        kind=Kind.RECOVER,
        debit=payment.credit,
        credit=payment.debit,
        amount_fen=amount_fen,
        trip_id=payment.trip_id,
        rule=payment.rule,
        cause=cause,
        corrects=payment.id,
    )


def balances(transfers: Iterable[Transfer]) -> dict[str, Balance]:
    """Every account's balance, payers and carriers alike."""
    found: dict[str, Balance] = defaultdict(Balance)
    for transfer in transfers:
        for account in (transfer.debit, transfer.credit):
            found[account] += effect(transfer)
    return dict(sorted(found.items()))


def effect(transfer: Transfer) -> Balance:
    """What a transfer adds to both of its accounts."""
    fen, kind, source = transfer.amount_fen, transfer.kind, transfer.source
    return Balance(
        reserved_fen=fen * ((kind == Kind.RESERVE) - (source == Stage.RESERVED)),
        committed_fen=fen * ((kind == Kind.COMMIT) - (source == Stage.COMMITTED)),
        settled_fen=fen * ((kind == Kind.SETTLE) - (kind == Kind.CORRECT)),
        paid_fen=fen * ((kind == Kind.PAY) - (kind == Kind.RECOVER)),
        limit_fen=fen * (kind in (Kind.ALLOCATE, Kind.OVERRIDE)),
    )


def payer_of(transfer: Transfer) -> str:
    """The account whose money this is: counter-entries and releases run the other way round."""
    return transfer.credit if transfer.kind in _BACKWARDS else transfer.debit


_BACKWARDS = frozenset({Kind.CORRECT, Kind.RELEASE, Kind.RECOVER})


_STAGE = {Kind.RESERVE: Stage.RESERVED, Kind.COMMIT: Stage.COMMITTED}
"""The stage of a promise of each kind."""


class _Book:
    """One payer's transfers of one trip, and those being added."""

    def __init__(
        self, trip_id: str, account: str, carrier: str, existing: Sequence[Transfer], cause: str
    ) -> None:
        self.trip_id, self.account, self.carrier, self.cause = trip_id, account, carrier, cause
        self.known = list(existing)
        self.made: list[Transfer] = []

    def bring_to(self, due_fen: int, held_fen: int, rule: str, *, committed: bool) -> None:
        """Settle or correct up or down to `due_fen`, then reserve or release to `held_fen`, and commit that."""
        self._settle(due_fen - self._settled_fen(), rule)
        self._correct(self._settled_fen() - due_fen, rule)
        open_fen = sum(left for _, left in self._open())
        self._release(open_fen - held_fen, rule)
        self._add(Kind.RESERVE, held_fen - open_fen, rule)
        for promise, left in self._open() if committed else ():
            if promise.kind == Kind.RESERVE:
                self._add(Kind.COMMIT, left, rule, answers=promise)

    def _settled_fen(self) -> int:
        return sum(effect(t).settled_fen for t in self.known)

    def _open(self) -> list[tuple[Transfer, int]]:
        """Promises that are not yet answered in full, with what is left of each, oldest first."""
        left = {t.id: t.amount_fen for t in self.known if t.kind in _STAGE}
        for t in self.known:
            if t.answers:
                left[t.answers] -= t.amount_fen
        return [(t, left[t.id]) for t in self.known if left.get(t.id)]

    def _settle(self, amount_fen: int, rule: str) -> None:
        for promise, left in self._open():
            part = min(left, amount_fen)
            self._add(Kind.SETTLE, part, rule, answers=promise)
            amount_fen -= max(part, 0)
        self._add(Kind.SETTLE, amount_fen, rule)

    def _correct(self, amount_fen: int, rule: str) -> None:
        """Take back the latest settlements first, each at most once in full."""
        left = {t.id: t.amount_fen for t in self.known if t.kind == Kind.SETTLE}
        for t in self.known:
            if t.kind == Kind.CORRECT and t.corrects:
                left[t.corrects] -= t.amount_fen
        for settlement in reversed([t for t in self.known if left.get(t.id)]):
            part = min(left[settlement.id], amount_fen)
            self._add(Kind.CORRECT, part, rule, corrects=settlement.id)
            amount_fen -= max(part, 0)

    def _release(self, amount_fen: int, rule: str) -> None:
        for promise, left in reversed(self._open()):
            part = min(left, amount_fen)
            self._add(Kind.RELEASE, part, rule, answers=promise)
            amount_fen -= max(part, 0)

    def _add(
        self,
        kind: Kind,
        amount_fen: int,
        rule: str,
        *,
        answers: Transfer | None = None,
        corrects: str | None = None,
    ) -> None:
        if amount_fen <= 0:
            return
        number = len(self.known) + 1
        ends = (self.account, self.carrier)
        debit, credit = ends[::-1] if kind in _BACKWARDS else ends
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
            answers=answers.id if answers else None,
            corrects=corrects,
            source=_STAGE[answers.kind] if answers else None,
        )
        self.known.append(transfer)
        self.made.append(transfer)
