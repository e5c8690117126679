import json
from typing import Any

import pytest


@pytest.fixture
def document() -> dict[str, Any]:
    """A problem as JSON: two stops and two gates on a line, two days, a small and a large coach."""
    km = [0, 10, 20, 500, 510]
    return json.loads(
        json.dumps(
            {
                "format": "zhida.problem/1",
                "name": "line",
                "nodes": ["start", "a", "b", "x", "y"],
                "start": "start",
                "distance_m": [[abs(p - q) * 1000 for q in km] for p in km],
                "duration_s": [[abs(p - q) * 45 for q in km] for p in km],
                "days": ["2020-02-24", "2020-02-25"],
                "groups": [
                    {
                        "id": "ax",
                        "pickup": "a",
                        "drop": "x",
                        "parties": [1, 2, 3],
                        "days": [0, 1],
                        "priority": 0,
                    },
                    {"id": "by", "pickup": "b", "drop": "y", "parties": [4], "days": [0], "priority": 1},
                ],
                "coaches": [
                    {
                        "id": "c6",
                        "seats": 6,
                        "fixed_fen": 100_000,
                        "fen_per_km": 300,
                        "per_day": [None, None],
                    },
                    {"id": "c10", "seats": 10, "fixed_fen": 150_000, "fen_per_km": 401, "per_day": [None, 3]},
                ],
                "limits": {"pickups": 2, "drops": 2, "duration_s": 30_000, "service_s": 600},
                "timetable": None,
            }
        )
    )
