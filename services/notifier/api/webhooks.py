"""An organisation's webhook over HTTP: its own alone, found by the caller's organisation."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.notifier.channels.port import Channel, Undeliverable
from services.notifier.usecases.subscribe_webhook import Subscriptions
from shared.database import Database
from shared.kernel.errors import Forbidden, Unavailable
from shared.security import Principal, Role, allow

OWNERS = allow(Role.ENTERPRISE, Role.CARRIER)


class OrganisationMissing(Forbidden):
    """Your token names no organisation. Ask the operator for one that does: zhida token --organisation."""

    zh = "您的令牌未注明所属单位，请向系统管理员申请注明单位的令牌（zhida token --organisation）。"


class SubscriptionIn(BaseModel):
    """Where to send."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2000, description="A public https address that takes POST")


class SubscriptionOut(BaseModel):
    """Where notices are sent. `secret` signs them (Standard Webhooks) and is shown once, when subscribing."""

    organisation: str
    url: str
    created_at: datetime
    secret: str | None = None


class TrialOut(BaseModel):
    """What came of a test event, in both languages."""

    outcome: Literal["delivered", "no-answer", "refused"]
    detail_zh: str
    detail_en: str


def router(database: Database, subscriptions: Subscriptions, channel: Channel) -> APIRouter:
    """The routes under /api/webhooks."""
    routes = APIRouter(prefix="/api/webhooks", tags=["webhooks"])

    @routes.put("", summary="Subscribe, or change the address and the secret")
    def subscribe(
        wanted: SubscriptionIn, principal: Annotated[Principal, Depends(OWNERS)]
    ) -> SubscriptionOut:
        with database.session() as session:
            row, secret = subscriptions.subscribe(session, _organisation(principal), wanted.url)
        return SubscriptionOut(secret=secret, **row.model_dump(exclude={"generation"}))

    @routes.get("", summary="Where notices are sent")
    def show(principal: Annotated[Principal, Depends(OWNERS)]) -> SubscriptionOut:
        with database.session() as session:
            row = subscriptions.get(session, _organisation(principal))
        return SubscriptionOut(**row.model_dump(exclude={"generation"}))

    @routes.delete("", status_code=204, summary="Send no more")
    def unsubscribe(principal: Annotated[Principal, Depends(OWNERS)]) -> None:
        with database.session() as session:
            subscriptions.unsubscribe(session, _organisation(principal))

    @routes.post("/test", summary="Send a test event now")
    def try_out(principal: Annotated[Principal, Depends(OWNERS)]) -> TrialOut:
        with database.session() as session:
            row = subscriptions.get(session, _organisation(principal))
        try:
            subscriptions.try_out(row, channel)
        except (Undeliverable, Unavailable) as error:
            outcome: Literal["no-answer", "refused"] = (
                "refused" if isinstance(error, Undeliverable) else "no-answer"
            )
            return TrialOut(outcome=outcome, detail_zh=error.message("zh"), detail_en=error.message("en"))
        return TrialOut(outcome="delivered", detail_zh="已送达。", detail_en="Delivered.")

    return routes


def _organisation(principal: Principal) -> str:
    if not principal.organisation:
        raise OrganisationMissing()
    return principal.organisation
