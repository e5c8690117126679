"""Whatever happens to a trip's money, its book is clean; and whatever one amount of it is changed, the audit says so."""

import hashlib
import json
from dataclasses import dataclass, field, replace

from hypothesis import assume, given
from hypothesis import strategies as st

from services.dispatcher.money.books import ledger
from services.dispatcher.money.books.audit import Audit, Page
from services.dispatcher.money.books.findings import Code, Finding
from services.dispatcher.money.books.ledger import Balance, Kind, Transfer, balances
from services.dispatcher.money.books.voucher import Act, TripStage, Voucher, trip_facts
from services.dispatcher.money.rules.policy import digest_of
from services.dispatcher.money.rules.subsidy import Cut, Heads, Run, bear, cut, owe
from tests.dispatcher.money.rules.policies import heads
from tests.dispatcher.money.rules.test_every_policy import CASES, Case

SEASON, TRIP = "2020-spring", "T-522732-20200224-003"
Entries = list[list[str]]


@dataclass
class Book:
    """A season's book with one trip, written by the functions that write the real ones."""

    case: Case
    pages: list[tuple[Voucher, Entries]] = field(default_factory=list)
    known: list[Transfer] = field(default_factory=list)
    funded: dict[str, Transfer] = field(default_factory=dict)
    cuts: list[Cut] = field(default_factory=list)
    heads: list[Heads] = field(default_factory=list)
    run: Run | None = None
    committed: bool = False
    stage: TripStage = TripStage.PROMISED

    def bill(self, stage: TripStage) -> None:
        """As `bill_trip` does it: nothing where no money moves."""
        policy, run, parties = self.case.policy, self.run or self.case.run, self.case.parties
        lines = cut(bear(policy, run, self.heads, parties), self.cuts) if stage is not TripStage.ENDED else ()
        move = ledger.settle if stage is TripStage.CONFIRMED else ledger.reserve
        made = move(TRIP, parties.carrier_account, lines, self.known, cause="e", committed=self.committed)
        self.stage = stage
        if made:
            for account in {ledger.payer_of(transfer) for transfer in made}:
                self.fund(account)
            facts = trip_facts(
                policy.key,
                digest_of(policy.model_dump(mode="json")),
                run,
                self.heads,
                parties,
                self.cuts,
                stage,
                committed=self.committed,
            )
            self.write(Act.BILL, facts, made, TRIP)
            self.known += made

    def fund(self, account: str) -> None:
        """Give a payer more than it can need, before it pays."""
        if not account.startswith("payer:") or account in self.funded:
            return
        _, payer, code, _ = account.split(":")
        treasury = f"treasury:{code}:{SEASON}"
        made = Transfer(f"b-{account}", 1, Kind.ALLOCATE, treasury, account, 10**9, None, "D1", "e")
        facts = {"payer": payer, "code": code, "season": SEASON, "amount_fen": 10**9, "document": "D1"}
        self.funded[account] = made
        self.write(Act.ALLOCATE, facts | {"account": account}, [made], None)

    def left(self) -> dict[tuple[str, str], int]:
        """What may still be paid: payer and claimant -> fen."""
        if self.stage is not TripStage.CONFIRMED:
            return {}
        found: dict[tuple[str, str], int] = {}
        for cell in owe(self.case.policy, self.run or self.case.run, self.heads, self.case.parties):
            key = (cell.payer, cell.claimant)
            found[key] = found.get(key, 0) + cell.due_fen
        for one in self.cuts:
            found[one.payer, one.claimant] = found.get((one.payer, one.claimant), 0) - one.fen
        for t in self.known:
            if t.kind is Kind.PAY:
                found[t.debit, t.credit] = found.get((t.debit, t.credit), 0) - t.amount_fen
            elif t.kind is Kind.RECOVER:
                found[t.credit, t.debit] = found.get((t.credit, t.debit), 0) + t.amount_fen
        owed = balances(self.known)
        return {
            (payer, claimant): min(fen, owed[payer].settled_fen - owed[payer].paid_fen)
            for (payer, claimant), fen in sorted(found.items())
            if payer in owed and min(fen, owed[payer].settled_fen - owed[payer].paid_fen) > 0
        }

    def claim(self, act: Act, made: Transfer) -> None:
        """A claim of one line, paid or recovered."""
        payer, claimant = (made.debit, made.credit) if act is Act.PAY else (made.credit, made.debit)
        line = {"trip_id": TRIP, "payer": payer, "claimant": claimant, "fen": made.amount_fen}
        self.write(act, {"claim_id": "K1", "lines": [line]}, [made], None)
        self.known.append(made)

    def write(self, act: Act, facts: dict[str, object], made: list[Transfer], trip_id: str | None) -> None:
        voucher = Voucher(f"V{len(self.pages)}", act, SEASON, "e", "test", facts, (), trip_id)
        self.pages.append((voucher, [_entry(transfer) for transfer in made]))

    def balances(self) -> dict[str, Balance]:
        return balances([*self.known, *self.funded.values()])

    def audit(self) -> list[Finding]:
        """Seal every page, and have the whole audited."""
        done = Audit(SEASON, {self.case.policy.key: self.case.policy.model_dump(mode="json")})
        digest = ""
        for position, (voucher, entries) in enumerate(self.pages, 1):
            page = _page(position, voucher, entries)
            head = (
                page.voucher_id,
                page.act,
                SEASON,
                page.trip_id or "",
                "",
                "522732",
                "e",
                "test",
                "1",
                page.facts,
            )
            text = "\x1e".join((digest, "\x1f".join(map(str, head)), page.entries))
            digest = hashlib.sha256(text.encode()).hexdigest()
            done.take(replace(page, digest=digest))
        done.end((len(self.pages), digest) if self.pages else None, [])
        done.check_balances(
            (name, b.reserved_fen, b.committed_fen, b.settled_fen, b.paid_fen, b.limit_fen)
            for name, b in self.balances().items()
        )
        return done.findings


