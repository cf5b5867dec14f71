"""Tests the sync client against a server."""

import datetime
import time
from collections.abc import Callable
from itertools import islice
from uuid import UUID, uuid4

import httpx
import pytest
from conftest import School

from gradus_client import (
    Batch,
    BatchPatch,
    BatchStatus,
    Credentials,
    DayState,
    Gradus,
    GradusError,
    JoinRequest,
    NewBatch,
    ProblemCode,
    ProgressState,
    Registration,
    Role,
    WakaTimeKey,
    iterate,
    with_headers,
)

MONDAY = datetime.date(2026, 10, 5)  # the server's current day is 2026-10-14


def new_batch(time_zone: str = "America/Chicago", ends_on: datetime.date = datetime.date(2026, 12, 18)) -> NewBatch:
    return NewBatch(name="Evening Class", starts_on=MONDAY, ends_on=ends_on, time_zone=time_zone)


def test_a_student_joins_and_connects_and_the_batch_shows_their_progress(school: School) -> None:
    admin = school.admin()
    batch = admin.create_batch(new_batch())
    assert (batch.status, batch.starts_on, batch.weekly_goal_seconds) == (BatchStatus.ACTIVE, MONDAY, None)
    student = school.register("joining")
    joined = student.join_batch(JoinRequest(registration_key=admin.get_registration_key(batch.id).key))
    assert (joined.batch_id, joined.name) == (batch.id, "joining")

    connected = student.connect_wakatime_with_key(
        WakaTimeKey(api_key=school.facts["spare_wakatime_account"]["api_key"])
    )
    assert (connected.state, connected.kind) == ("connected", "api_key")
    student.sync_my_days()
    deadline = time.monotonic() + 30
    while (connection := student.get_wakatime_connection()).last_synced_at is None or connection.syncing:
        assert time.monotonic() < deadline, "the sync did not finish in time"

    days = student.list_my_days(from_=MONDAY)
    assert days.total.known_days == len(days.days) - 1 > 0  # today has not ended
    assert days.days[-1].state == DayState.PARTIAL
    progress = admin.get_batch_progress(batch.id, from_=MONDAY)
    assert [row.student_id for row in progress.items] == [joined.id]
    assert progress.total is not None and progress.total.to_dict() == days.total.to_dict()


def test_only_the_first_page_has_the_total(school: School) -> None:
    admin, batch_id = school.admin(), UUID(school.facts["registration_keys"][0]["batch_id"])
    first = admin.get_batch_progress(batch_id, limit=5)
    assert first.total is not None and first.total.expected_days > 0 and first.next_ is not None
    assert admin.get_batch_progress(batch_id, limit=5, after=first.next_).total is None
    gaps = [gap.student_id for gap in iterate(admin.get_batch_coverage, batch_id)]
    assert len(set(gaps)) == len(gaps) > 0


def test_progress_distinguishes_unknown_days_from_zero(school: School) -> None:
    batch_id = UUID(school.facts["registration_keys"][0]["batch_id"])
    rows = list(iterate(school.admin().get_batch_progress, batch_id, from_=datetime.date(2026, 10, 1), limit=5))
    assert len(rows) == 12
    for row in rows:
        fetched = [state in (ProgressState.OK, ProgressState.EMPTY, ProgressState.PARTIAL) for state in row.states]
        assert fetched == [seconds is not None for seconds in row.seconds]
        days = zip(row.states, row.seconds, strict=True)
        assert sum(seconds or 0 for state, seconds in days if state != ProgressState.PARTIAL) == row.total.seconds
    assert {ProgressState.OK, ProgressState.DISCONNECTED} <= {state for row in rows for state in row.states}


def test_a_list_can_be_filtered(school: School) -> None:
    admin = school.admin()
    batch_id = UUID(school.facts["registration_keys"][0]["batch_id"])
    disconnected = list(iterate(admin.list_students, batch_id=batch_id, connected=False))
    assert disconnected and {(s.batch_id, s.connection == "connected") for s in disconnected} == {(batch_id, False)}
    assert len(disconnected) + len(list(iterate(admin.list_students, batch_id=batch_id, connected=True))) == 12


