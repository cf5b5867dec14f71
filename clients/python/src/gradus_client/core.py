"""What every call shares: signing, retries, errors, pages. Written by hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from inspect import isawaitable
from types import TracebackType
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
import tenacity

from .models.field_problem import FieldProblem
from .models.problem import Problem
from .models.problem_code import ProblemCode
from .types import API_VERSION, Unset

#: The client's own version.
VERSION = "1.0.0"

#: How many seconds a Retry-After may be for the client to wait it out itself.
LONGEST_WAIT = 30.0

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")


class GradusError(Exception):
    """The server refused."""

    def __init__(self, response: httpx.Response) -> None:
        try:
            problem = Problem.from_dict(response.json())
        except (ValueError, KeyError, TypeError, AttributeError):
            problem = None  # a proxy answered, not Gradus
        #: The HTTP status.
        self.status: int = response.status_code
        #: What went wrong, for the program; None when it was not Gradus that answered.
        self.code: ProblemCode | None = problem.code if problem else None
        #: A sentence for the person.
        self.detail: str = problem.detail if problem else response.reason_phrase
        #: Each thing that is wrong with the request.
        self.errors: list[FieldProblem] = problem.errors if problem else []
        #: Names the request in the server's logs.
        self.request_id: str | None = problem.request_id if problem else None
        #: After how many seconds to try again; None when the server does not say.
        self.retry_after: float | None = _retry_after(response)
        fields = "".join(f" [{e.pointer or e.parameter}: {e.detail}]" for e in self.errors)
        request = f" (request {self.request_id})" if self.request_id else ""
        super().__init__(f"{self.status} {self.code or '?'}: {self.detail}{fields}{request}")


class Body(Protocol):
    """A model that can be sent."""

    def to_dict(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Call(Generic[T]):
    """One call of an operation."""

    method: str
    template: str
    parse: Callable[[Any], T] | None
    path: Mapping[str, object] = field(default_factory=dict)
    query: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, object] = field(default_factory=dict)
    body: Body | None = None
    content_type: str | None = None
    anonymous: bool = False  # needs no token
    keyed: bool = False  # takes an Idempotency-Key


class _Shared:
    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], Any] | None,
        timeout: float | httpx.Timeout | None,
        retries: int,
    ) -> None:
        self._token: str | None = token if isinstance(token, str) else None
        self._ask = token if callable(token) else None
        self._settings: dict[str, Any] = {
            "base_url": base_url,
            "timeout": timeout,
            "headers": {
                "User-Agent": f"gradus-python/{VERSION} (api {API_VERSION})",
                "Accept": "application/json, application/problem+json",
            },
        }
        self._policy: dict[str, Any] = {
            "stop": tenacity.stop_after_attempt(1 + retries),
            "wait": _wait,
            "retry": tenacity.retry_if_result(_passing) | tenacity.retry_if_exception_type(_BROKEN),
            "retry_error_callback": lambda state: state.outcome.result(),
        }

    def _arguments(self, call: Call[T]) -> dict[str, Any]:
        headers = _given(call.headers)
        if call.keyed:
            headers.setdefault("Idempotency-Key", str(uuid4()))
        if call.content_type:
            headers["Content-Type"] = call.content_type
        path = call.template.format_map({name: quote(_text(value), safe="") for name, value in call.path.items()})
        arguments = {"method": call.method, "url": path, "params": _given(call.query), "headers": headers}
        if call.body is not None:
            arguments["json"] = call.body.to_dict()
        return arguments

    def _read(self, call: Call[T], response: httpx.Response) -> T:
        seen = _seen.get()
        if seen is not None:
            seen.append(response.headers)
        if response.status_code >= 400:
            raise GradusError(response)
        if call.parse is None:
            return None  # type: ignore[return-value] # T is None then
        return call.parse(response.json())


class Core(_Shared):
    """The part of `Gradus` that is not made from the contract."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], str] | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Args:
        base_url: Where the API is; it ends in /api/v1.
        token: A session's token, as signing in gives it, or a function that gives one. The function is
            asked before the first call that needs a token, and once more when the server says that it is
            no good any more.
        timeout: How many seconds to wait for the server, as httpx counts them.
        retries: How often to try again after 429, 503 and broken connections, what may be repeated: reads,
            PUT, DELETE, and creates, which carry an Idempotency-Key. The server's Retry-After is kept to;
            one above half a minute is not waited for.
        transport: How to send, for proxies and certificates.
        """
        super().__init__(base_url, token=token, timeout=timeout, retries=retries)
        self._http = httpx.Client(transport=transport, **self._settings)
        self._lock = threading.Lock()

    def _send(self, call: Call[T]) -> T:
        arguments = self._arguments(call)
        if call.anonymous:
            return self._read(call, self._try(arguments))
        token = self._current(None)
        response = self._try(arguments, token)
        if response.status_code == 401 and self._ask is not None:
            response = self._try(arguments, self._current(token))
        return self._read(call, response)

    def _try(self, arguments: dict[str, Any], token: str | None = None) -> httpx.Response:
        def once() -> httpx.Response:
            return self._http.request(**_signed(arguments, token))

        if not _repeatable(arguments):
            return once()
        return tenacity.Retrying(**self._policy)(once)

    def _current(self, dead: str | None) -> str | None:
        with self._lock:
            if self._ask is not None and self._token == dead:
                self._token = self._ask()
            return self._token

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncCore(_Shared):
    """The part of `AsyncGradus` that is not made from the contract."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], str | Awaitable[str]] | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        retries: int = 2,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """See `Gradus`. The token's function may be a coroutine function."""
        super().__init__(base_url, token=token, timeout=timeout, retries=retries)
        self._http = httpx.AsyncClient(transport=transport, **self._settings)
        self._lock = asyncio.Lock()

    async def _send(self, call: Call[T]) -> T:
        arguments = self._arguments(call)
        if call.anonymous:
            return self._read(call, await self._try(arguments))
        token = await self._current(None)
        response = await self._try(arguments, token)
        if response.status_code == 401 and self._ask is not None:
            response = await self._try(arguments, await self._current(token))
        return self._read(call, response)

    async def _try(self, arguments: dict[str, Any], token: str | None = None) -> httpx.Response:
        async def once() -> httpx.Response:
            return await self._http.request(**_signed(arguments, token))

        if not _repeatable(arguments):
            return await once()
        return await tenacity.AsyncRetrying(**self._policy)(once)

    async def _current(self, dead: str | None) -> str | None:
        async with self._lock:
            if self._ask is not None and self._token == dead:
                token = self._ask()
                self._token = await token if isawaitable(token) else token
            return self._token

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Page(Protocol[T_co]):
    """What a list answers with."""

    @property
    def items(self) -> Sequence[T_co]: ...
    @property
    def next_(self) -> str | None: ...


