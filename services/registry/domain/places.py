"""Knows how a typed place or enterprise name is matched to a registered one; refuses to know where they are.

What matches nothing is a fault that offers the nearest names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from services.registry.domain.fault import Fault, fault
from services.registry.domain.identity import tidy

GIVEN_SHOWN_MAX = 30


@dataclass(frozen=True, slots=True)
class Gate:
    """An enterprise's door."""

    gate_id: str
    name: str


@dataclass(frozen=True)
class Enterprise:
    """A registered enterprise, by its unified social credit code."""

    enterprise_id: str
    name: str
    gates: tuple[Gate, ...]


def nearest(given: str, names: Iterable[str]) -> list[str]:
    """Up to three registered names that look like what was typed."""
    known = list(dict.fromkeys(names))
    inside = [name for name in known if given and (given in name or name in given)]
    return list(dict.fromkeys([*inside, *get_close_matches(given, known, n=3, cutoff=0.4)]))[:3]


def _hint(given: str, names: Iterable[str], else_zh: str, else_en: str) -> dict[str, str]:
    found = nearest(given, names)
    if not found:
        return {"hint_zh": else_zh, "hint_en": else_en}
    return {
        "hint_zh": f"是否为：{'、'.join(found)}？",
        "hint_en": f"Perhaps one of: {', '.join(found)}?",
    }


class Stops:
    """The places of one county where people may board.

    `find` gives the code of a typed name or code, or None; `names` are offered where it finds nothing.
    """

    def __init__(self, find: Callable[[str], str | None], names: Iterable[str]) -> None:
        self._find = find
        self._names = tuple(names)

    def find(self, text: str) -> str | Fault:
        """The code of the stop that was typed as a name or a code."""
        code = self._find(text)
        if code is not None:
            return code
        hint = _hint(
            text,
            self._names,
            "请填写本县乡镇、街道或安置点的名称，可在模板的下拉列表中选择",
            "Write a township, subdistrict or resettlement site of this county; the template lists them",
        )
        return fault("stop", "unknown-stop", given=text[:GIVEN_SHOWN_MAX], **hint)


class Enterprises:
    """All registered enterprises, found by name or code."""

    def __init__(self, registered: Iterable[Enterprise]) -> None:
        self._by_key: dict[str, Enterprise] = {}
        self._gates: dict[str, dict[str, str]] = {}
        self._names: list[str] = []
        for one in registered:
            self._names.append(one.name)
            self._by_key.setdefault(tidy(one.name), one)
            self._by_key[one.enterprise_id] = one
            self._gates[one.enterprise_id] = {
                key: gate.gate_id for gate in one.gates for key in (gate.gate_id, tidy(gate.name))
            }

    def find(self, text: str) -> Enterprise | Fault:
        """The enterprise that was typed as its full name or its code."""
        found = self._by_key.get(text) or self._by_key.get(text.upper())
        if found is not None:
            return found
        hint = _hint(
            text,
            self._names,
            "请填写企业登记全称；新企业请先由调度或运营人员登记",
            "Write the full registered name; a new enterprise has to be registered first",
        )
        return fault("enterprise", "unknown-enterprise", given=text[:GIVEN_SHOWN_MAX], **hint)

    def find_gate(self, enterprise: Enterprise, text: str) -> str | Fault:
        """The id of the gate that was typed as its name or id."""
        gates = self._gates[enterprise.enterprise_id]
        if text in gates:
            return gates[text]
        names = [gate.name for gate in enterprise.gates]
        return fault(
            "gate",
            "unknown-gate",
            given=text[:GIVEN_SHOWN_MAX],
            enterprise=enterprise.name,
            hint_zh=f"请填写已登记的厂门之一：{'、'.join(names)}；新厂门请先由调度或运营人员登记",
            hint_en=f"Write one of its registered gates: {', '.join(names)}; a new one has to be registered first",
        )
