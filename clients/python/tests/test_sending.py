"""Tests retries, tokens and timeouts of both clients against a stub."""

import asyncio
import inspect
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gradus_client import (
    AsyncGradus,
    Credentials,
    Gradus,
    GradusError,
    GradusFailure,
    GradusNetworkError,
    NewBatch,
    ProblemCode,
    ProfilePatch,
    Role,
    SecondFactor,
    SignInChallengeError,
)
from gradus_client.core import VERSION
from gradus_client.types import API_VERSION

EXAMPLE_BATCH = NewBatch(
    name="Evening Class", starts_on=datetime(2026, 10, 5).date(), ends_on=datetime(2026, 12, 18).date(), time_zone="UTC"
)
BATCH = EXAMPLE_BATCH.to_dict() | {
    "id": str(uuid4()), "description": "", "weekly_goal_seconds": None, "ai_time": "exclude",
    "status": "active", "students": 0, "instructors": 0, "archived_at": None, "created_at": "2026-10-14T18:30:00Z",
}  # fmt: skip
INSTRUCTOR = {"user_id": str(uuid4()), "name": "Ines", "email": "i@x.example", "assigned_at": "2026-10-14T18:30:00Z"}
ME: dict[str, Any] = {
    "id": str(uuid4()), "email": "a@x.example", "name": "Ada", "role": "student", "time_zone": "UTC",
    "created_at": "2026-10-14T18:30:00Z", "batch": None, "teaches": [],
}  # fmt: skip


def problem_response(status: int, code: str, retry_after: str | None = None) -> httpx.Response:
    body = {
        "type": f"/problems/{code}", "title": "", "status": status, "detail": "Not now.", "instance": "/api/v1/me",
        "code": code, "timestamp": "2026-10-14T18:30:00Z", "request_id": "r-1", "errors": [],
    }  # fmt: skip
    return httpx.Response(status, json=body, headers={} if retry_after is None else {"Retry-After": retry_after})


class Stub:
    """Returns the responses in order, repeats the last one, and records the requests."""

    def __init__(self, *responses: Callable[[], httpx.Response]) -> None:
        self.responses = responses
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.responses[min(len(self.requests), len(self.responses)) - 1]()

    def call(
        self,
        kind: type[Gradus] | type[AsyncGradus],
        operation: str,
        *args: Any,
        if_match: str | None = None,
        **options: Any,
    ) -> Any:
        """Calls an operation of either client."""
        client = self.client(kind, **options)
        result = getattr(client, operation)(*args, **({} if if_match is None else {"if_match": if_match}))

        async def wait() -> Any:
            return await result

        return asyncio.run(wait()) if inspect.isawaitable(result) else result

    def client(self, kind: type[Gradus] | type[AsyncGradus], **options: Any) -> Any:
        return kind("http://stub/api/v1", transport=httpx.MockTransport(self), **{"token": "t", **options})


def busy() -> httpx.Response:
    return problem_response(503, "busy", "0")


def limited() -> httpx.Response:
    return problem_response(429, "busy", format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True))


def expired() -> httpx.Response:
    return problem_response(401, "session_expired")


def ok(body: object = ME) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, json=body)


def busy_for_an_hour() -> httpx.Response:
    return problem_response(503, "busy", format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))


def broken_connection() -> httpx.Response:
    raise httpx.ReadError("connection reset")


BOTH = pytest.mark.parametrize("kind", [Gradus, AsyncGradus])

Responses = list[Callable[[], httpx.Response]]

