"""Audits a season's book with code of its own: reads the vouchers in order, and works every effect out again.

Takes what is stored as it is stored: a page's columns as text, a policy's body as JSON. Shares nothing with the code that
writes the books, so that a mistake there is not repeated here. What it keeps in memory grows with trips, not with pages.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from services.dispatcher.money.books.findings import Code, Finding, Findings, ToRecover
from services.dispatcher.money.books.recount import Json, standing
from services.dispatcher.money.books.sources import Source, check_source
from services.dispatcher.money.books.tally import FIELDS, LIMIT, Entry, Tally

_KINDS = MappingProxyType(
    {
        "bill": ("reserve", "commit", "settle", "release", "correct"),
        "pay": ("pay",),
        "recover": ("recover",),
        "allocate": ("allocate",),
        "override": ("override",),
    }
)
"""Act -> the transfers that it may make."""
_ENTRY, _PART = "\x1e", "\x1f"
_SHORT = 16
"""Digits of a digest that tell two apart on a screen."""


@dataclass(frozen=True)
class Page:
    """A sealed voucher as its columns are, all as text; None where the voucher is gone. `entries`: its transfers in order, their
    fields joined as they are digested; `together`: whether seal and transfers have the voucher's season and instant."""

    position: int
    digest: str
    voucher_id: str
    act: str | None
    season: str | None
    trip_id: str | None
    claim_id: str | None
    county_code: str | None
    cause: str | None
    actor: str | None
    epoch: str | None
    facts: str | None
    entries: str
    together: bool | None


def digest_page(before: str, page: Page) -> str:
    """What a page's digest must be after the one before: SHA-256 of both with all that the page says."""
    parts = (page.voucher_id, page.act, page.season, page.trip_id, page.claim_id, page.county_code)
    head = _PART.join([part or "" for part in (*parts, page.cause, page.actor, page.epoch, page.facts)])
    return hashlib.sha256(_ENTRY.join((before, head, page.entries)).encode()).hexdigest()