def iterate(fetch: Callable[P, Page[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
    """Goes over the items of a list, page after page: `iterate(gradus.list_users, role=Role.STUDENT)`."""
    page = fetch(*args, **kwargs)
    yield from page.items
    while page.next_ is not None:
        kwargs["after"] = page.next_
        page = fetch(*args, **kwargs)
        yield from page.items


async def aiterate(fetch: Callable[P, Awaitable[Page[T]]], *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
    """Goes over the items of a list, page after page: `async for user in aiterate(gradus.list_users)`."""
    page = await fetch(*args, **kwargs)
    for item in page.items:
        yield item
    while page.next_ is not None:
        kwargs["after"] = page.next_
        page = await fetch(*args, **kwargs)
        for item in page.items:
            yield item


_seen: ContextVar[list[httpx.Headers] | None] = ContextVar("_seen", default=None)


def with_headers(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, httpx.Headers]:
    """Returns the answer's headers too: `batch, headers = with_headers(gradus.get_batch, batch_id)`."""
    seen: list[httpx.Headers] = []
    before = _seen.set(seen)
    try:
        return call(*args, **kwargs), seen[-1]
    finally:
        _seen.reset(before)


async def awith_headers(call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> tuple[T, httpx.Headers]:
    """Returns the answer's headers too: `batch, headers = await awith_headers(gradus.get_batch, batch_id)`."""
    seen: list[httpx.Headers] = []
    before = _seen.set(seen)
    try:
        return await call(*args, **kwargs), seen[-1]
    finally:
        _seen.reset(before)


# Failures of a connection, which say nothing about the server's state.
_BROKEN = (httpx.NetworkError, httpx.RemoteProtocolError)


def _passing(response: httpx.Response) -> bool:
    """Whether waiting mends it, and not for too long."""
    return response.status_code in (429, 503) and (_retry_after(response) or 0) <= LONGEST_WAIT


_backoff = tenacity.wait_random_exponential(multiplier=0.5, max=4)


def _wait(state: tenacity.RetryCallState) -> float:
    outcome = state.outcome
    told = _retry_after(outcome.result()) if outcome and not outcome.failed else None
    return _backoff(state) if told is None else told


def _retry_after(response: httpx.Response) -> float | None:
    """Reads the header in both its forms."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _repeatable(arguments: dict[str, Any]) -> bool:
    """Whether sending it twice does what sending it once does."""
    return arguments["method"] in ("GET", "HEAD", "PUT", "DELETE") or "Idempotency-Key" in arguments["headers"]


def _signed(arguments: dict[str, Any], token: str | None) -> dict[str, Any]:
    if token is None:
        return arguments
    return {**arguments, "headers": {**arguments["headers"], "Authorization": f"Bearer {token}"}}


def _given(values: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items() if not isinstance(value, Unset)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)
