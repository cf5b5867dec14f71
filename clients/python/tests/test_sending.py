"""Retries, tokens and time-outs of both clients, on a stub."""

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

from gradus_client import AsyncGradus, Credentials, Gradus, GradusError, NewBatch, ProblemCode, ProfilePatch, Role
from gradus_client.core import VERSION
from gradus_client.types import API_VERSION

EXAMPLE_BATCH = NewBatch(
    name="Evening Class", starts_on=datetime(2026, 10, 5).date(), ends_on=datetime(2026, 12, 18).date(), time_zone="UTC"
)
BATCH = EXAMPLE_BATCH.to_dict() | {
    "id": str(uuid4()), "description": "", "weekly_goal_seconds": None, "status": "active", "students": 0,
    "instructors": 0, "archived_at": None, "created_at": "2026-10-14T18:30:00Z",
}  # fmt: skip
INSTRUCTOR = {"user_id": str(uuid4()), "name": "Ines", "email": "i@x.example", "assigned_at": "2026-10-14T18:30:00Z"}
ME: dict[str, Any] = {
    "id": str(uuid4()), "email": "a@x.example", "name": "Ada", "role": "student", "time_zone": "UTC",
    "created_at": "2026-10-14T18:30:00Z", "batch": None, "teaches": [],
}  # fmt: skip


def refusal(status: int, code: str, retry_after: str | None = None) -> httpx.Response:
    problem = {
        "type": f"/problems/{code}", "title": "", "status": status, "detail": "Not now.", "instance": "/api/v1/me",
        "code": code, "timestamp": "2026-10-14T18:30:00Z", "request_id": "r-1", "errors": [],
    }  # fmt: skip
    return httpx.Response(status, json=problem, headers={} if retry_after is None else {"Retry-After": retry_after})


