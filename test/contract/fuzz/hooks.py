"""Sessions for the fuzzer."""

import os

import requests
import schemathesis

API = os.environ["FUZZ_API"]
TOKEN = os.environ.get("FUZZ_TOKEN")
EMAIL = os.environ.get("FUZZ_EMAIL")
PASSWORD = os.environ.get("FUZZ_PASSWORD")


def sign_in():
    answer = requests.post(f"{API}/auth/login", json={"email": EMAIL, "password": PASSWORD}, timeout=30)
    answer.raise_for_status()
    return answer.json()


class Bearer:
    def get(self, case, context):
        return TOKEN or sign_in()["token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(operation_id="SignOut")
class FreshSession(Bearer):
    """A session to be ended."""


@schemathesis.auth(refresh_interval=3600).skip_for(operation_id=["SignOut", "SignIn", "Register"])
class OneSession(Bearer):
    """The session of everything else."""
