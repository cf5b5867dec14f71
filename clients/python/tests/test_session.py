"""Tests sessions whose access token is renewed, of both clients."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from conftest import School
from test_sending import ME, broken_connection, expired, ok

from gradus_client import (
    AsyncGradus,
    Gradus,
    GradusError,
    GradusNetworkError,
    ProblemCode,
    Reauthentication,
    Registration,
    Session,
)

PASSWORD = "seven quiet paper boats"


def expired_session(school: School) -> Session:
    """Returns a new session whose access token the server rejects, as it does after a while."""
    name = f"sela-{uuid4()}"
    with Gradus(school.api) as anonymous:
        session = anonymous.register(Registration(email=f"{name}@new.example", name=name, password=PASSWORD))
    session.token = "expired"
    return session


def session_of(token: str, refresh_token: str | None) -> Session:
    return Session.from_dict(session_body(token, refresh_token))


def session_body(token: str, refresh_token: str | None) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"token": token, "refresh_token": refresh_token, "token_expires_at": now, "expires_at": now, "user": ME}


def test_the_session_is_renewed_once_for_all_threads(school: School) -> None:
    session, renewed = expired_session(school), list[Session]()
    with Gradus(school.api, session=session, on_session_change=renewed.append) as gradus:
        with ThreadPoolExecutor(8) as threads:
            names = {me.name for me in threads.map(lambda _: gradus.get_me(), range(20))}
        assert len(names) == 1
        assert len(renewed) == 1
        assert renewed[0].refresh_token != session.refresh_token

    # What was reported goes on where this client ended.
    renewed[0].token = "expired again"
    with Gradus(school.api, session=renewed[0]) as following:
        assert following.get_me().name in names
        following.sign_out()
        with pytest.raises(GradusError) as failure:
            following.get_me()
    assert (failure.value.status, failure.value.code) == (401, ProblemCode.REFRESH_TOKEN_INVALID)


def test_the_session_is_renewed_once_for_all_tasks(school: School) -> None:
    renewed = list[Session]()

    async def run() -> set[str]:
        async with AsyncGradus(school.api, session=expired_session(school), on_session_change=renewed.append) as gradus:
            return {me.name for me in await asyncio.gather(*(gradus.get_me() for _ in range(20)))}

    assert len(asyncio.run(run())) == 1
    assert len(renewed) == 1


def test_the_tokens_of_reauthentication_are_kept(school: School) -> None:
    last = list[Session]()
    with Gradus(school.api, session=expired_session(school), on_session_change=last.append) as gradus:
        again = gradus.reauthenticate(Reauthentication(current_password=PASSWORD))
        assert again.refresh_token == last[-1].refresh_token
        gradus.get_me()
    with Gradus(school.api, token=last[-1].token) as other:
        other.get_me()


@pytest.mark.parametrize("kind", [Gradus, AsyncGradus])
def test_a_lost_response_is_requested_again(kind: type[Gradus] | type[AsyncGradus]) -> None:
    responses = iter([expired, broken_connection, ok(session_body("new", "r2")), ok()])
    requests: list[tuple[str, str | None, bytes]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append((request.url.path, request.headers.get("Authorization"), request.content))
        return next(responses)()

    client = kind("http://stub/api/v1", transport=httpx.MockTransport(handle), session=session_of("old", "r1"))
    if isinstance(client, AsyncGradus):
        asyncio.run(client.get_me())
    else:
        client.get_me()
    refresh = ("/api/v1/auth/refresh", None, b'{"refresh_token":"r1"}')
    assert requests == [("/api/v1/me", "Bearer old", b""), refresh, refresh, ("/api/v1/me", "Bearer new", b"")]


def test_without_a_refresh_token_the_error_is_raised(school: School) -> None:
    with Gradus(school.api, session=session_of("unknown", None)) as gradus, pytest.raises(GradusError) as failure:
        gradus.get_me()
    assert failure.value.code == ProblemCode.UNAUTHENTICATED


def test_a_renewal_fails_with_its_network_error() -> None:
    responses = iter([expired, broken_connection, broken_connection])
    transport = httpx.MockTransport(lambda _: next(responses)())
    client = Gradus("http://stub/api/v1", transport=transport, session=session_of("old", "r1"))
    with pytest.raises(GradusNetworkError) as failure:
        client.get_me()
    assert failure.value.code == "network_error"


def test_a_token_and_a_session_are_rejected() -> None:
    with pytest.raises(ValueError, match="not both"):
        Gradus("http://stub/api/v1", token="t", session=session_of("t", "r"))
