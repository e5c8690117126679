"""Names for things: fresh ones that sort by time, and derived ones that come out the same again."""

import uuid
from datetime import datetime

from ulid import ULID

_NAMESPACE = uuid.UUID("5d1b7a52-3d0f-5c2b-9d5e-7a1f0f4f2c01")


def new_id(at: datetime | None = None) -> str:
    """A fresh ULID, 26 characters, ascending with time: it tells when it was made, or `at` if nobody may learn that."""
    return str(ULID() if at is None else ULID.from_datetime(at))


def derive_id(parent: str, *steps: str) -> str:
    """The id of what `steps` make of `parent`: the same input gives the same id (UUID version 5).

    A step that is done again after a crash therefore makes no second thing.
    """
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join((parent, *steps))))