# name: responses, operation, arguments, options, number of requests, status of the error
RETRIES: dict[str, tuple[Responses, str, tuple[Any, ...], dict[str, Any], int, int | None]] = {
    "a read is retried": ([busy, limited, ok()], "get_me", (), {}, 3, None),
    "a read fails after the last retry": ([busy], "get_me", (), {}, 3, 503),
    "a read is retried after a connection error": ([broken_connection, ok()], "get_me", (), {}, 2, None),
    "a read is not retried if Retry-After is a late date": ([busy_for_an_hour], "get_me", (), {}, 1, 503),
    "the number of retries can be set": ([busy], "get_me", (), {"retries": 4}, 5, 503),
    "retries can be disabled": ([busy], "get_me", (), {"retries": 0}, 1, 503),
    "a PUT is retried": ([busy, ok(INSTRUCTOR)], "assign_instructor", (uuid4(), uuid4()), {}, 2, None),
    "a DELETE is retried": ([busy, lambda: httpx.Response(204)], "reinstate_user", (uuid4(),), {}, 2, None),
    "a create is retried": ([busy, ok(BATCH)], "create_batch", (EXAMPLE_BATCH,), {}, 2, None),
    "a POST without a key is not retried": ([busy], "sign_in", (Credentials(email="a", password="b"),), {}, 1, 503),
    "a PATCH is not retried": ([busy], "update_me", (ProfilePatch(name="Ada"),), {}, 1, 503),
    "an internal error is not retried": ([lambda: problem_response(500, "internal", "0")], "get_me", (), {}, 1, 500),
    "a read is not retried if Retry-After is above the limit": (
        [lambda: problem_response(503, "busy", "31")],
        "get_me",
        (),
        {},
        1,
        503,
    ),
}


@BOTH
@pytest.mark.parametrize(("etag", "calls"), [('"3"', 1), ("*", 3)])
def test_a_conditional_request_is_not_retried_after_a_connection_error(
    kind: type[Gradus] | type[AsyncGradus], etag: str, calls: int
) -> None:
    stub = Stub(broken_connection)
    with pytest.raises(GradusNetworkError):
        stub.call(kind, "disconnect_wakatime", if_match=etag)
    assert len(stub.requests) == calls


@BOTH
@pytest.mark.parametrize("name", RETRIES)
def test_retries(kind: type[Gradus] | type[AsyncGradus], name: str) -> None:
    responses, operation, args, options, calls, status = RETRIES[name]
    stub = Stub(*responses)
    if status is None:
        stub.call(kind, operation, *args, **options)
    else:
        with pytest.raises(GradusError) as raised:
            stub.call(kind, operation, *args, **options)
        assert raised.value.status == status
    assert len(stub.requests) == calls
    keys = {request.headers.get("Idempotency-Key") for request in stub.requests}
    assert len(keys) == 1 and (keys != {None}) == (operation == "create_batch")
    assert len({(request.method, request.url, request.content) for request in stub.requests}) == 1


@BOTH
def test_retry_after_is_respected_and_reported(kind: type[Gradus] | type[AsyncGradus]) -> None:
    stub = Stub(lambda: problem_response(503, "busy", "1"), lambda: problem_response(429, "busy", "1000"))
    start = time.monotonic()
    with pytest.raises(GradusError) as raised:
        stub.call(kind, "get_me")
    assert time.monotonic() - start >= 1
    error = raised.value
    assert (error.status, error.code, error.retry_after, error.request_id) == (429, ProblemCode.BUSY, 1000.0, "r-1")


@BOTH
@pytest.mark.parametrize(
    ("responses", "authorizations", "status"),
    [
        pytest.param([ok()], ["Bearer 1"], None, id="a valid token is kept"),
        pytest.param([expired, ok()], ["Bearer 1", "Bearer 2"], None, id="the request is sent again with a new token"),
        pytest.param([expired], ["Bearer 1", "Bearer 2"], 401, id="the token is renewed once per call"),
    ],
)
def test_the_token_function_is_called_again_after_401(
    kind: type[Gradus] | type[AsyncGradus], responses: Responses, authorizations: list[str], status: int | None
) -> None:
    stub, tokens = Stub(*responses), iter("123")
    try:
        stub.call(kind, "update_me", ProfilePatch(name="Ada"), token=lambda: next(tokens))
    except GradusError as error:
        assert error.status == status
    else:
        assert status is None
    assert [request.headers["Authorization"] for request in stub.requests] == authorizations
    assert next(tokens) == str(len(authorizations) + 1)


@BOTH
def test_the_token_is_kept_between_calls(kind: type[Gradus] | type[AsyncGradus]) -> None:
    stub, tokens = Stub(ok()), iter("12")
    client = stub.client(kind, token=lambda: next(tokens))

    async def call_twice() -> None:
        await client.get_me()
        await client.get_me()

    if kind is AsyncGradus:
        asyncio.run(call_twice())
    else:
        client.get_me()
        client.get_me()
    assert [request.headers["Authorization"] for request in stub.requests] == ["Bearer 1"] * 2


