"""A service with pages: one for dispatchers, one for finance."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import Depends, FastAPI, Form, Request
from starlette.responses import HTMLResponse, Response

from shared.kernel.clock import FixedClock
from shared.kernel.errors import Conflict
from shared.security import Keyring, Principal, Role, allow, tokens
from shared.web import NavItem, add_pages, templates

DISPATCHER = Principal("d1", frozenset({Role.DISPATCHER}), ("52",), None, "黔西南州<调度>中心")
TRIPS = {
    "trips": [
        {
            "id": f"T-{n}",
            "label": f"T-{n} <b>望谟</b>",
            "state": "approved",
            "href": None,
            "path": None,
            "points": [
                {"kind": "start", "name": "望谟", "lon": 106.1 + n, "lat": 25.2},
                {"kind": "pickup", "name": "王母", "lon": 106.2 + n, "lat": 25.3},
                {"kind": "drop", "name": "南门", "lon": 113.8, "lat": 23.0},
            ],
        }
        for n in range(2)
    ]
}


class AlreadyApproved(Conflict):
    """The trip is approved already."""

    zh = "该车次已经批准。"


@pytest.fixture
def depot(app: FastAPI) -> FastAPI:
    only_dispatcher, only_finance = frozenset({Role.DISPATCHER}), frozenset({Role.FINANCE})
    add_pages(
        app,
        [
            NavItem("/ledger", "资金", "Ledger", only_finance),
            NavItem("/trips", "车次", "Trips", only_dispatcher),
            NavItem("/trips/late", "晚点车次", "Late trips", only_dispatcher),
            NavItem("http://registry.example/requests", "登记", "Requests", only_dispatcher),
        ],
    )
    pages = templates(Path(__file__).parent / "templates")
    who = Depends(allow(Role.DISPATCHER))

    @app.get("/trips", dependencies=[who])
    @app.get("/trips/late", dependencies=[who])
    @app.get("/trips/late/today", dependencies=[who])
    @app.get("/trips/latest", dependencies=[who])
    def trips(request: Request) -> Response:
        return pages.TemplateResponse(request, "depot.html")

    @app.get("/trips.json", dependencies=[who])
    def trips_json() -> dict[str, Any]:
        return TRIPS

    @app.post("/approve", dependencies=[who])
    def approve() -> Response:
        return HTMLResponse('<p data-announce="已批准 1 车次">ok</p>')

    @app.get("/more", dependencies=[who])
    def more() -> Response:
        return HTMLResponse(
            '<div id="folded"><details id="more"><summary>更多</summary><p>新的内容</p></details></div>'
        )

    @app.post("/refuse", dependencies=[who])
    def refuse() -> Response:
        raise AlreadyApproved()

    @app.post("/trips/{trip_id}/note", dependencies=[who])
    def note_trip(request: Request) -> Response:
        return pages.TemplateResponse(request, "depot.html")

    @app.post("/note", dependencies=[who])
    def note(note: str = Form()) -> Response:
        return HTMLResponse(f"<title>noted</title>{len(note)}")

    @app.get("/ledger", dependencies=[Depends(allow(Role.FINANCE))])
    def ledger() -> str:
        return "ledger"

    return app


@pytest.fixture
def token(keyring: Keyring, clock: FixedClock) -> str:
    return tokens.issue(keyring, DISPATCHER, timedelta(hours=1), clock)
