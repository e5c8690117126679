"""What must hold once a day is over: nothing lost, nothing twice, the ledger in balance, nobody behind.

Each finding is a sentence; a day in order has none. Holds for a day in which no trip was changed or cancelled.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from tests.journeys.books import Books
from tests.journeys.hand import work_out

SHOWN = 20
SERVICES = ("registry", "dispatcher", "notifier", "planner")
ENDS = {"arrived", "no_show", "refused", "disputed"}

Sendings = Mapping[str, Sequence[str]]
"""What the providers saw: idempotency key -> each message that came under it."""


Stale = Mapping[str, int]
"""Facts by service that reached a reaction which knew them already; the inbox lets no event through twice."""


def assert_in_order(books: Books, policy: Mapping[str, Any], sendings: Sendings, stale: Stale) -> None:
    """AssertionError with the first findings, unless there is none."""
    faults = list_faults(books, policy, sendings, stale)
    assert not faults, "\n".join([f"{len(faults)} findings", *faults[:SHOWN]])


def list_faults(books: Books, policy: Mapping[str, Any], sendings: Sendings, stale: Stale) -> list[str]:
    """Everything that is not as it must be."""
    return list(
        chain(
            _lost_requests(books),
            _unfinished_requests(books),
            _doubled_trips(books),
            _doubled_notices(books),
            _doubled_sendings(books, sendings),
            _doubled_transfers(books),
            _wrong_balances(books, policy),
            _doubled_events(books),
            _undelivered_events(books),
            (f"{name} was told {count} things that it knew" for name, count in stale.items() if count),
        )
    )


def _lost_requests(books: Books) -> Iterator[str]:
    """Every accepted request is known to the dispatcher, and has one seat or a reason why it has none."""
    accepted = set(books.column("registry", "SELECT id FROM travel_request"))
    known = set(books.column("dispatcher", "SELECT request_id FROM demand"))
    told = sum(books.column("registry", "SELECT accepted FROM roster"))
    if told != len(accepted):
        yield f"bureaus were told of {told} accepted workers, and there are {len(accepted)} requests"
    for request_id in sorted(accepted ^ known):
        yield f"request {request_id} is not known to both registry and dispatcher"
    seats = Counter(rider.request_id for rider in books.riders())
    left = set(
        books.column(
            "dispatcher",
            """
            SELECT request_id FROM unserved JOIN round USING (round_id)
            WHERE round.state = 'approved' AND rule <> '' AND mend_zh <> '' AND mend_en <> ''
            """,
        )
    )
    for request_id in sorted(accepted):
        if seats[request_id] + (request_id in left) != 1:
            yield f"request {request_id} has {seats[request_id]} seats, left behind: {request_id in left}"


def _unfinished_requests(books: Books) -> Iterator[str]:
    """The three services agree how each request ended, and on which trip."""
    standing = {
        row.id: (row.trip_id, row.status)
        for row in books.rows("registry", "SELECT id, trip_id, status FROM travel_request")
    }
    at_gate = {
        (row.trip_id, row.request_id): (row.presence, row.outcome)
        for row in books.rows("notifier", "SELECT * FROM rider WHERE riding")
    }
    for rider in books.riders():
        if standing.get(rider.request_id) != (rider.trip_id, rider.outcome) or rider.outcome not in ENDS:
            yield (
                f"request {rider.request_id} is {standing.get(rider.request_id)} for the registry, "
                f"{rider.trip_id} {rider.outcome} for the dispatcher"
            )
        said = at_gate.pop((rider.trip_id, rider.request_id), None)
        if said != (rider.boarding, rider.outcome):
            yield f"the notifier has {said} of request {rider.request_id}, not {rider.boarding, rider.outcome}"
        standing.pop(rider.request_id, None)
    yield from (f"only the notifier has {seat} riding" for seat in sorted(at_gate))
    for request_id, (trip_id, status) in sorted(standing.items()):
        if (trip_id, status) != (None, "unserved"):
            yield f"request {request_id} rides nowhere and is {status} on {trip_id} for the registry"


def _doubled_trips(books: Books) -> Iterator[str]:
    """One round was approved, its trips are settled, and no coach runs twice."""
    rounds = Counter(books.column("dispatcher", "SELECT state FROM round"))
    if rounds != {"approved": 1}:
        yield f"rounds by state: {dict(rounds)}"
    trips = books.rows("dispatcher", "SELECT * FROM trip")
    yield from (f"trip {trip.trip_id} is {trip.state}" for trip in trips if trip.state != "settled")
    riders = books.riders_by_trip()
    for trip in trips:
        if not 0 < len(riders[trip.trip_id]) <= trip.seats_max:
            yield f"trip {trip.trip_id} has {len(riders[trip.trip_id])} riders on {trip.seats_max} seats"
    known = set(books.column("notifier", "SELECT trip_id FROM trip"))
    yield from (
        f"trip {trip_id} is not known to both dispatcher and notifier"
        for trip_id in sorted(known ^ {trip.trip_id for trip in trips})
    )
    has = {
        (row.carrier_id, row.coach_type): row.coaches_per_day
        for row in books.rows("dispatcher", "SELECT * FROM fleet")
    }
    for coach, count in Counter((trip.carrier_id, trip.coach_type) for trip in trips).items():
        if count > has[coach]:
            yield f"{count} coaches of {coach} run, and there are {has[coach]}"


def _doubled_notices(books: Books) -> Iterator[str]:
    """Every worker, carrier and enterprise of a trip was told of it once."""
    wanted = set()
    for rider in books.riders():
        wanted |= {
            (rider.trip_id, "worker", rider.request_id, "sms"),
            (rider.trip_id, "carrier", rider.carrier_id, "email"),
            (rider.trip_id, "enterprise", rider.enterprise_id, "email"),
        }
    notices = books.rows("notifier", "SELECT * FROM notice")
    stored = Counter((row.trip_id, row.audience, row.recipient_ref, row.medium) for row in notices)
    yield from (f"there is no notice to {who}" for who in sorted(wanted - stored.keys()))
    yield from (f"{stored[who]} notices to {who}" for who in sorted(stored) if stored[who] > 1)
    yield from (f"a notice to {who}, who does not ride" for who in sorted(stored.keys() - wanted))
    for row in notices:
        if (row.kind, row.state) != ("first", "sent"):
            yield f"notice {row.notice_id} to {row.audience} is {row.kind} and {row.state} ({row.fault})"


def _doubled_sendings(books: Books, sendings: Sendings) -> Iterator[str]:
    """A provider may see a key again after a crash, never other words under it, and never another key for it."""
    attempts = {
        row.notice_id: row.attempts
        for row in books.rows("notifier", "SELECT notice_id, attempts FROM notice")
    }
    for key in sorted(attempts.keys() ^ sendings.keys()):
        yield f"notice {key} is not known to both notifier and provider"
    for key, messages in sendings.items():
        if len(set(messages)) > 1:
            yield f"the provider saw different messages under key {key}"
        if len(messages) > attempts.get(key, 0):
            yield f"the provider saw key {key} {len(messages)} times, in {attempts.get(key)} tries"


def _doubled_transfers(books: Books) -> Iterator[str]:
    """A trip's money moves three times, when it is approved, when its contract is signed and when the last answer is in, and
    each time once."""
    transfers = books.rows("dispatcher", "SELECT * FROM transfer")
    counted = Counter(
        (row.trip_id, row.cause, row.kind, row.debit, row.credit, row.answers) for row in transfers
    )
    yield from (f"transfer {what} was made {count} times" for what, count in counted.items() if count > 1)
    causes = defaultdict(set)
    for row in transfers:
        if row.trip_id is not None:  # a budget has no trip
            causes[row.trip_id].add(row.cause)
    for trip_id, moved in sorted(causes.items()):
        if len(moved) != 3:
            yield f"the money of trip {trip_id} moved {len(moved)} times"


def _wrong_balances(books: Books, policy: Mapping[str, Any]) -> Iterator[str]:
    """Reserve = settle + release + held, debits = credits, and every account as worked out by hand."""
    ledger = defaultdict(list)
    for row in books.rows("dispatcher", "SELECT * FROM transfer ORDER BY recorded_at, number"):
        ledger[row.trip_id].append(row)
    riders = books.riders_by_trip()
    for trip in books.rows("dispatcher", "SELECT * FROM trip"):
        by_hand = work_out(policy, trip, riders[trip.trip_id])
        settled, held = balances(ledger[trip.trip_id])
        carrier = f"carrier:{trip.carrier_id}:{trip.season}"
        in_ledger = {
            account: (settled[account], held[account])
            for account in {*settled, *held} - {carrier}
            if settled[account] or held[account]
        }
        if in_ledger != by_hand:
            yield f"trip {trip.trip_id}: the ledger has {in_ledger}, by hand it is {by_hand}"
        owed = sum(due for due, _ in by_hand.values())
        waiting = sum(fen for _, fen in by_hand.values())
        if (settled[carrier], held[carrier]) != (-owed, -waiting) or owed + waiting != trip.cost_fen:
            yield (
                f"trip {trip.trip_id} costs {trip.cost_fen}, by hand {owed} + {waiting}; its carrier is credited "
                f"{-settled[carrier]} and waits for {-held[carrier]}"
            )


def balances(transfers: Sequence[Any]) -> tuple[Counter[str], Counter[str]]:
    """Debit less credit by account: of what was settled, and of what is reserved and not yet answered."""
    settled: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for row in transfers:
        if row.kind in ("settle", "correct"):
            settled[row.debit] += row.amount_fen
            settled[row.credit] -= row.amount_fen
        if row.kind in ("reserve", "release"):
            held[row.debit] += row.amount_fen
            held[row.credit] -= row.amount_fen
        elif row.kind == "settle" and row.answers:
            held[row.debit] -= row.amount_fen
            held[row.credit] += row.amount_fen
    return settled, held


def _doubled_events(books: Books) -> Iterator[str]:
    """Each fact was told once."""
    for service in SERVICES:
        facts = Counter(
            (type_name, *(content.get(name) for name in ("enterprise_id", "trip_id", "request_id", "job_id")))
            for _, type_name, content in books.told(service)
        )
        yield from (f"{service} told {fact} {count} times" for fact, count in facts.items() if count > 1)


def _undelivered_events(books: Books) -> Iterator[str]:
    """All that was told was taken in by everybody who listens, and nothing was put aside."""
    for service in SERVICES:
        (dead,) = books.column(service, "SELECT count(*) FROM dead_letter")
        if dead:
            yield f"{service} has put {dead} events aside"
        missed = books.missed(service)
        if missed:
            yield f"{service} noted other events than were told: {len(missed)} differ"
