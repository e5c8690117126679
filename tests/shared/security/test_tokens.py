from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from shared.kernel.clock import FixedClock
from shared.security import (
    OFFICES,
    Keyring,
    LinkExpired,
    LinkForged,
    Principal,
    Role,
    RolesDontMix,
    SessionExpired,
    Token,
    TokenExpired,
    TokenForged,
    links,
    sessions,
    tokens,
)
from shared.security.keyring import KeyFileMissing, KeyTooShort, read_key_file

KEYRING = Keyring.from_bytes(b"k" * 32)
BUREAU = Principal("wangmo", frozenset({Role.BUREAU}), ("522326",), None, "望谟县人社局")


def clock() -> FixedClock:
    return FixedClock(datetime(2020, 2, 24, tzinfo=UTC))


def session_of(now: FixedClock, ttl: timedelta = timedelta(days=7)) -> str:
    """A session in exchange for a token that is good for `ttl`."""
    return sessions.issue(KEYRING, Token(BUREAU, now.at + ttl), now)


def test_a_token_gives_back_the_principal_it_was_issued_for() -> None:
    now = clock()
    proof = tokens.read(KEYRING, tokens.issue(KEYRING, BUREAU, timedelta(hours=1), now), now)
    assert proof == Token(BUREAU, now.at + timedelta(hours=1))


def test_a_token_ends_at_its_hour_by_our_clock_and_says_so() -> None:
    now = clock()
    token = tokens.issue(KEYRING, BUREAU, timedelta(hours=1), now)
    now.advance(seconds=3599)
    assert tokens.read(KEYRING, token, now).principal == BUREAU
    now.advance(seconds=1)
    with pytest.raises(TokenExpired, match=r"2020-02-24 09:00 \(UTC\+8\).*zhida token"):
        tokens.read(KEYRING, token, now)