@BOTH
def test_signing_in_sends_no_token(kind: type[Gradus] | type[AsyncGradus]) -> None:
    session = {
        "token": "x",
        "token_expires_at": None,
        "refresh_token": None,
        "expires_at": "2026-10-14T18:30:00Z",
        "user": ME,
    }
    stub = Stub(ok(session))
    signed_in = stub.call(kind, "sign_in", Credentials(email="a@x.example", password="b"))
    assert signed_in.user.role == Role.STUDENT
    headers = stub.requests[0].headers
    assert "Authorization" not in headers
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == f"gradus-python/{VERSION} (api {API_VERSION})"


@BOTH
def test_signing_in_with_a_second_factor_raises_the_challenge(kind: type[Gradus] | type[AsyncGradus]) -> None:
    challenge = {"challenge": "c", "expires_at": "2026-10-14T18:35:00Z", "methods": ["totp"]}
    stub = Stub(lambda: httpx.Response(202, json=challenge))
    with pytest.raises(SignInChallengeError) as raised:
        stub.call(kind, "sign_in", Credentials(email="a@x.example", password="b"))
    assert raised.value.challenge.challenge == "c"
    assert raised.value.challenge.methods == [SecondFactor.TOTP]


@BOTH
def test_a_timeout_is_not_retried(kind: type[Gradus] | type[AsyncGradus]) -> None:
    def timed_out() -> httpx.Response:
        raise httpx.ReadTimeout("timed out")

    stub = Stub(timed_out)
    with pytest.raises(GradusNetworkError) as raised:
        stub.call(kind, "get_me", timeout=0.05)
    assert raised.value.code == "timeout" and isinstance(raised.value.__cause__, httpx.ReadTimeout)
    assert len(stub.requests) == 1
    assert stub.requests[0].extensions["timeout"]["read"] == 0.05


def failing_token() -> str:
    raise RuntimeError("no password")


@BOTH
@pytest.mark.parametrize(
    ("responses", "options", "code", "calls"),
    [
        pytest.param([broken_connection], {}, "network_error", 3, id="a broken connection, after the retries"),
        pytest.param([lambda: httpx.Response(200, text="<h1>Hi</h1>")], {}, "invalid_response", 1, id="no JSON"),
        pytest.param([lambda: httpx.Response(200, json={})], {}, "invalid_response", 1, id="other JSON"),
        pytest.param([ok()], {"token": failing_token}, "token_unavailable", 0, id="no token"),
    ],
)
def test_a_call_without_a_usable_response_has_a_code(
    kind: type[Gradus] | type[AsyncGradus], responses: Responses, options: dict[str, Any], code: str, calls: int
) -> None:
    stub = Stub(*responses)
    with pytest.raises(GradusNetworkError) as raised:
        stub.call(kind, "get_me", **options)
    error: GradusFailure = raised.value
    assert (error.code, error.status, error.retry_after) == (code, None, None)
    assert error.__cause__ is not None
    assert len(stub.requests) == calls


def test_a_cancelled_call_does_not_wait_for_the_retry() -> None:
    async def wait() -> None:
        start = time.monotonic()
        async with AsyncGradus(
            "http://stub/api/v1", transport=httpx.MockTransport(Stub(lambda: problem_response(503, "busy", "20")))
        ) as c:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(c.get_me(), 0.05)
        assert time.monotonic() - start < 10

    asyncio.run(wait())


@BOTH
def test_a_response_that_is_not_from_gradus_is_an_error(kind: type[Gradus] | type[AsyncGradus]) -> None:
    stub = Stub(lambda: httpx.Response(502, text="<html>Bad Gateway</html>"))
    with pytest.raises(GradusError) as raised:
        stub.call(kind, "get_me")
    assert (raised.value.status, raised.value.code, raised.value.detail) == (502, None, "Bad Gateway")


def test_unknown_values_of_a_newer_server_are_kept() -> None:
    stub = Stub(ok(ME | {"role": "mentor", "pronouns": "they"}), lambda: problem_response(409, "moon_is_full"))
    me = stub.call(Gradus, "get_me")
    assert me.role == "mentor" and me.to_dict()["role"] == "mentor"
    assert me.additional_properties == {"pronouns": "they"}
    with pytest.raises(GradusError) as raised:
        stub.call(Gradus, "get_me")
    assert raised.value.code == "moon_is_full"
