"""What the fuzzer has to know of Gradus: sessions, and what a refusal may be."""

import os

import requests
import schemathesis

API = os.environ["FUZZ_API"]
TOKEN = os.environ.get("FUZZ_TOKEN")
EMAIL = os.environ.get("FUZZ_EMAIL")
PASSWORD = os.environ.get("FUZZ_PASSWORD")

NOBODY = "01a00000-0000-7000-8000-000000000000"


def sign_in():
    answer = requests.post(f"{API}/auth/login", json={"email": EMAIL, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    return answer.json()["token"]


def whoami(token):
    answer = requests.get(f"{API}/me", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    answer.raise_for_status()
    return answer.json()["id"]


SESSION = TOKEN or sign_in()
MYSELF = whoami(SESSION)


class Bearer:
    def get(self, case, context):
        return SESSION

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(operation_id="SignOut")
class FreshSession(Bearer):
    """Signing out ends the session that asks for it, so it gets one of its own each time."""

    def get(self, case, context):
        return sign_in()


@schemathesis.auth(refresh_interval=None).skip_for(operation_id=["SignOut", "SignIn", "Register"])
class OneSession(Bearer):
    """Everything else shares a session."""


@schemathesis.hook
def before_call(context, case, kwargs):
    """Who suspends or demotes themselves is signed out, and would see nothing but 401 from
    then on. Such requests go to nobody instead; what happens to the last admin is tested
    in test/contract."""
    if (case.path_parameters or {}).get("user_id") == MYSELF and case.method.upper() != "GET":
        case.path_parameters["user_id"] = NOBODY


# What the validator says of values that are not of the contract's shape.
SHAPE = {
    "type", "format", "required", "enum", "minLength", "maxLength", "pattern", "minimum", "maximum", "minItems",
    "maxItems", "properties", "additionalProperties", "nullable", "invalid", "empty", "unknown_parameter",
}  # fmt: skip


@schemathesis.check
def shape_is_taken(ctx, response, case):
    """Rules of the school may refuse what fits its schema with 422: a range of 400 days, a
    name that is no time zone. Its shape may not be refused, or schema and server disagree."""
    if response.status_code != 422 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # Into headers Schemathesis writes letters and digits alone. No ETag is made of those, so
    # it takes for an If-Match that fits what does not.
    wrong = [e for e in response.json()["errors"] if e["code"] in SHAPE and e["parameter"] != "If-Match"]
    if wrong:
        raise AssertionError(f"This fits the schema, and its shape is refused: {wrong}")