def test_iterate_returns_each_user_once(school: School) -> None:
    members = list(iterate(school.admin().list_users, role=Role.MEMBER, limit=40))
    assert len({member.id for member in members}) == len(members) >= 250
    assert {member.role for member in members} == {Role.MEMBER}


def test_iterate_fetches_pages_on_demand(school: School) -> None:
    queries: list[str] = []

    class RecordingTransport(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            queries.append(request.url.query.decode())
            return super().handle_request(request)

    admin = Gradus(school.api, token=school.sign_in("mira@school.example"), transport=RecordingTransport())
    assert len(list(islice(iterate(admin.list_users, limit=20), 30))) == 30
    assert queries[0] == "limit=20"
    assert len(queries) == 2 and "after=" in queries[1]


def test_an_update_with_an_outdated_etag_fails(school: School) -> None:
    admin = school.admin()
    batch, headers = with_headers(admin.get_batch, admin.create_batch(new_batch()).id)
    edit = BatchPatch(name="Morning Class", weekly_goal_seconds=3600)
    edited = admin.update_batch(batch.id, edit, if_match=headers["ETag"])
    assert (edited.name, edited.weekly_goal_seconds, edited.time_zone) == ("Morning Class", 3600, batch.time_zone)
    with pytest.raises(GradusError) as raised:
        admin.update_batch(batch.id, BatchPatch(name="Night Class"), if_match=headers["ETag"])
    assert (raised.value.status, raised.value.code) == (412, ProblemCode.VERSION_MISMATCH)
    assert admin.update_batch(batch.id, BatchPatch(weekly_goal_seconds=None)).weekly_goal_seconds is None


def test_a_create_is_idempotent_with_the_same_key(school: School) -> None:
    admin = school.admin()
    key = str(uuid4())
    first = admin.create_batch(new_batch(), idempotency_key=key)
    retried, headers = with_headers(admin.create_batch, new_batch(), idempotency_key=key)
    other: Batch = admin.create_batch(new_batch())
    assert retried.id == first.id != other.id
    assert "Idempotency-Replayed" in headers


ERRORS: dict[str, tuple[Callable[[School], object], int, ProblemCode]] = {
    "a request without a token is rejected": (
        lambda s: Gradus(s.api).get_me(), 401, ProblemCode.UNAUTHENTICATED,
    ),
    "a wrong password is rejected": (
        lambda s: Gradus(s.api).sign_in(Credentials(email="mira@school.example", password="wrong")),
        401, ProblemCode.INVALID_CREDENTIALS,
    ),
    "a member cannot list users": (
        lambda s: s.as_("hana@school.example").list_users(), 403, ProblemCode.FORBIDDEN,
    ),
    "an unknown batch is not found": (
        lambda s: s.admin().get_batch(uuid4()), 404, ProblemCode.BATCH_NOT_FOUND,
    ),
    "an email address can be registered once": (
        lambda s: Gradus(s.api).register(
            Registration(email="mira@school.example", name="Other", password="seven quiet paper boats")
        ),
        409, ProblemCode.EMAIL_TAKEN,
    ),
    "a batch cannot end before it starts": (
        lambda s: s.admin().create_batch(new_batch("Chicago", datetime.date(2026, 10, 1))),
        422, ProblemCode.INVALID_REQUEST,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors_explain_what_is_wrong(school: School, name: str) -> None:
    call, status, code = ERRORS[name]
    with pytest.raises(GradusError) as raised:
        call(school)
    error = raised.value
    assert (error.status, error.code) == (status, code)
    assert error.request_id and error.detail in str(error)
    fields = {field.pointer: field.code for field in error.errors}
    assert fields == ({"/time_zone": "time_zone_unknown", "/ends_on": "range_reversed"} if status == 422 else {})


def test_the_token_function_is_called_again_after_signing_out(school: School) -> None:
    tokens: list[str] = []

    def source() -> str:
        tokens.append(school.sign_in("ines@school.example")())
        return tokens[-1]

    ines = Gradus(school.api, token=source)
    ines.sign_out()
    assert ines.get_me().email == "ines@school.example"
    assert len(tokens) == 2