def _entry(t: Transfer) -> list[str]:
    fields = (t.id, t.kind, t.debit, t.credit, t.amount_fen, t.trip_id, t.number, SEASON, t.rule, t.cause)
    return [str(one or "") for one in (*fields, t.answers, t.corrects, t.source, "522732")]


def _page(position: int, voucher: Voucher, entries: Entries) -> Page:
    return Page(
        position=position,
        digest="",
        voucher_id=voucher.id,
        act=voucher.act.value,
        season=SEASON,
        trip_id=voucher.trip_id,
        claim_id=None,
        county_code="522732",
        cause="e",
        actor="test",
        epoch="1",
        facts=json.dumps(voucher.facts),
        entries="\x1e".join("\x1f".join(entry) for entry in entries),
        together=True,
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Approved, then whatever may come: other heads, a contract, cuts, payments, recoveries, a cancelled trip."""
    case: Case = draw(CASES)
    book = Book(case)
    book.heads = [Heads.as_booked(h.enterprise_id, h.booked, h.mode, h.category) for h in case.heads]
    book.bill(TripStage.PROMISED)
    for _ in range(draw(st.integers(0, 7))):
        match draw(st.sampled_from(["heads", "heads", "contract", "cut", "pay", "pay", "recover", "end"])):
            case "heads":
                book.heads = draw(heads())
                book.bill(TripStage.CONFIRMED)
            case "contract":
                book.committed = True
                book.run = replace(case.run, charter_fen=draw(st.integers(1, 5_000_000)))
                book.bill(book.stage)
            case "cut" if book.left():
                payer, claimant = draw(st.sampled_from(sorted(book.left())))
                book.cuts.append(Cut(payer, claimant, draw(st.integers(1, 1_000_000)), "F06", "K1"))
                book.bill(book.stage)
            case "pay" if book.left():
                (payer, claimant), most = draw(st.sampled_from(sorted(book.left().items())))
                fen = draw(st.integers(1, most))
                book.claim(Act.PAY, ledger.pay(TRIP, payer, claimant, fen, book.known, rule="p@1", cause="e"))
            case "recover" if payments := [t for t in book.known if t.kind is Kind.PAY]:
                payment = draw(st.sampled_from(payments))
                taken = sum(t.amount_fen for t in book.known if t.corrects == payment.id)
                if taken < payment.amount_fen:
                    fen = draw(st.integers(1, payment.amount_fen - taken))
                    book.claim(Act.RECOVER, ledger.recover(payment, fen, book.known, cause="e"))
            case "end" if book.stage is TripStage.PROMISED:
                book.bill(TripStage.ENDED)
    return book


@given(books())
def test_whatever_happens_the_audit_works_out_the_same(book: Book) -> None:
    assert book.audit() == []


@given(books(), st.data())
def test_whatever_amount_is_changed_is_found_with_every_digest_made_anew(
    book: Book, data: st.DataObject
) -> None:
    at = [(i, j) for i, (_, entries) in enumerate(book.pages) for j in range(len(entries))]
    assume(at)
    page, entry = data.draw(st.sampled_from(at))
    _, entries = book.pages[page]
    entries[entry][4] = str(int(entries[entry][4]) + data.draw(st.sampled_from([-1, 1, 1000])))
    found = {finding.code for finding in book.audit()}
    assert Code.AMOUNT in found
    assert Code.DIGEST not in found


@given(books(), st.data())
def test_whatever_transfer_or_page_is_left_out_is_found_with_every_digest_made_anew(
    book: Book, data: st.DataObject
) -> None:
    assume(len(book.pages) > 1)
    page = data.draw(st.integers(0, len(book.pages) - 2), "page")
    _, entries = book.pages[page]
    if len(entries) > 1 and data.draw(st.booleans()):
        entries.pop(data.draw(st.integers(0, len(entries) - 1)))
    else:
        book.pages.pop(page)
    assert book.audit()
