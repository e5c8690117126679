"""Knows what a check says: how grave it is, of which trip and lines, by which figures, and the sentence for people.

A cause is declared beside its check, with its sentence in both languages: the fact, its limit, the mend. Nothing in a flag
says who somebody is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from shared.kernel.clock import SHANGHAI
from shared.kernel.errors import Language
from shared.kernel.money import yuan

Value = str | int | bool | None | tuple[str, ...]

CODES: Mapping[str, str] = MappingProxyType(
    {
        "no_show": "未到场",
        "refused": "企业未接收",
        "disputed": "有异议",
        "submit": "提交",
        "review": "审核",
        "pay": "支付",
        "private": "民营",
        "foreign": "外资",
        "collective": "集体",
        "state": "国有",
    }
)
"""What the Chinese sentences call the codes that evidence holds."""


class Severity(StrEnum):
    """What a flag does to its claim (`domain.md` §2.5)."""

    BLOCK = "block"
    """Nothing of the claim is paid while it stands."""
    BLOCK_VEHICLE = "block_vehicle"
    """Nothing of this trip is paid."""
    BLOCK_LINE = "block_line"
    """Nothing is paid for these requests."""
    HOLD_LINE = "hold_line"
    """What these requests make waits until it is cleared."""
    REVIEW = "review"
    """A reviewer must look at it and say why it may pass."""
    ALERT = "alert"
    """Somebody's safety: told at once, whatever becomes of the money."""
    CLAW_BACK_CANDIDATE = "claw_back_candidate"
    """What was paid may have to be asked back."""


@dataclass(frozen=True)
class Flag:
    """One finding of one check. `cause` tells apart what a check can find; `evidence` has JSON values only."""

    code: str
    cause: str
    severity: Severity
    trip_id: str | None
    request_ids: tuple[str, ...]
    evidence: Mapping[str, Value]
    zh: str
    en: str

    def message(self, language: Language) -> str:
        """The fact, the limit and the mend."""
        return self.zh if language == "zh" else self.en

    @property
    def rank(self) -> tuple[str, str, str, tuple[str, ...], str]:
        """By which flags are put in order, whatever the order of the facts was."""
        told = json.dumps(dict(self.evidence), ensure_ascii=False, sort_keys=True)
        return self.code, self.cause, self.trip_id or "", self.request_ids, told


@dataclass(frozen=True)
class Cause:
    """One thing that a check can find, and how it is worded; placeholders are filled from the evidence."""

    code: str
    name: str
    severity: Severity
    zh: str
    en: str

    def flag(
        self, trip_id: str | None = None, request_ids: tuple[str, ...] = (), **evidence: Value | date
    ) -> Flag:
        """It was found there, for these requests, by these figures.

        In the sentence an amount `x_fen` is `{x_yuan}`, and the Chinese one has words for codes. Instants are Shanghai's.
        """
        told = {key: _told(value) for key, value in evidence.items()}
        words = told | {"trip_id": trip_id, "requests": request_ids}
        words |= {
            f"{key[:-4]}_yuan": yuan(v)
            for key, v in told.items()
            if key.endswith("_fen") and isinstance(v, int)
        }
        zh = self.zh.format(**{key: _worded(value, "、", CODES) for key, value in words.items()})
        en = self.en.format(**{key: _worded(value, ", ", {}) for key, value in words.items()})
        return Flag(self.code, self.name, self.severity, trip_id, request_ids, told, zh, en)


def _told(value: Value | date) -> Value:
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _worded(value: Value, between: str, codes: Mapping[str, str]) -> str:
    values = value if isinstance(value, tuple) else (str(value),)
    return between.join(codes.get(one, one) for one in values)
