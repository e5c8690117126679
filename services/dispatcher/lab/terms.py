"""Knows the terms that runs are planned and priced under, and how to change them; refuses what makes no policy and no tariff."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from services.dispatcher.money.rules.policy import Policy
from services.dispatcher.money.rules.tariff import Tariff
from services.dispatcher.planning.objective import CHARTER, OBJECTIVES
from shared.kernel.errors import InvalidInput
from shared.kernel.money import round_half_up

_PRICES = ("fixed_fen", "fen_per_km", "minimum_day_fen", "driver_day_fen")
"""What a carrier asks for; the toll is the roads'."""

_WEIGHED = frozenset(
    {
        "load_factor_percent",
        "toll_exempt",
        "provisions",
        "cap_vehicle_fen",
        "cap_head_fen",
        "min_passengers_vehicle",
        "destinations",
        "trips",
    }
)
"""What of a policy decides who bears a coach; the rest is held against claims, and the lab would see no difference."""

M = TypeVar("M", bound=BaseModel)


class BadChange(InvalidInput):
    """{field} cannot be {value}: {detail}. Name a field of the policy (min_passengers_vehicle, provisions.0.rule.rate_percent), tariffs.TYPE.FIELD, tariff_percent or objective, with a value that it may have."""

    zh = "{field} 不能为 {value}：{detail}。请填写政策字段（如 min_passengers_vehicle、provisions.0.rule.rate_percent）、tariffs.车型.字段、tariff_percent 或 objective，及其允许的值。"


@dataclass(frozen=True)
class Terms:
    """What holds on a day: the policy, coach type -> tariff, and what a plan is judged by."""

    policy: Policy
    tariffs: Mapping[str, Tariff]
    objective: str = CHARTER

    def change(self, changes: Mapping[str, Any]) -> "Terms":
        """These terms but for the fields named: of the policy by path, `tariffs.TYPE.FIELD`, `tariff_percent` (of what
        carriers ask for) and `objective`. Raises BadChange."""
        policy, tariffs, objective = self.policy, dict(self.tariffs), self.objective
        for field, value in changes.items():
            if field == "objective":
                objective = _objective(value)
            elif field == "tariff_percent":
                tariffs = {kind: _scale(tariff, value) for kind, tariff in tariffs.items()}
            elif field.startswith("tariffs."):
                kind, _, inner = field.removeprefix("tariffs.").partition(".")
                if kind not in tariffs:
                    raise BadChange(
                        field=field, value=value, detail=f"no coach type {kind} / 没有该车型的价目"
                    )
                tariffs[kind] = _put(tariffs[kind], field, inner, value)
            elif field in Policy.model_fields.keys() - _WEIGHED:
                detail = "it is held against claims, not against coaches / 该规则用于审核申报，不影响车次费用"
                raise BadChange(field=field, value=value, detail=detail)
            else:
                policy = _put(policy, field, field, value)
        return Terms(policy, tariffs, objective)


def _objective(value: Any) -> str:
    if value not in OBJECTIVES:
        raise BadChange(
            field="objective", value=value, detail=f"give one of / 可选值: {'; '.join(OBJECTIVES)}"
        )
    return str(value)


def _scale(tariff: Tariff, percent: Any) -> Tariff:
    if type(percent) is not int or not 1 <= percent <= 1000:
        raise BadChange(
            field="tariff_percent",
            value=percent,
            detail="give a whole number from 1 to 1000 / 应为 1 至 1000 的整数",
        )
    return tariff.model_copy(
        update={name: round_half_up(getattr(tariff, name) * percent, 100) for name in _PRICES}
    )


def _put(model: M, field: str, path: str, value: Any) -> M:
    """The model with the value at the path, checked as a whole. Raises BadChange."""
    body: Any = model.model_dump(mode="json")
    *way, last = path.split(".")
    try:
        inner = body
        for step in way:
            inner = inner[int(step)] if isinstance(inner, list) else inner[step]
        inner[int(last) if isinstance(inner, list) else last] = value
        return type(model).model_validate(body)
    except ValidationError as error:
        detail = "; ".join(one["msg"] for one in error.errors())
        raise BadChange(field=field, value=value, detail=detail) from error
    except (LookupError, TypeError, ValueError) as error:
        raise BadChange(field=field, value=value, detail="there is no such field / 没有该字段") from error
