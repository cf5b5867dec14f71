"""Starts the server that the tests run against: internal/democlass/classroom."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gradus_client import Credentials, Gradus, Registration

REPOSITORY = Path(__file__).parents[3]


@dataclass
class School:
    """A running server with a seeded class and a fake WakaTime."""

    facts: dict[str, Any]

    @property
    def api(self) -> str:
        return str(self.facts["api"])

    def sign_in(self, email: str) -> Callable[[], str]:
        """Returns a token function for a user of the class."""

        def source() -> str:
            with Gradus(self.api) as anonymous:
                token = anonymous.sign_in(Credentials(email=email, password=self.facts["password"])).token
            assert token is not None
            return token

        return source

    def as_(self, email: str) -> Gradus:
        return Gradus(self.api, token=self.sign_in(email))

    def admin(self) -> Gradus:
        return self.as_("mira@school.example")

    def register(self, name: str) -> Gradus:
        """Creates an account and returns a client for it."""
        with Gradus(self.api) as anonymous:
            session = anonymous.register(
                Registration(email=f"{name}@new.example", name=name, password="seven quiet paper boats")
            )
        return Gradus(self.api, token=session.token)


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    program = os.environ.get("CLASSROOM")
    if program is None:
        program = str(tmp_path_factory.mktemp("bin") / "classroom")
        subprocess.run(["go", "build", "-o", program, "./internal/democlass/classroom"], cwd=REPOSITORY, check=True)
    # The server exits when its standard input is closed.
    with subprocess.Popen([program, "-users", "250"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        line = process.stdout.readline()
        assert line, "the server did not start"
        yield School(json.loads(line))
        process.stdin.close()
