"""Tests the generator with a modified contract."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

HERE = Path(__file__).parents[1]


@pytest.fixture
def deprecated(tmp_path: Path) -> Path:
    """A client generated from a contract with a deprecated operation. The real one has none yet."""
    contract = (REPOSITORY / "api" / "openapi.gen.yaml").read_text()
    before, operation, after = contract.partition("operationId: GetToday\n")
    description, roles, rest = after.partition("Roles: ")
    assert "`GET /me/days` for today only" in description
    deprecation = 'Deprecated: use `GET /me/days` instead. It knows "today".\n\n' + " " * 16
    (tmp_path / "openapi.yaml").write_text(before + operation + description + deprecation + roles + rest)
    package = tmp_path / "gradus_client"
    subprocess.run(
        [
            *("openapi-python-client", "generate", "--path", tmp_path / "openapi.yaml", "--meta", "none"),
            *("--config", HERE / "openapi-python-client.yaml", "--custom-template-path", HERE / "templates"),
            *("--output-path", package, "--fail-on-warning"),
        ],
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        check=True,
    )
    (package / "core.py").write_text((HERE / "src" / "gradus_client" / "core.py").read_text())
    return tmp_path


PROGRAM = """
import asyncio, warnings
import httpx
from gradus_client import AsyncGradus, Gradus, GradusError

stub = httpx.MockTransport(lambda request: httpx.Response(404))
warnings.simplefilter("error")
for call in (
    lambda: Gradus("http://stub", transport=stub).get_today(),
    lambda: asyncio.run(AsyncGradus("http://stub", transport=stub).get_today()),
    lambda: Gradus("http://stub", transport=stub).get_me(),
):
    try:
        call()
    except (GradusError, DeprecationWarning) as error:
        print(type(error).__name__, error)
"""


def test_a_deprecated_operation_warns(deprecated: Path) -> None:
    result = subprocess.run([sys.executable, "-c", PROGRAM], cwd=deprecated, capture_output=True, text=True, check=True)
    warning = 'DeprecationWarning get_today: use `GET /me/days` instead. It knows "today".'
    assert result.stdout.splitlines() == [warning, warning, "GradusError 404 ?: Not Found"]
