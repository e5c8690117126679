"""Works out again what a trip's facts make of its charter, for the audit; shares no code with the rules that the books go by.

Reads plain JSON: the facts of a voucher, and a policy's body as it is stored. Says nothing of accounts' history.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
_ARRIVED, _DISPUTED, _BOOKED = range(3)


def apportion(fen: int, weights: Sequence[int]) -> list[int]:
    """Whole fen by largest remainder, the first of equals first. Raises ValueError for money that nobody can carry."""
    if len(weights) == 1 and weights[0]:
        return [fen]
    whole = sum(weights)
    if not whole:
        if fen:
            raise ValueError(f"{fen} fen and nobody to bear it")
        return [0] * len(weights)
    split = [divmod(fen * weight, whole) for weight in weights]
    parts = [quotient for quotient, _ in split]
    missing = fen - sum(parts)
    if missing:
        for i in sorted(range(len(split)), key=lambda i: split[i][1], reverse=True)[:missing]:
            parts[i] += 1
    return parts


@dataclass
class Recount:
    """What a trip comes to: account -> due and held after the cuts, and what of a payer's due is whose to claim."""

    bears: dict[str, list[int]]
    claimable: dict[tuple[str, str], int]


def standing(policy: Json, facts: Json) -> dict[str, tuple[int, int]]:
    """Account -> what a trip with these facts has promised, and what it owes; accounts with nothing are left out.

    Raises KeyError, TypeError or ValueError where the facts are none of ours.
    """
    if facts["stage"] == "ended":
        return {}
    bears = recount(policy, facts).bears
    if facts["stage"] == "confirmed":
        return {account: (held, due) for account, (due, held) in bears.items() if due or held}
    return {account: (due + held, 0) for account, (due, held) in bears.items() if due or held}


def recount(policy: Json, facts: Json) -> Recount:
    """Who bears the trip's charter, and who may claim what of it."""
    parties, charter_fen = facts["parties"], facts["run"]["charter_fen"]
    places = _by_place(policy, facts["heads"])
    arrived = sum(_sum(those, _ARRIVED) for place, those in places.items() if place >= 0)
    came = arrived + sum(_sum(those, _DISPUTED) for place, those in places.items() if place >= 0)
    floor = max(1, policy["min_passengers_vehicle"])
    anybody = any(one[_ARRIVED] or one[_DISPUTED] for those in places.values() for one in those.values())
    if not anybody:  # the seats that were booked bear it
        for those in places.values():
            for one in those.values():
                one[_ARRIVED] = one[_BOOKED]
    weights = {place: _sum(those, _ARRIVED) + _sum(those, _DISPUTED) for place, those in places.items()}
    order = sorted(place for place, weight in weights.items() if weight)
    bases = dict(zip(order, apportion(charter_fen, [weights[place] for place in order]), strict=True))
    public = _public(policy, facts, bases, weights, came) if anybody and came >= floor else {}
    found = Recount(defaultdict(lambda: [0, 0]), defaultdict(int))
    for place, base_fen in bases.items():
        paid_fen, workers_fen = public.get(place, (0, 0))
        those = places[place]
        split = [_sum(those, _ARRIVED), _sum(those, _DISPUTED)]
        if place in public:
            _pay(found, policy, facts, place, paid_fen, split if arrived >= floor else [0, 1], places)
        if workers_fen:
            due, held = apportion(workers_fen, split) if arrived >= floor else (0, workers_fen)
            _add(found.bears, f"workers:{parties['county_code']}:{parties['season']}", due, held)
        names = sorted(those)
        each = apportion(base_fen - paid_fen - workers_fen, [n for name in names for n in those[name][:2]])
        for at, name in enumerate(names):
            _add(found.bears, f"enterprise:{name}:{parties['season']}", each[2 * at], each[2 * at + 1])
    _cut(found, facts["cuts"])
    return found


def _by_place(policy: Json, heads: Iterable[Json]) -> dict[int, dict[str, list[int]]]:
    """Provision's place (-1: none) -> enterprise -> arrived, disputed, booked."""
    found: dict[int, dict[str, list[int]]] = defaultdict(dict)
    for head in heads:
        place = -1
        for at, provision in enumerate(policy["provisions"]):
            modes, categories = provision["modes"], provision["categories"]
            if head["mode"] in (modes or [head["mode"]]) and head["category"] in (
                categories or [head["category"]]
            ):
                place = at
                break
        counts = found[place].setdefault(head["enterprise_id"], [0, 0, 0])
        counts[_ARRIVED] += head["arrived"]
        counts[_DISPUTED] += head["disputed"]
        counts[_BOOKED] += head["booked"]
    return found


def _sum(those: Mapping[str, list[int]], what: int) -> int:
    return sum(one[what] for one in those.values())


