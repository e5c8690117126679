"""Knows when a name, resident ID, phone or enterprise code is well formed; refuses to know whose they are.

Resident IDs follow GB 11643, enterprise codes GB 32100. The area inside an ID is where somebody was first
registered, in codes that retire: it is neither checked against a list nor used as an origin.
"""

import re
import unicodedata
from datetime import date

from stdnum.cn import ric, uscc

from services.registry.domain.fault import Fault, fault

AGE_MIN_YEARS = 16
"""Labour Law of the PRC, article 15."""
_NAME = re.compile(r"[^\W\d_][^\W\d_·.・'’\- ]*(?:[·.・'’\- ][^\W\d_]+)*\.?")
_RESIDENT_ID = re.compile(r"[0-9]{17}[0-9X]")
_PHONE = re.compile(r"1[3-9]\d{9}")
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]+")
"""Most cells hold nothing else, and NFKC leaves each of these as it is."""
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))


def tidy(text: str) -> str:
    """The text as it was meant: full-width forms made plain (NFKC), unseen characters and outer spaces dropped."""
    if text.isascii() and text.isprintable():
        return text.strip()
    if _IDEOGRAPHS.fullmatch(text):
        return text
    seen = "".join(sign if sign.isprintable() else " " for sign in text.translate(_UNSEEN))
    return " ".join(unicodedata.normalize("NFKC", seen).split())


def read_name(text: str) -> str | Fault:
    """A person's name of 2 to 40 letters, or what is wrong with it."""
    if 2 <= len(text) <= 40 and _NAME.fullmatch(text):
        return text
    return fault("name", "name-unreadable")


def read_resident_id(text: str) -> str | Fault:
    """The ID of 18 characters with a capital X, or the first thing wrong with it."""
    compact = text if _RESIDENT_ID.fullmatch(text) else re.sub(r"[\s\-']", "", text).upper()
    if not _RESIDENT_ID.fullmatch(compact):
        return fault("resident_id", _id_fault(compact))
    if find_birth_date(compact) is None:
        return fault("resident_id", "id-birth")
    if ric.calc_check_digit(compact) != compact[-1]:
        return fault("resident_id", "id-checksum")
    return compact


def _id_fault(compact: str) -> str:
    if _SCIENTIFIC.fullmatch(compact):
        return "id-number"
    return "id-15" if re.fullmatch(r"[0-9]{15}", compact) else "id-format"


def find_birth_date(resident_id: str) -> date | None:
    """The day of birth written in an ID; None where there is no such day."""
    try:
        return date(int(resident_id[6:10]), int(resident_id[10:12]), int(resident_id[12:14]))
    except ValueError:
        return None


def age_on(resident_id: str, day: date) -> int:
    """Completed years on `day`, by the birth date in a valid ID."""
    born = find_birth_date(resident_id)
    if born is None:
        raise ValueError("the resident ID has no date of birth")
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def read_phone(text: str) -> str | Fault:
    """A mainland mobile number of 11 digits without its country code, or what is wrong with it."""
    if _PHONE.fullmatch(text) and text.isascii():
        return text
    digits = re.sub(r"[\s\-()']", "", text)
    digits = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    return digits if _PHONE.fullmatch(digits) and digits.isascii() else fault("phone", "phone")


def find_enterprise_code(text: str) -> str | None:
    """The unified social credit code in 18 capital characters; None where it is not one."""
    compact = re.sub(r"[\s\-]", "", text).upper()
    return compact if uscc.is_valid(compact) else None
