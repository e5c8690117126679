"""Names and phones of workers, asked of the registry at the moment of use; refuses to keep any.

Personal data leaves the registry by this call alone: on demand, for a purpose, and logged there with its reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

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


class Directory(Protocol):
    """Knows workers by their requests."""

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        """The contact of each request that the registry still knows; raises Unavailable.

        `purpose` (`manifest`, `boarding`, `handover`, `sms`) and `reader`, who gets to see them (a caller's subject, a
        link's id, a service that shows them to nobody), are logged by the registry beside the ids.
        """
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


class HttpDirectory:
    """Asks the registry over HTTP, with a token of two minutes that only says which service asks."""

    def __init__(self, registry_url: str, keyring: Keyring, clock: Clock, service: str = "service") -> None:
        self._url = registry_url.rstrip("/") + "/api/directory"
        self._keyring = keyring
        self._clock = clock
        self._caller = Principal(service, frozenset({Role.SERVICE}), name=service)
        self._client = httpx.Client(timeout=_TIMEOUT_S)

    def lookup(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        """See `Directory`; asks for at most 500 at once."""
        found: dict[str, Contact] = {}
        for start in range(0, len(request_ids), REQUEST_IDS_MAX):
            found |= self._ask(request_ids[start : start + REQUEST_IDS_MAX], purpose, reader)
        return found

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _ask(self, request_ids: Sequence[str], purpose: str, reader: str) -> dict[str, Contact]:
        body = {"request_ids": list(request_ids), "purpose": purpose, "reader": reader}
        try:
            response = self._client.post(self._url, json=body, headers=self._headers())
            response.raise_for_status()
            answer = DirectoryAnswer.model_validate_json(response.content)
        except httpx.HTTPStatusError as error:
            raise RegistryAway(reason=f"HTTP {error.response.status_code}") from error
        except (httpx.HTTPError, ValidationError) as error:
            # Only the kind: a validation error would quote the answer, and so names.
            raise RegistryAway(reason=type(error).__name__) from None
        return {key: Contact(**contact.model_dump()) for key, contact in answer.contacts.items()}

    def _headers(self) -> dict[str, str]:
        token = tokens.issue(self._keyring, self._caller, _TOKEN_TTL, self._clock)
        correlation_id = current_correlation()
        return {"Authorization": f"Bearer {token}"} | (
            {"X-Correlation-ID": correlation_id} if correlation_id else {}
        )
