"""Settings come from the environment, the cut-off's absence too."""

from datetime import time

import pytest

from services.dispatcher.settings import DispatcherSettings


@pytest.mark.parametrize(("text", "expected"), [("", time(18)), ("17:30", time(17, 30)), ("off", None)])
def test_the_cut_off_is_an_hour_or_off(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: time | None
) -> None:
    monkeypatch.setenv("ZHIDA_DATABASE_URL", "postgresql+psycopg://x@127.0.0.1/x")
    monkeypatch.setenv("ZHIDA_SIGNING_KEY_FILE", "signing.key")
    monkeypatch.setenv("ZHIDA_CUT_OFF", text)
    assert DispatcherSettings().cut_off == expected  # type: ignore[call-arg]
