"""Asks the registry who rides, for one page and one purpose; keeps nobody."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.directory import Contact, Directory
from shared.kernel.errors import Unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class People:
    """Contacts by request id; `away` where the registry does not answer, and then there are none."""

    contacts: Mapping[str, Contact]
    away: bool = False


def ask_people(
    directory: Directory, request_ids: Sequence[str], purpose: Literal["boarding", "handover"], reader: str
) -> People:
    """Who these requests are, for a reader whom the registry writes down; a page works without, with short numbers."""
    if not request_ids:
        return People({})
    try:
        return People(directory.lookup(request_ids, purpose, reader))
    except Unavailable as error:
        _log.warning("names for %s are not to be had: %s", purpose, error)
        return People({}, away=True)


def short_number(request_id: str) -> str:
    """The last six characters of a request id: what a list shows where there is no name."""
    return request_id[-6:]
