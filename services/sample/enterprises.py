"""Knows how to invent enterprises with gates at real towns and zones; refuses to know who works there.

Names carry 示例 so that none is a real firm's; credit codes pass GB 32100 and GB 11714 under an area nobody has.
"""

import random
from dataclasses import dataclass

from shared import reference
from shared.reference import Town, Zone
from shared.reference.geodesy import great_circle_m, offset

NEIGHBOURS_WITHIN_M = 25_000
"""Enterprises of one batch lie this near to its first: one coach serves one to three drops of one city."""

_TRADES = (
    "电子", "制衣", "鞋业", "家具", "五金", "塑胶", "玩具", "针织", "陶瓷", "机电", "食品", "光电",
    "箱包", "印染", "汽配", "包装", "照明", "建材",
)  # fmt: skip
_SYLLABLES = "禾澄朗裕恒泰鑫瑞达盛昌联科凯越宏远嘉铭启晟腾丰彩锦"
_GATES = ("东门", "南门", "西门", "北门", "1号门", "2号门", "3号门", "宿舍区正门")

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of an enterprise, at its own point in a town or zone."""

    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An invented enterprise; `place` is the real town or zone that its gates are in."""

    name: str
    uscc: str
    email: str
    place: Town | Zone
    gates: tuple[Gate, ...]


def organisation_code(first8: str) -> str:
    """The nine-character organisation code of eight characters, by GB 11714 (MOD 11)."""
    total = sum(int(c, 36) * w for c, w in zip(first8, _BODY_WEIGHTS, strict=True))
    return first8 + "0123456789X0"[11 - total % 11]


def credit_code(first17: str) -> str:
    """The 18-character unified social credit code of seventeen characters, by GB 32100 (MOD 31)."""
    total = sum(_USCC.index(c) * w for c, w in zip(first17, _USCC_WEIGHTS, strict=True))
    return first17 + _USCC[(31 - total % 31) % 31]


class Directory:
    """The invented enterprises of each prefecture, made as they are needed, the same for the same source."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._by_prefecture: dict[str, list[Enterprise]] = {}
        self._names: set[str] = set()

    def list_all(self) -> list[Enterprise]:
        """Every enterprise made so far, by prefecture in the order of making."""
        return [e for code in sorted(self._by_prefecture) for e in self._by_prefecture[code]]

    def pick(self, prefecture_code: str, count: int) -> list[Enterprise]:
        """Up to `count` enterprises near each other: one at random, known or new, and its nearest neighbours."""
        known = self._by_prefecture.setdefault(prefecture_code, [])
        if len(known) < 3 or self._rng.random() < 2 / (2 + len(known) / 6):
            known.append(self._found(prefecture_code, _any_place(self._rng, prefecture_code)))
            first = known[-1]
        else:
            first = self._rng.choice(known)
        near = [e for e in known if e is not first and _apart_m(e.place, first.place) < NEIGHBOURS_WITHIN_M]
        self._rng.shuffle(near)
        while len(near) < count - 1:
            near.append(self._found(prefecture_code, _neighbour(self._rng, first.place)))
            known.append(near[-1])
        return [first, *near[: count - 1]]

    def _found(self, prefecture_code: str, place: Town | Zone) -> Enterprise:
        number = sum(map(len, self._by_prefecture.values())) + 1
        gates = tuple(
            Gate(name, *_near(self._rng, place))
            for name in self._rng.sample(_GATES, 1 if self._rng.random() < 0.75 else 2)
        )
        body = organisation_code(f"YY{number:06d}")
        uscc = credit_code(f"91{prefecture_code[:2]}9900{body}")
        return Enterprise(self._name(prefecture_code), uscc, f"hr-{number:04d}@example.com", place, gates)

    def _name(self, prefecture_code: str) -> str:
        city = reference.get_prefecture(prefecture_code).name.removesuffix("市")
        while True:
            brand = "".join(self._rng.sample(_SYLLABLES, 2))
            name = f"{city}{brand}示例{self._rng.choice(_TRADES)}有限公司"
            if name not in self._names:
                self._names.add(name)
                return name


def _any_place(rng: random.Random, prefecture_code: str) -> Town | Zone:
    """A zone in one case of three where there is one, else a town; islands without a road are left out."""
    zones = reference.list_zones(prefecture_code)
    if zones and rng.random() < 1 / 3:
        return rng.choice(zones)
    return rng.choice(_towns(prefecture_code) or zones)


def _towns(prefecture_code: str) -> list[Town | Zone]:
    return [t for t in reference.list_towns(prefecture_code) if reference.has_road(t.code)]


def _neighbour(rng: random.Random, place: Town | Zone) -> Town | Zone:
    """The place itself or one of the nearest few towns."""
    near = sorted(_towns(place.prefecture_code), key=lambda t: (_apart_m(t, place), t.code))[:4]
    return rng.choice([place, *(t for t in near if _apart_m(t, place) < NEIGHBOURS_WITHIN_M)])


def _apart_m(a: Town | Zone, b: Town | Zone) -> int:
    return great_circle_m((a.lon, a.lat), (b.lon, b.lat))


def _near(rng: random.Random, place: Town | Zone) -> tuple[float, float]:
    """A point within 1.5 km of the place."""
    lon, lat = offset((place.lon, place.lat), rng.uniform(100, 1_500), rng.uniform(0, 360))
    return round(lon, 5), round(lat, 5)
