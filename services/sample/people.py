"""Knows how to invent workers that no rule is bent for and that nobody is; refuses to know where they go.

Resident IDs pass GB 11643's check (ISO 7064 MOD 11-2) under the area code 529900, which no division ever had
(GB/T 2260 gives Guizhou 5201-5206 and 5222-5227; a test looks through every table we have). Mobile numbers
begin with 154, a range not allocated to any operator (press lists of July 2022 name 142, 143, 154, 161, 164, 194).
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

AREA_NOBODY_HAS = "529900"
MOBILE_RANGE_NOT_ISSUED = "154"

AGE_MIN, AGE_MAX, AGE_USUAL = 16, 60, 32

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PHONES = 10**8
_PHONE_STEP = 61_803_399  # odd and no multiple of 5: visits every number once

SURNAMES = {
    "杨": 78, "王": 74, "李": 64, "吴": 62, "张": 60, "陈": 58, "龙": 44, "刘": 42, "罗": 40, "黄": 38,
    "潘": 34, "石": 33, "周": 32, "韦": 30, "田": 28, "赵": 26, "何": 25, "陆": 22, "蒙": 18, "冉": 18,
    "胡": 17, "谢": 16, "唐": 16, "姚": 14, "邓": 14, "欧": 12, "莫": 12, "岑": 10, "安": 10, "班": 8,
    "申": 8, "梁": 8, "熊": 8, "彭": 8, "顾": 6, "付": 6, "覃": 6, "禄": 3, "欧阳": 2,
}  # fmt: skip
"""Common surnames of Guizhou and rough weights (assumed)."""

GIVEN = "明华秀英国平海燕丽芳光荣春花小红建军志强玉兰文武成贵福兴昌德义忠仁家祥云飞天龙艳梅桂香金银珍珠正林森永胜应发世学先开朝阳洪波江涛"


@dataclass(frozen=True, slots=True)
class Person:
    """One invented worker."""

    name: str
    resident_id: str
    phone: str


def check_character(first17: str) -> str:
    """The 18th character of a resident ID, by ISO 7064 MOD 11-2 (GB 11643-1999, section 4.2)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, ID_WEIGHTS, strict=True)) % 11]


class Phones:
    """Hands out numbers, each once, in an order that does not look like one."""

    def __init__(self, rng: random.Random) -> None:
        self._last = rng.randrange(_PHONES)

    def next(self) -> str:
        """A number that nobody else has."""
        self._last = (self._last + _PHONE_STEP) % _PHONES
        return f"{MOBILE_RANGE_NOT_ISSUED}{self._last:08d}"


class Crowd:
    """Invents distinct people, the same for the same random source, in memory bounded by the days of birth."""

    def __init__(self, rng: random.Random, on_day: date) -> None:
        self._rng = rng
        self._on_day = on_day
        self._born: dict[date, int] = {}
        self._first_order = rng.randrange(1000)
        self._phones = Phones(rng)

    def invent(self, surname: str | None = None) -> Person:
        """A new person of 16 to 60 years, of this surname or any."""
        surname = surname or self.surname()
        given = "".join(self._rng.choices(GIVEN, k=1 if self._rng.random() < 0.2 else 2))
        return Person(surname + given, self._resident_id(), self._phones.next())

    def surname(self) -> str:
        """A common surname."""
        return self._rng.choices(list(SURNAMES), weights=list(SURNAMES.values()))[0]

    def _resident_id(self) -> str:
        while True:
            days = int(self._rng.triangular(AGE_MIN + 0.01, AGE_MAX + 0.98, AGE_USUAL) * 365.2425)
            born = self._on_day - timedelta(days=days)
            order = self._born.get(born, 0)
            if order < 1000:  # three digits tell apart those born on one day
                break
        self._born[born] = order + 1
        scattered = (self._first_order + born.toordinal() * 389 + order * 7) % 1000
        first17 = f"{AREA_NOBODY_HAS}{born:%Y%m%d}{scattered:03d}"
        return first17 + check_character(first17)