class Stub:
    """Gives its answers in turn, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: Callable[[], httpx.Response]) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers[min(len(self.requests), len(self.answers)) - 1]()

    def call(self, kind: type[Gradus] | type[AsyncGradus], operation: str, *args: Any, **options: Any) -> Any:
        """Calls an operation once, of either client."""
        client = self.client(kind, **options)
        result = getattr(client, operation)(*args)

        async def wait() -> Any:
            return await result

        return asyncio.run(wait()) if inspect.isawaitable(result) else result

    def client(self, kind: type[Gradus] | type[AsyncGradus], **options: Any) -> Any:
        return kind("http://stub/api/v1", transport=httpx.MockTransport(self), **{"token": "t", **options})


def busy() -> httpx.Response:
    return refusal(503, "busy", "0")


def limited() -> httpx.Response:
    return refusal(429, "busy", format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True))


def dead() -> httpx.Response:
    return refusal(401, "session_expired")


def ok(body: object = ME) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(200, json=body)


def far_off() -> httpx.Response:
    return refusal(503, "busy", format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))


def cut() -> httpx.Response:
    raise httpx.ReadError("the connection was cut")


BOTH = pytest.mark.parametrize("kind", [Gradus, AsyncGradus])

Answers = list[Callable[[], httpx.Response]]

# name: answers, operation, its arguments, options, how often it is sent, the status of the refusal
REPEATED: dict[str, tuple[Answers, str, tuple[Any, ...], dict[str, Any], int, int | None]] = {
    "a read that is refused for a moment": ([busy, limited, ok()], "get_me", (), {}, 3, None),
    "a read that is refused for ever": ([busy], "get_me", (), {}, 3, 503),
    "a read whose connection breaks": ([cut, ok()], "get_me", (), {}, 2, None),
    "not before a time that is far off": ([far_off], "get_me", (), {}, 1, 503),
    "as often as one wants": ([busy], "get_me", (), {"retries": 4}, 5, 503),
    "not at all": ([busy], "get_me", (), {"retries": 0}, 1, 503),
    "a put": ([busy, ok(INSTRUCTOR)], "assign_instructor", (uuid4(), uuid4()), {}, 2, None),
    "a delete": ([busy, lambda: httpx.Response(204)], "reinstate_user", (uuid4(),), {}, 2, None),
    "a create": ([busy, ok(BATCH)], "create_batch", (EXAMPLE_BATCH,), {}, 2, None),
    "not a post without a key": ([busy], "sign_in", (Credentials(email="a", password="b"),), {}, 1, 503),
    "not a patch": ([busy], "update_me", (ProfilePatch(name="Ada"),), {}, 1, 503),
    "not what stays wrong": ([lambda: refusal(500, "internal", "0")], "get_me", (), {}, 1, 500),
    "not after more than a while": ([lambda: refusal(503, "busy", "31")], "get_me", (), {}, 1, 503),
}


@BOTH
@pytest.mark.parametrize("name", REPEATED)
def test_what_may_be_repeated_is_tried_again(kind: type[Gradus] | type[AsyncGradus], name: str) -> None:
    answers, operation, args, options, calls, status = REPEATED[name]
    stub = Stub(*answers)
    if status is None:
        stub.call(kind, operation, *args, **options)
    else:
        with pytest.raises(GradusError) as refused:
            stub.call(kind, operation, *args, **options)
        assert refused.value.status == status
    assert len(stub.requests) == calls
    keys = {request.headers.get("Idempotency-Key") for request in stub.requests}
    assert len(keys) == 1 and (keys != {None}) == (operation == "create_batch")
    assert len({(request.method, request.url, request.content) for request in stub.requests}) == 1


@BOTH
def test_retry_after_is_waited_for_and_told(kind: type[Gradus] | type[AsyncGradus]) -> None:
    stub = Stub(lambda: refusal(503, "busy", "1"), lambda: refusal(429, "busy", "1000"))
    began = time.monotonic()
    with pytest.raises(GradusError) as refused:
        stub.call(kind, "get_me")
    assert time.monotonic() - began >= 1
    error = refused.value
    assert (error.status, error.code, error.retry_after, error.request_id) == (429, ProblemCode.BUSY, 1000.0, "r-1")


@BOTH
@pytest.mark.parametrize(
    ("answers", "signed", "status"),
    [
        pytest.param([ok()], ["Bearer 1"], None, id="and kept"),
        pytest.param([dead, ok()], ["Bearer 1", "Bearer 2"], None, id="and the call is repeated"),
        pytest.param([dead], ["Bearer 1", "Bearer 2"], 401, id="and not twice"),
    ],
)
def test_a_token_is_asked_for_once_more_after_401(
    kind: type[Gradus] | type[AsyncGradus], answers: Answers, signed: list[str], status: int | None
) -> None:
    stub, tokens = Stub(*answers), iter("123")
    try:
        stub.call(kind, "update_me", ProfilePatch(name="Ada"), token=lambda: next(tokens))
    except GradusError as error:
        assert error.status == status
    else:
        assert status is None
    assert [request.headers["Authorization"] for request in stub.requests] == signed
    assert next(tokens) == str(len(signed) + 1)


@BOTH
def test_a_token_from_a_source_is_kept(kind: type[Gradus] | type[AsyncGradus]) -> None:
    stub, tokens = Stub(ok()), iter("12")
    client = stub.client(kind, token=lambda: next(tokens))

    async def twice() -> None:
        await client.get_me()
        await client.get_me()

    if kind is AsyncGradus:
        asyncio.run(twice())
    else:
        client.get_me()
        client.get_me()
    assert [request.headers["Authorization"] for request in stub.requests] == ["Bearer 1"] * 2


@BOTH
def test_who_signs_in_sends_no_token(kind: type[Gradus] | type[AsyncGradus]) -> None:
    session = {"token": "x", "expires_at": "2026-10-14T18:30:00Z", "user": ME}
    stub = Stub(ok(session))
    signed_in = stub.call(kind, "sign_in", Credentials(email="a@x.example", password="b"))
    assert signed_in.user.role == Role.STUDENT
    headers = stub.requests[0].headers
    assert "Authorization" not in headers
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == f"gradus-python/{VERSION} (api {API_VERSION})"


@BOTH
def test_a_call_ends_with_its_timeout(kind: type[Gradus] | type[AsyncGradus]) -> None:
    def late() -> httpx.Response:
        raise httpx.ReadTimeout("too late")

    stub = Stub(late)
    with pytest.raises(httpx.TimeoutException):
        stub.call(kind, "get_me", timeout=0.05)
    assert len(stub.requests) == 1
    assert stub.requests[0].extensions["timeout"]["read"] == 0.05


def test_a_cancelled_call_stops_waiting() -> None:
    async def wait() -> None:
        began = time.monotonic()
        async with AsyncGradus(
            "http://stub/api/v1", transport=httpx.MockTransport(Stub(lambda: refusal(503, "busy", "20")))
        ) as c:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(c.get_me(), 0.05)
        assert time.monotonic() - began < 10

    asyncio.run(wait())


@BOTH
def test_answers_that_are_not_graduss_are_errors(kind: type[Gradus] | type[AsyncGradus]) -> None:
    stub = Stub(lambda: httpx.Response(502, text="<html>Bad Gateway</html>"))
    with pytest.raises(GradusError) as refused:
        stub.call(kind, "get_me")
    assert (refused.value.status, refused.value.code, refused.value.detail) == (502, None, "Bad Gateway")


def test_a_value_from_a_newer_server_is_held() -> None:
    stub = Stub(ok(ME | {"role": "mentor", "pronouns": "they"}), lambda: refusal(409, "moon_is_full"))
    me = stub.call(Gradus, "get_me")
    assert me.role == "mentor" and me.to_dict()["role"] == "mentor"
    assert me.additional_properties == {"pronouns": "they"}
    with pytest.raises(GradusError) as refused:
        stub.call(Gradus, "get_me")
    assert refused.value.code == "moon_is_full"
