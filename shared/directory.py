"""What only the registry knows of workers, asked of it at the moment of use; refuses to keep any.

Names and phones leave the registry by `lookup` alone: on demand, for a purpose, and logged there with its reader.
`check_people` and `find_origins` say what money has to know of somebody, and never who that is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.kernel.clock import Clock
from shared.kernel.errors import Unavailable
from shared.logs import current_correlation
from shared.security import Keyring, Principal, Role, tokens

REQUEST_IDS_MAX = 500
_TOKEN_TTL = timedelta(minutes=2)
_TIMEOUT_S = 5.0


class RegistryAway(Unavailable):
    """The registry, which alone knows names and phones, does not answer ({reason}). Try again shortly."""

    zh = "登记服务暂时没有响应（{reason}），姓名和电话只保存在登记服务，请稍后再试。"


@dataclass(frozen=True)
class Contact:
    """One worker, for the moment: full name, mobile phone, last four characters of the resident ID."""

    name: str
    phone: str
    resident_id_tail: str


@dataclass(frozen=True)
class OtherRequest:
    """Another request of the same person, in whatever county and season."""

    request_id: str
    season: str
    county_code: str
    earliest: date
    latest: date
    status: str


@dataclass(frozen=True)
class Employment:
    """A month, `2020-03`, for which an office says that the enterprise employed the person."""

    enterprise_id: str
    month: str


@dataclass(frozen=True)
class PersonCheck:
    """What stands for or against paying for one request's person, without saying who it is.

    Once they are erased, what their ID and phone told can be told no more: those fields are None or empty.
    """

    person: str
    """The registry's own random id: the same for all requests of one person."""
    erased: bool
    age: int | None
    """Completed years on the day asked for."""
    resident_id_valid: bool | None
    phone_shared_by: int | None
    """How many people have a request with the same phone in the request's season that is not withdrawn, or is this one."""
    other_requests: tuple[OtherRequest, ...]
    """All that are not withdrawn, and those withdrawn that ever had a seat; oldest first."""
    allowance: str | None
    """The office that says it paid the person an individual transport allowance in the year of the day asked for."""
    deceased_on: date | None
    employed: tuple[Employment, ...]
    """By month."""
    employment_known_to: str | None = None
    """The latest month that any employment list for the request's county tells of: who is on none is not employed up to then,
    and beyond it nobody knows. None: no list was loaded."""
    also: tuple[str, ...] = ()
    """The other ids by which this person was known before a clerk found that they are one: what was paid then bears one of these."""


@dataclass(frozen=True)
class Origin:
    """Where a request came from. Without roster, sha256 (of its bytes) and row (1 is the sheet's first line) it came by the API."""

    county_code: str
    uploaded_at: datetime
    uploaded_by: str
    """The office's subject."""
    roster_id: str | None
    sha256: str | None
    row: int | None


class Directory(Protocol):
    """Knows workers by their requests."""

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        """The contact of each request that the registry still knows; raises Unavailable.

        `purpose` (`manifest`, `boarding`, `handover`, `sms`, `claim-bundle`, `public-notice`) and `reader`, who gets to see
        them (a caller's subject, a link's id, a service that shows them to nobody), are logged by the registry beside the ids.
        """
        ...

    def check_people(
        self, request_ids: Sequence[str], day: date, purpose: str, reader: str
    ) -> dict[str, PersonCheck]:
        """What is known against the person of each request that exists, as of `day`; raises Unavailable.

        `purpose` (`precheck`, `trace`) and `reader` are logged as with `lookup`.
        """
        ...

    def find_origins(self, request_ids: Sequence[str], reader: str) -> dict[str, Origin]:
        """The roster, file and row of each request that exists; raises Unavailable. Logged, as `trace`."""
        ...


class ContactModel(BaseModel):
    """A contact on the wire; the registry answers with it."""

    model_config = ConfigDict(extra="forbid")

    name: str
    phone: str
    resident_id_tail: str


class DirectoryAnswer(BaseModel):
    """The registry's answer to `POST /api/directory`: request id -> contact."""

    model_config = ConfigDict(extra="forbid")

    contacts: dict[str, ContactModel]


class PeopleAnswer(BaseModel):
    """The registry's answer to `POST /api/people-checks`: request id -> what is known."""

    model_config = ConfigDict(extra="forbid")

    people: dict[str, PersonCheck]


class OriginsAnswer(BaseModel):
    """The registry's answer to `POST /api/origins`: request id -> where it came from."""

    model_config = ConfigDict(extra="forbid")

    origins: dict[str, Origin]


Answer = TypeVar("Answer", bound=BaseModel)


class HttpDirectory:
    """Asks the registry over HTTP, at most 500 requests at once, with a token of two minutes that only says which service asks."""

    def __init__(self, registry_url: str, keyring: Keyring, clock: Clock, service: str = "service") -> None:
        self._url = registry_url.rstrip("/")
        self._keyring = keyring
        self._clock = clock
        self._caller = Principal(service, frozenset({Role.SERVICE}), name=service)
        self._client = httpx.Client(timeout=_TIMEOUT_S)

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        """See `Directory`."""
        why = {"purpose": purpose, "reader": reader}
        return {
            key: Contact(**contact.model_dump())
            for answer in self._ask("/api/directory", request_ids, why, DirectoryAnswer)
            for key, contact in answer.contacts.items()
        }

    def check_people(
        self, request_ids: Sequence[str], day: date, purpose: str, reader: str
    ) -> dict[str, PersonCheck]:
        """See `Directory`."""
        why = {"day": day.isoformat(), "purpose": purpose, "reader": reader}
        found: dict[str, PersonCheck] = {}
        for answer in self._ask("/api/people-checks", request_ids, why, PeopleAnswer):
            found |= answer.people
        return found

    def find_origins(self, request_ids: Sequence[str], reader: str) -> dict[str, Origin]:
        """See `Directory`."""
        found: dict[str, Origin] = {}
        for answer in self._ask("/api/origins", request_ids, {"reader": reader}, OriginsAnswer):
            found |= answer.origins
        return found

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _ask(
        self, path: str, request_ids: Sequence[str], why: Mapping[str, str], answer: type[Answer]
    ) -> Iterator[Answer]:
        for start in range(0, len(request_ids), REQUEST_IDS_MAX):
            some = list(request_ids[start : start + REQUEST_IDS_MAX])
            yield self._ask_once(path, {"request_ids": some, **why}, answer)

    def _ask_once(self, path: str, body: Mapping[str, Any], answer: type[Answer]) -> Answer:
        try:
            response = self._client.post(self._url + path, json=body, headers=self._headers())
            response.raise_for_status()
            return answer.model_validate_json(response.content)
        except httpx.HTTPStatusError as error:
            raise RegistryAway(reason=f"HTTP {error.response.status_code}") from error
        except (httpx.HTTPError, ValidationError) as error:
            # Only the kind: a validation error would quote the answer, and so names.
            raise RegistryAway(reason=type(error).__name__) from None

    def _headers(self) -> dict[str, str]:
        token = tokens.issue(self._keyring, self._caller, _TOKEN_TTL, self._clock)
        correlation_id = current_correlation()
        return {"Authorization": f"Bearer {token}"} | (
            {"X-Correlation-ID": correlation_id} if correlation_id else {}
        )