class Audit:
    """An audit of one season's book as it goes on: its pages in order, `end`, then balances and sources."""

    def __init__(
        self, season: str, policies: Mapping[str, Json], noted: tuple[int, str] | None = None
    ) -> None:
        self.season, self.policies, self.noted = season, policies, noted
        self.vouchers = self.transfers = self.position = 0
        self.digest = ""
        self._findings = Findings()
        self._tally = Tally(self._findings)
        self._documents: set[tuple[str, str]] = set()
        self._digests = {key: _digest(body) for key, body in policies.items()}
        self._edited: set[str] = set()

    @property
    def trips(self) -> int:
        """Trips that the book has entries of."""
        return len(self._tally.trips)

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, in the order of the chain."""
        return self._findings.all

    def take(self, page: Page) -> None:
        """The next page of the chain."""
        self.vouchers += 1
        self._chain(page)
        if page.act is None:
            self._tell(Code.UNSEALED, page.voucher_id, "a seal alone 仅有封存", "its voucher 凭证")
            return
        entries = [line.split(_PART) for line in page.entries.split(_ENTRY)] if page.entries else []
        self.transfers += len(entries)
        if page.act not in _KINDS or any(len(entry) != FIELDS for entry in entries):
            self._tell(Code.FORM, page.voucher_id, page.act, ", ".join(_KINDS))
            return
        self._same_act(page, entries)
        try:
            facts = json.loads(page.facts or "")
            if page.act == "bill":
                self._bill(page, facts, entries)
            elif page.act in ("pay", "recover"):
                self._claim(page, facts, entries)
            else:
                self._budget(page, facts, entries)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            fault = f"{type(error).__name__}: {error}"
            self._tell(
                Code.FORM, page.voucher_id, fault, "facts and transfers of the act 该类凭证的事实与分录"
            )
        self._tally.hold_limits(entries)

    def _chain(self, page: Page) -> None:
        self._findings.place = page.position
        if page.position != self.position + 1:
            self._tell(Code.PLACE, page.voucher_id, str(page.position), str(self.position + 1))
        made = digest_page(self.digest, page)
        if made != page.digest:
            self._tell(Code.DIGEST, page.voucher_id, made[:_SHORT], page.digest[:_SHORT])
        # From the digest that is stored, so that one page that was changed is not told of all that follow.
        self.position, self.digest = page.position, page.digest
        if self.noted and self.noted[0] == page.position and self.noted[1] != page.digest:
            self._tell(Code.NOTED, page.voucher_id, page.digest, self.noted[1])

    def _same_act(self, page: Page, entries: Iterable[Entry]) -> None:
        """Every transfer is of its voucher's season, cause, county and instant, and of a kind that its act may make."""
        if not page.together:
            self._tell(Code.FORM, page.voucher_id, "another season or instant 季或时刻不同", "one 一致")
        kinds, wanted = _KINDS[str(page.act)], (page.season, page.cause, page.county_code)
        for entry in entries:
            made = (entry[7], entry[9], entry[13])
            if made != wanted or entry[1] not in kinds:
                self._tell(Code.FORM, entry[0], f"{entry[1]} {made}", f"{page.act} {wanted}")

    def _budget(self, page: Page, facts: Json, entries: Sequence[Entry]) -> None:
        account = f"payer:{facts['payer']}:{facts['code']}:{self.season}"
        treasury = f"treasury:{facts['code']}:{self.season}"
        wanted = [page.act, treasury, account, str(facts["amount_fen"]), "", "1", "", "", ""]
        for entry in entries:
            made = [*entry[1:7], *entry[10:13]]
            if made != wanted:
                self._tell(Code.AMOUNT, entry[0], " ".join(made), " ".join(map(str, wanted)))
            for end in (entry[2], entry[3]):
                self._tally.accounts[end][LIMIT] += int(entry[4])
        if len(entries) != 1:
            self._tell(Code.AMOUNT, page.voucher_id, f"{len(entries)} transfers 笔分录", "1")
        if page.act == "allocate":
            document = (account, facts["document"])
            if document in self._documents or any(entry[8] != facts["document"] for entry in entries):
                self._tell(
                    Code.FORM, account, f"{facts['document']} again 重复", "each document once 每份文件一次"
                )
            self._documents.add(document)

    def _bill(self, page: Page, facts: Json, entries: Sequence[Entry]) -> None:
        trip_id = str(page.trip_id)
        trip = self._tally.trips[trip_id]
        trip.facts = page.facts
        wanted = (trip_id, f"carrier:{facts['parties']['carrier_id']}:{self.season}", facts["policy"])
        for entry in entries:
            _, other = self._tally.enter(trip, entry)
            if (entry[5], other, entry[8]) != wanted:
                self._tell(Code.FORM, entry[0], f"{entry[5]} {other} {entry[8]}", " ".join(wanted))
        if self._is_unchanged(facts["policy"], facts["policy_digest"]):
            due = standing(self.policies[facts["policy"]], facts)
            self._tally.compare(Code.AMOUNT, trip_id, trip, due, committed=facts["committed"])

    def _claim(self, page: Page, facts: Json, entries: Sequence[Entry]) -> None:
        wanted: Counter[tuple[str, str, str]] = Counter()
        for line in facts["lines"]:
            wanted[line["trip_id"], line["payer"], line["claimant"]] += line["fen"]
        made: Counter[tuple[str, str, str]] = Counter()
        for entry in entries:
            trip = self._tally.trips[entry[5]]
            payer, claimant = self._tally.enter(trip, entry)
            made[entry[5], payer, claimant] += int(entry[4])
            trip.paid[payer, claimant] += int(entry[4]) if page.act == "pay" else -int(entry[4])
        for key in sorted(wanted.keys() | made.keys()):
            if wanted[key] != made[key]:
                self._tell(Code.AMOUNT, " ".join(key), str(made[key]), str(wanted[key]))
        if page.act == "pay":
            for over in self._tally.list_overpaid(self._sound, {trip_id for trip_id, *_ in made}):
                if (over.trip_id, over.payer, over.claimant) in made:
                    subject = f"{over.trip_id} {over.payer} {over.claimant}"
                    self._tell(
                        Code.PAID, subject, f"{over.fen} too much 多付", "no more than is owed 不超过应付"
                    )

    @property
    def _sound(self) -> dict[str, Json]:
        """The policies that nothing was found wrong with so far."""
        return {key: body for key, body in self.policies.items() if key not in self._edited}

    def _is_unchanged(self, key: str, digest: str) -> bool:
        """Whether the policy is the one that a voucher was worked out by; it is told once where not."""
        found = self._digests.get(key, "not stored 未保存")
        if found != digest and key not in self._edited:
            self._edited.add(key)
            self._tell(Code.POLICY, key, found[:_SHORT], digest[:_SHORT])
        return found == digest

    def end(self, head: tuple[int, str] | None, unsealed: Iterable[str]) -> None:
        """The chain is read. `head` as the book has it; `unsealed`: vouchers and transfers that are in none of its pages."""
        tell = self._findings.of_all
        if (self.position, self.digest) != (head or (0, "")):
            tell(Code.HEAD, self.season, _head(*(head or (0, ""))), _head(self.position, self.digest))
        if self.noted and self.noted[0] > self.position:
            tell(Code.NOTED, self.season, _head(self.position, self.digest), _head(*self.noted))
        for subject in unsealed:
            tell(Code.UNSEALED, subject, "no seal 无封存", "a page of the chain 链上一页")

    def check_balances(self, rows: Iterable[tuple[str, int, int, int, int, int]]) -> None:
        """Hold the sums to the accounts as the database keeps them: reserved, committed, settled, paid, limit."""
        kept = {account: list(stages) for account, *stages in rows}
        for account in sorted(kept.keys() | self._tally.accounts.keys()):
            found, wanted = kept.get(account), self._tally.accounts.get(account, [0] * 5)
            if found != wanted:
                self._findings.of_all(Code.BALANCE, account, str(found), str(wanted))

    def check_sources(self, sources: Iterable[Source]) -> None:
        """Hold the books to every trip of the season, each once."""
        rest = set(self._tally.trips)
        for source in sources:
            rest.discard(source.trip_id)
            if source.policy not in self.policies:
                self._is_unchanged(source.policy, "")
            check_source(source, self._tally, self._sound.get(source.policy))
        for trip_id in sorted(rest):
            self._findings.of_all(
                Code.SOURCE, trip_id, "in the books 账册有", "a trip of the season 本季班次"
            )

    def list_to_recover(self) -> list[ToRecover]:
        """What was paid and is owed no longer, since a cut or a word came later."""
        paid = (trip_id for trip_id, trip in self._tally.trips.items() if trip.paid)
        return self._tally.list_overpaid(self._sound, paid)

    def _tell(self, code: Code, subject: str, found: str, expected: str) -> None:
        self._findings.tell(code, subject, found, expected)


def _digest(body: Json) -> str:
    """SHA-256 of a policy's body, its keys sorted, as vouchers have it."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _head(position: int, digest: str) -> str:
    return f"{position}:{digest}"
