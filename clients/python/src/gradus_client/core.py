"""The hand-written part of the client: authentication, retries, errors and pagination."""

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
from contextlib import contextmanager
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
from .models.session import Session
from .models.sign_in_challenge import SignInChallenge
from .types import API_VERSION, Unset

#: The version of the client.
VERSION = "1.0.0"

#: The longest Retry-After, in seconds, that the client waits for.
LONGEST_WAIT = 30.0

T = TypeVar("T")
R = TypeVar("R")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")


class GradusFailure(Exception):
    """A call failed: `GradusError` or `GradusNetworkError`."""

    #: Machine-readable.
    code: str | None
    #: Human-readable.
    detail: str
    #: The HTTP status; None without a response.
    status: int | None
    #: The seconds to wait before a retry, if the server says so.
    retry_after: float | None


class GradusNetworkError(GradusFailure):
    """There was no usable response. `__cause__` is the underlying error."""

    #: Why: "network_error", "timeout", "invalid_response" or "token_unavailable".
    code: str
    status: None
    retry_after: None

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = detail
        self.status = None
        self.retry_after = None
        super().__init__(f"{code}: {detail}")


class GradusError(GradusFailure):
    """The server returned an error response."""

    status: int
    code: ProblemCode | None

    def __init__(self, response: httpx.Response) -> None:
        try:
            problem = Problem.from_dict(response.json())
        except (ValueError, KeyError, TypeError, AttributeError):
            problem = None  # the response came from a proxy, not from Gradus
        #: The HTTP status.
        self.status = response.status_code
        #: Machine-readable; None if the response did not come from Gradus.
        self.code = problem.code if problem else None
        #: Human-readable.
        self.detail = problem.detail if problem else response.reason_phrase
        #: The invalid fields and parameters of the request.
        self.errors: list[FieldProblem] = problem.errors if problem else []
        #: Identifies the request in the logs of the server.
        self.request_id: str | None = problem.request_id if problem else None
        #: The seconds to wait before a retry, if the server says so.
        self.retry_after = _retry_after(response)
        fields = "".join(f" [{e.pointer or e.parameter}: {e.detail}]" for e in self.errors)
        request = f" (request {self.request_id})" if self.request_id else ""
        super().__init__(f"{self.status} {self.code or '?'}: {self.detail}{fields}{request}")


class SignInChallengeError(Exception):
    """The account has a second factor. Send the challenge with a code to `complete_sign_in`."""

    def __init__(self, body: Any) -> None:
        #: What `complete_sign_in` needs besides the code.
        self.challenge = SignInChallenge.from_dict(body)
        super().__init__("the password was right, but the account needs a code to sign in")


class Body(Protocol):
    """A model for a request body."""

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
    anonymous: bool = False  # does not require a token
    keyed: bool = False  # accepts an Idempotency-Key
    accepted: Callable[[Any], Exception] | None = None  # of 202, if its body is not the result