@pytest.mark.parametrize("text", ["", "rubbish", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenForged):
        tokens.read(KEYRING, text, clock())


def test_a_token_of_another_key_is_refused() -> None:
    now = clock()
    foreign = tokens.issue(Keyring.from_bytes(b"x" * 32), BUREAU, timedelta(hours=1), now)
    with pytest.raises(TokenForged):
        tokens.read(KEYRING, foreign, now)


def test_a_token_without_a_signature_is_refused() -> None:
    claims = {**tokens.to_claims(BUREAU), "aud": "zhida", "exp": 2_000_000_000, "iat": 0}
    with pytest.raises(TokenForged):
        tokens.read(KEYRING, jwt.encode(claims, None, algorithm="none"), clock())


@pytest.mark.parametrize("missing", ["exp", "iat", "aud", "sub", "roles", "areas", "org", "name"])
def test_a_token_that_lacks_a_claim_is_refused(missing: str) -> None:
    claims = {**tokens.to_claims(BUREAU), "aud": "zhida", "exp": 2_000_000_000, "iat": 0}
    del claims[missing]
    with pytest.raises(TokenForged):
        tokens.read(KEYRING, jwt.encode(claims, KEYRING.derive("token"), algorithm="HS256"), clock())


def test_a_role_that_nobody_knows_is_refused() -> None:
    claims = {**tokens.to_claims(BUREAU), "roles": ["king"], "aud": "zhida", "exp": 2_000_000_000, "iat": 0}
    with pytest.raises(TokenForged):
        tokens.read(KEYRING, jwt.encode(claims, KEYRING.derive("token"), algorithm="HS256"), clock())


@pytest.mark.parametrize("alone", [Role.ENTERPRISE, Role.CARRIER, Role.SERVICE])
@pytest.mark.parametrize("other", list(Role))
def test_an_enterprise_a_carrier_and_a_service_hold_that_role_alone(alone: Role, other: Role) -> None:
    if alone is other:
        return
    with pytest.raises(RolesDontMix, match=r"Issue a token for each") as caught:
        Principal("x", frozenset({alone, other}), (), "91X")
    assert "分别签发" in caught.value.message("zh")
    claims = {
        **tokens.to_claims(BUREAU),
        "roles": [alone, other],
        "aud": "zhida",
        "exp": 2_000_000_000,
        "iat": 0,
    }
    with pytest.raises(TokenForged):
        tokens.read(KEYRING, jwt.encode(claims, KEYRING.derive("token"), algorithm="HS256"), clock())


def test_a_public_body_may_hold_several_roles() -> None:
    assert Principal("x", OFFICES, ("52",)).has(Role.FINANCE)


def test_a_session_is_no_token_a_token_no_session_and_a_link_neither() -> None:
    now = clock()
    token = tokens.issue(KEYRING, BUREAU, timedelta(hours=1), now)
    session = session_of(now)
    link = links.issue(KEYRING, "boarding", trip_id="T-1", ttl=timedelta(hours=1), clock=now)
    for wrong in (session, link):
        with pytest.raises(TokenForged):
            tokens.read(KEYRING, wrong, now)
    for wrong in (token, link):
        with pytest.raises(SessionExpired):
            sessions.read(KEYRING, wrong, now)
    for wrong in (token, session):
        with pytest.raises(LinkForged):
            links.read(KEYRING, "boarding", wrong, now)


def test_a_session_ends_after_twelve_hours() -> None:
    now = clock()
    cookie = session_of(now)
    now.advance(hours=12, seconds=-1)
    assert sessions.read(KEYRING, cookie, now).principal == BUREAU
    now.advance(seconds=1)
    with pytest.raises(SessionExpired):
        sessions.read(KEYRING, cookie, now)


def test_a_session_ends_with_the_token_that_it_was_exchanged_for() -> None:
    now = clock()
    cookie = session_of(now, timedelta(minutes=5))
    assert sessions.read(KEYRING, cookie, now).expires_at == now.at + timedelta(minutes=5)
    now.advance(minutes=5)
    with pytest.raises(SessionExpired):
        sessions.read(KEYRING, cookie, now)


def test_the_csrf_token_belongs_to_one_session() -> None:
    now = clock()
    first = sessions.read(KEYRING, session_of(now), now)
    second = sessions.read(KEYRING, session_of(now), now)
    assert first.csrf_token != second.csrf_token


def test_a_link_opens_what_it_was_issued_for_and_nothing_else() -> None:
    now = clock()
    text = links.issue(
        KEYRING, "handover", trip_id="T-1", organisation="91X", ttl=timedelta(days=3), clock=now, jti="n1"
    )
    link = links.read(KEYRING, "handover", text, now)
    assert (link.trip_id, link.organisation, link.jti) == ("T-1", "91X", "n1")
    assert link.expires_at == now.at + timedelta(days=3)
    with pytest.raises(LinkForged):
        links.read(KEYRING, "boarding", text, now)
    with pytest.raises(LinkForged):
        links.read(KEYRING, "handover", text[:-2], now)


def test_an_expired_link_says_when_and_what_to_do() -> None:
    now = clock()
    text = links.issue(KEYRING, "boarding", trip_id="T-1", ttl=timedelta(hours=1), clock=now)
    now.advance(hours=1)
    with pytest.raises(LinkExpired) as caught:
        links.read(KEYRING, "boarding", text, now)
    assert "请联系发送方获取新链接" in caught.value.message("zh")


def test_every_purpose_has_its_own_key_and_the_same_each_time() -> None:
    again = Keyring.from_bytes(b"k" * 32)
    assert KEYRING.derive("token") == again.derive("token")
    assert len({KEYRING.derive(purpose) for purpose in ("token", "session", "csrf", "webhook")}) == 4


def test_a_keyring_does_not_show_its_secret() -> None:
    assert "kkkk" not in repr(KEYRING)


def test_a_key_file_holds_hexadecimal_text_or_raw_bytes(tmp_path: Path) -> None:
    (tmp_path / "hex").write_text("ab" * 32 + "\n")
    (tmp_path / "raw").write_bytes(b"\xff" * 33)
    assert read_key_file(tmp_path / "hex") == b"\xab" * 32
    assert read_key_file(tmp_path / "raw") == b"\xff" * 33


def test_a_short_or_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("abcd")
    with pytest.raises(KeyTooShort, match=r"2 bytes.*zhida keys"):
        Keyring.from_file(tmp_path / "short")
    with pytest.raises(KeyFileMissing, match="zhida keys"):
        Keyring.from_file(tmp_path / "none")
