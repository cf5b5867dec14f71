"""Extends the fuzzer with sessions, and with a check of validation errors."""

import datetime
import os

import requests
import schemathesis
from hypothesis import strategies as st

API = os.environ["FUZZ_API"]
TOKEN = os.environ.get("FUZZ_TOKEN")
EMAIL = os.environ.get("FUZZ_EMAIL")
PASSWORD = os.environ.get("FUZZ_PASSWORD")

NOBODY = "01a00000-0000-7000-8000-000000000000"


def sign_in():
    response = requests.post(f"{API}/auth/login", json={"email": EMAIL, "password": PASSWORD}, timeout=30)
    response.raise_for_status()
    return response.json()["token"]


def whoami(token):
    response = requests.get(f"{API}/me", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    response.raise_for_status()
    return response.json()["id"]


# OpenAPI 3.0 has no keyword for the range of dates, so the contract has x-minimum and x-maximum.
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2999, 12, 31)
schemathesis.openapi.format("date", st.dates(FIRST, LAST).map(str))
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime.datetime(FIRST.year, 1, 1), datetime.datetime(LAST.year, 12, 31)).map(lambda t: f"{t.isoformat()}Z"),
)

def current_session(token):
    response = requests.get(f"{API}/me/sessions", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    response.raise_for_status()
    return next(s["id"] for s in response.json()["items"] if s["current"])


SESSION = TOKEN or sign_in()
MYSELF = whoami(SESSION)
MY_SESSION = current_session(SESSION)


class Bearer:
    def get(self, case, context):
        return SESSION

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(operation_id="SignOut")
class FreshSession(Bearer):
    """Signing out ends the session of the caller, so each call has its own."""

    def get(self, case, context):
        return sign_in()


@schemathesis.auth(refresh_interval=None).skip_for(operation_id=["SignOut", "SignIn", "Register"])
class OneSession(Bearer):
    """All other operations share a session."""


@schemathesis.hook
def before_call(context, case, kwargs):
    """Suspending or demoting the caller, or ending their sessions, would end the session, and
    all later requests would return 401. Such requests get the ID of no user or session.
    test/contract tests the last admin. With another password, nobody could sign in again."""
    ids = case.path_parameters or {}
    if ids.get("user_id") == MYSELF and case.method.upper() != "GET":
        ids["user_id"] = NOBODY
    if ids.get("session_id") == MY_SESSION:
        ids["session_id"] = NOBODY
    if isinstance(case.body, dict) and case.body.get("current_password") == PASSWORD and PASSWORD:
        case.body["current_password"] = "not " + PASSWORD


# The codes of errors about the shape of a request, as opposed to its meaning. Rules share
# `length` and `characters`: a name of spaces has the right length until it is trimmed.
SHAPE = {
    "wrong_type", "required", "unknown_value", "malformed", "out_of_range", "unknown_property", "not_null", "empty",
    "unknown_parameter", "id_invalid", "email_invalid", "day_invalid", "timestamp_invalid",
}  # fmt: skip


@schemathesis.check
def valid_shape_is_accepted(ctx, response, case):
    """A rule may reject a request that matches its schema with 422: a range of 400 days, an
    unknown time zone. An error about its shape means that schema and server disagree."""
    if response.status_code != 422 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # Schemathesis restricts headers to letters and digits. No ETag consists of those, so it
    # considers invalid values of If-Match valid.
    wrong = [e for e in response.json()["errors"] if e["code"] in SHAPE and e["parameter"] != "If-Match"]
    if wrong:
        raise AssertionError(f"The request matches the schema, and its shape is rejected: {wrong}")