class _Shared:
    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], Any] | None,
        session: Session | None,
        on_session_change: Callable[[Session], object] | None,
        timeout: float | httpx.Timeout | None,
        retries: int,
    ) -> None:
        if token is not None and session is not None:
            raise ValueError("Pass a token or a session, not both.")
        self._token: str | None = token if isinstance(token, str) else session.token if session else None
        self._source = token if callable(token) else None
        self._session = session
        self._changed = on_session_change
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
            "retry": tenacity.retry_if_result(_retryable) | tenacity.retry_if_exception(_broken),
            "retry_error_callback": lambda state: state.outcome.result(),
        }

    def _arguments(self, call: Call[T]) -> dict[str, Any]:
        headers = _provided(call.headers)
        if call.keyed:
            headers.setdefault("Idempotency-Key", str(uuid4()))
        path = call.template.format_map({name: quote(_text(value), safe="") for name, value in call.path.items()})
        arguments = {"method": call.method, "url": path, "params": _provided(call.query), "headers": headers}
        if call.body is not None:
            headers["Content-Type"] = str(call.content_type)
            arguments["json"] = call.body.to_dict()
        return arguments

    @property
    def _renewable(self) -> bool:
        """Whether there can be another token after a 401."""
        return self._source is not None or (self._session is not None and self._session.refresh_token is not None)

    def _refresh(self) -> dict[str, Any]:
        """Returns the request that renews the session."""
        token = self._session.refresh_token if self._session else None
        return {
            "method": "POST",
            "url": "/auth/refresh",
            "headers": {"Content-Type": "application/json"},
            "json": {"refresh_token": token},
        }

    def _refreshed(self, response: httpx.Response) -> str | None:
        """Stores the new tokens of the session."""
        if response.status_code >= 400:
            raise GradusError(response)
        try:
            session = Session.from_dict(response.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GradusNetworkError("invalid_response", f"POST /auth/refresh: {error}") from error
        self._keep(session)
        return session.token

    def _keep(self, session: Session) -> None:
        self._session = session
        self._token = session.token
        if self._changed is not None:
            self._changed(session)

    def _read(self, call: Call[T], response: httpx.Response) -> T:
        recorded = _recorded.get()
        if recorded is not None:
            recorded.append(response.headers)
        if response.status_code >= 400:
            raise GradusError(response)
        if call.parse is None:
            return None  # type: ignore[return-value] # T is None then
        if response.status_code == 202 and call.accepted is not None:
            raise _parsed(call, response, call.accepted)
        result = _parsed(call, response, call.parse)
        if isinstance(result, Session) and not call.anonymous and result.token is not None:
            if self._session is not None:
                self._keep(result)
            else:
                self._token = result.token
        return result


def _parsed(call: Call[Any], response: httpx.Response, parse: Callable[[Any], R]) -> R:
    """Returns the body of a response."""
    try:
        return parse(response.json())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GradusNetworkError("invalid_response", f"{call.method} {call.template}: {error}") from error


class Core(_Shared):
    """The hand-written part of `Gradus`."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], str] | None = None,
        session: Session | None = None,
        on_session_change: Callable[[Session], object] | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        retries: int = 2,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Args:
        base_url: The URL of the API, which ends in /api/v1.
        token: The token of a session, or a function that returns it. The function is called before the
            first request that requires a token, and again after a 401.
        session: A session that `sign_in` or `register` returned, instead of a token. When its access token has
            expired, the client renews it with the refresh token, once for all concurrent calls.
        on_session_change: Called with the session when it has new tokens, so that you can store them before they
            are used: each refresh token works once.
        timeout: The time limit of a request in seconds, as defined by httpx.
        retries: How often to retry idempotent requests after 429, 503 and connection errors: reads, PUT,
            DELETE, and creates, which send an Idempotency-Key. The client waits for Retry-After, but does
            not retry if it is longer than 30 seconds.
        transport: Sends the requests, for example through a proxy or with other certificates.
        """
        super().__init__(
            base_url,
            token=token,
            session=session,
            on_session_change=on_session_change,
            timeout=timeout,
            retries=retries,
        )
        self._http = httpx.Client(transport=transport, **self._settings)
        self._lock = threading.Lock()

    def _send(self, call: Call[T]) -> T:
        arguments = self._arguments(call)
        if call.anonymous:
            return self._read(call, self._request(arguments))
        token = self._current(None)
        response = self._request(arguments, token)
        if response.status_code == 401 and self._renewable:
            response = self._request(arguments, self._current(token))
        return self._read(call, response)

    def _request(self, arguments: dict[str, Any], token: str | None = None) -> httpx.Response:
        def send() -> httpx.Response:
            return self._http.request(**_authenticated(arguments, token))

        with _connected():
            return tenacity.Retrying(**self._policy)(send) if _idempotent(arguments) else send()

    def _current(self, rejected: str | None) -> str | None:
        with self._lock:
            if self._token == rejected and self._source is not None:
                with _signing_in():
                    self._token = self._source()
            elif self._token == rejected and rejected is not None and self._renewable:
                return self._refreshed(self._request_twice(self._refresh()))
            return self._token

    def _request_twice(self, arguments: dict[str, Any]) -> httpx.Response:
        """Renews the session. Within ten seconds, the server returns the same tokens again, so a lost response
        is requested again."""
        try:
            return self._request(arguments)
        except GradusNetworkError:
            return self._request(arguments)

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
    """The hand-written part of `AsyncGradus`."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | Callable[[], str | Awaitable[str]] | None = None,
        session: Session | None = None,
        on_session_change: Callable[[Session], object] | None = None,
        timeout: float | httpx.Timeout | None = 30.0,
        retries: int = 2,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """See `Gradus`. The token function can be a coroutine function."""
        super().__init__(
            base_url,
            token=token,
            session=session,
            on_session_change=on_session_change,
            timeout=timeout,
            retries=retries,
        )
        self._http = httpx.AsyncClient(transport=transport, **self._settings)
        self._lock = asyncio.Lock()

    async def _send(self, call: Call[T]) -> T:
        arguments = self._arguments(call)
        if call.anonymous:
            return self._read(call, await self._request(arguments))
        token = await self._current(None)
        response = await self._request(arguments, token)
        if response.status_code == 401 and self._renewable:
            response = await self._request(arguments, await self._current(token))
        return self._read(call, response)

    async def _request(self, arguments: dict[str, Any], token: str | None = None) -> httpx.Response:
        async def send() -> httpx.Response:
            return await self._http.request(**_authenticated(arguments, token))

        with _connected():
            return await (tenacity.AsyncRetrying(**self._policy)(send) if _idempotent(arguments) else send())

    async def _current(self, rejected: str | None) -> str | None:
        async with self._lock:
            if self._token == rejected and self._source is not None:
                with _signing_in():
                    token = self._source()
                    self._token = await token if isawaitable(token) else token
            elif self._token == rejected and rejected is not None and self._renewable:
                return self._refreshed(await self._request_twice(self._refresh()))
            return self._token

    async def _request_twice(self, arguments: dict[str, Any]) -> httpx.Response:
        """See `Core`."""
        try:
            return await self._request(arguments)
        except GradusNetworkError:
            return await self._request(arguments)

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
    """A page of a list."""

    @property
    def items(self) -> Sequence[T_co]: ...
    @property
    def next_(self) -> str | None: ...


def iterate(fetch: Callable[P, Page[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
    """Iterates over the items of all pages of a list: `iterate(gradus.list_users, role=Role.STUDENT)`."""
    page = fetch(*args, **kwargs)
    yield from page.items
    while page.next_ is not None:
        kwargs["after"] = page.next_
        page = fetch(*args, **kwargs)
        yield from page.items


async def aiterate(fetch: Callable[P, Awaitable[Page[T]]], *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
    """Iterates over the items of all pages of a list: `async for user in aiterate(gradus.list_users)`."""
    page = await fetch(*args, **kwargs)
    for item in page.items:
        yield item
    while page.next_ is not None:
        kwargs["after"] = page.next_
        page = await fetch(*args, **kwargs)
        for item in page.items:
            yield item


_recorded: ContextVar[list[httpx.Headers] | None] = ContextVar("_recorded", default=None)


def with_headers(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, httpx.Headers]:
    """Also returns the response headers: `batch, headers = with_headers(gradus.get_batch, batch_id)`."""
    recorded: list[httpx.Headers] = []
    reset_token = _recorded.set(recorded)
    try:
        return call(*args, **kwargs), recorded[-1]
    finally:
        _recorded.reset(reset_token)


async def awith_headers(call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> tuple[T, httpx.Headers]:
    """Also returns the response headers: `batch, headers = await awith_headers(gradus.get_batch, batch_id)`."""
    recorded: list[httpx.Headers] = []
    reset_token = _recorded.set(recorded)
    try:
        return await call(*args, **kwargs), recorded[-1]
    finally:
        _recorded.reset(reset_token)


def _broken(error: BaseException) -> bool:
    """Reports whether a retry after an error is safe. Timeouts are not retried."""
    if not isinstance(error, (httpx.NetworkError, httpx.RemoteProtocolError)):
        return False
    # If the server did apply a request with If-Match, the retry would report the caller's own
    # change as that of somebody else, with 412.
    return bool(error.request.headers.get("If-Match", "*") == "*")


@contextmanager
def _connected() -> Iterator[None]:
    """Raises the errors of httpx as those of this client."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise GradusNetworkError("timeout", str(error) or "The server did not respond in time.") from error
    except httpx.HTTPError as error:
        raise GradusNetworkError("network_error", str(error) or "The server cannot be reached.") from error


@contextmanager
def _signing_in() -> Iterator[None]:
    """Raises the errors of a token function as those of this client."""
    try:
        yield
    except Exception as error:
        raise GradusNetworkError("token_unavailable", f"The token function failed: {error}") from error


def _retryable(response: httpx.Response) -> bool:
    """Reports whether a retry can succeed after an acceptable wait."""
    return response.status_code in (429, 503) and (_retry_after(response) or 0) <= LONGEST_WAIT


_backoff = tenacity.wait_random_exponential(multiplier=0.5, max=4)


def _wait(state: tenacity.RetryCallState) -> float:
    outcome = state.outcome
    retry_after = _retry_after(outcome.result()) if outcome and not outcome.failed else None
    return _backoff(state) if retry_after is None else retry_after


def _retry_after(response: httpx.Response) -> float | None:
    """Parses the header, which holds seconds or a date."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _idempotent(arguments: dict[str, Any]) -> bool:
    """Reports whether sending the request twice has the same effect as once."""
    return arguments["method"] in ("GET", "HEAD", "PUT", "DELETE") or "Idempotency-Key" in arguments["headers"]


def _authenticated(arguments: dict[str, Any], token: str | None) -> dict[str, Any]:
    if token is None:
        return arguments
    return {**arguments, "headers": {**arguments["headers"], "Authorization": f"Bearer {token}"}}


def _provided(values: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in values.items() if not isinstance(value, Unset)}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)
