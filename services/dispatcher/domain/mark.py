"""Knows what a dispatcher may lay down for a round before it is planned again, and when that makes no sense; plans nothing."""

from enum import StrEnum

from shared.kernel.errors import Conflict, InvalidInput, NotFound


class MarkKind(StrEnum):
    """`lock` a trip: it stays as it is. `force` a request onto a trip. `forbid` a request a trip, or another request beside it."""

    LOCK = "lock"
    FORCE = "force"
    FORBID = "forbid"


class BadMark(InvalidInput):
    """A mark of kind {kind} needs {needs} and nothing else. Correct its fields."""

    zh = "类型为 {kind} 的标记需要且仅需要 {needs}。请更正字段。"


class RequestNotInPool(NotFound):
    """There is no request {request_id} that rides or waits here. Take its number from a trip's manifest."""

    zh = "这里没有已编车或等待编车的需求 {request_id}。请从班次的乘客名单中查找编号。"


class NoSuchMark(NotFound):
    """There is no mark {mark_id}, or it is not yours to see."""

    zh = "没有编号为 {mark_id} 的标记，或您无权查看。"


class MarkNotKept(Conflict):
    """No lawful plan was found that keeps the mark "{reason}" ({kind}). Lift it, or make room for it."""

    zh = "未找到能满足标记“{reason}”（{kind}）的合规方案。请撤销该标记，或为其留出余地。"


def require_fields(kind: MarkKind, trip_id: str | None, request_id: str | None, other_id: str | None) -> None:
    """Raises BadMark."""
    given = (trip_id is not None, request_id is not None, other_id is not None)
    wanted = {
        MarkKind.LOCK: ({(True, False, False)}, "trip_id"),
        MarkKind.FORCE: ({(True, True, False)}, "request_id, trip_id"),
        MarkKind.FORBID: ({(True, True, False), (False, True, True)}, "request_id, trip_id | other_id"),
    }[kind]
    if given not in wanted[0] or (request_id is not None and request_id == other_id):
        raise BadMark(kind=kind.value, needs=wanted[1])