def _public(
    policy: Json, facts: Json, bases: Mapping[int, int], weights: Mapping[int, int], came: int
) -> dict[int, tuple[int, int]]:
    """Provision -> what government pays of it after the caps, and what its workers bear themselves."""
    parties, run = facts["parties"], facts["run"]
    period, wanted = policy["trips"], policy["destinations"]
    if period is not None and not period["first"] <= run["day"] <= period["last"]:
        return {}
    ends = (parties["destination_county_code"], parties["prefecture_code"])
    if wanted and not any(code.startswith(tuple(wanted)) for code in ends):
        return {}
    amounts: dict[int, int] = {}
    workers: dict[int, int] = {}
    for place in bases:
        if place >= 0:
            rule = policy["provisions"][place]["rule"]
            amounts[place], workers[place] = _rule(rule, bases[place], weights[place], came, run, parties)
            if policy["cap_head_fen"] is not None:
                amounts[place] = min(amounts[place], policy["cap_head_fen"] * weights[place])
    most = policy["cap_vehicle_fen"]
    if most is not None and sum(amounts.values()) > most:
        amounts = dict(zip(amounts, apportion(most, list(amounts.values())), strict=True))
    return {place: (amounts[place], workers[place]) for place in amounts}


def _rule(rule: Json, base_fen: int, heads: int, came: int, run: Json, parties: Json) -> tuple[int, int]:
    """What a rule pays of a part of the charter, and what of it the workers bear."""
    kind = rule["kind"]
    if kind == "percentage":
        return base_fen * rule["rate_percent"] // 100, 0
    if kind == "full_cost":
        return base_fen, 0
    if kind == "share_ratio":
        government, _, workers = apportion(base_fen, [rule["public"], rule["enterprise"], rule["workers"]])
        return government, workers
    if kind != "bands":
        raise ValueError(f"no such rule: {kind}")
    flat = rule["fen"].get(_distance(parties), 0)
    if flat == "full_cost":
        return base_fen, 0
    if flat:
        flat = flat[len([most for most in rule["seats"] if most < run["seats_approved"]])]
    return min(base_fen, flat * heads // came), 0


def _distance(parties: Json) -> str:
    home, away = parties["county_code"], parties["prefecture_code"]
    if parties["destination_county_code"] == home:
        return "same_county"
    same = next((digits for digits in (4, 2) if home[:digits] == away[:digits]), 0)
    return {4: "same_prefecture", 2: "same_province", 0: "other_province"}[same]


def _pay(
    found: Recount,
    policy: Json,
    facts: Json,
    place: int,
    paid_fen: int,
    split: list[int],
    places: Mapping[int, Mapping[str, list[int]]],
) -> None:
    """Lay a provision's public part on its payers, and say whose to claim their due is."""
    parties, provision = facts["parties"], policy["provisions"][place]
    home, away, season = parties["county_code"], parties["prefecture_code"], parties["season"]
    codes = {
        "origin_county": home,
        "origin_prefecture": f"{home[:4]}00",
        "origin_province": f"{home[:2]}0000",
        "destination_county": parties["destination_county_code"],
        "destination_prefecture": away,
    }
    payers = provision["payers"]
    for payer, fen in zip(payers, apportion(paid_fen, [one["share"] for one in payers]), strict=True):
        account = f"payer:{payer['payer']}:{codes[payer['payer']]}:{season}"
        due, held = apportion(fen, split)
        _add(found.bears, account, due, held)
        if not due:
            continue
        if provision["claimant"] == "carrier":
            found.claimable[account, f"carrier:{parties['carrier_id']}:{season}"] += due
        elif policy["joint_charter"] == "lead_enterprise":
            found.claimable[account, f"enterprise:{_lead(places)}:{season}"] += due
        else:
            names = sorted(places[place])
            parts = apportion(due, [places[place][name][_ARRIVED] for name in names])
            for name, part in zip(names, parts, strict=True):
                found.claimable[account, f"enterprise:{name}:{season}"] += part


def _lead(places: Mapping[int, Mapping[str, list[int]]]) -> str:
    """The enterprise with most heads that came under any provision, the first of equals by name."""
    came: dict[str, int] = defaultdict(int)
    for place, those in places.items():
        for name, (arrived, disputed, _) in those.items():
            came[name] += arrived + disputed if place >= 0 else 0
    return min(came, key=lambda name: (-came[name], name))


def _cut(found: Recount, cuts: Iterable[Json]) -> None:
    for one in cuts:
        payer, claimant = one["payer"], one["claimant"]
        fen = min(one["fen"], found.bears[payer][0]) if payer in found.bears else 0
        if not fen:
            continue
        found.bears[payer][0] -= fen
        found.claimable[payer, claimant] -= fen
        if claimant.startswith("enterprise:"):
            _add(found.bears, claimant, fen, 0)


def _add(bears: dict[str, list[int]], account: str, due: int, held: int) -> None:
    if due or held:
        bears[account][0] += due
        bears[account][1] += held
