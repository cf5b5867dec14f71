"""Tests the async client against a server."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from conftest import School

from gradus_client import (
    AsyncGradus,
    BatchPatch,
    GradusError,
    ProblemCode,
    Role,
    WakaTimeCallback,
    aiterate,
    awith_headers,
)


def test_a_student_connects_on_the_consent_page(school: School) -> None:
    async def connect() -> None:
        async with AsyncGradus(school.api, token=school.sign_in("tariq@school.example")) as tariq:
            with pytest.raises(GradusError) as raised:
                await tariq.complete_wakatime_authorization(WakaTimeCallback(code="made-up", state="made-up"))
            assert raised.value.code == ProblemCode.WAKATIME_STATE_INVALID
            started = await tariq.start_wakatime_authorization()
            async with httpx.AsyncClient() as browser:
                response = await browser.get(started.authorization_url + "&login=tariq")
            query = parse_qs(urlsplit(response.headers["Location"]).query)
            connection = await tariq.complete_wakatime_authorization(
                WakaTimeCallback(code=query["code"][0], state=query["state"][0])
            )
            assert connection.kind == "oauth" and connection.scopes
            assert connection.account and connection.account.username == "tariq"

    asyncio.run(connect())


def test_aiterate_returns_each_user_once(school: School) -> None:
    async def token() -> str:
        return await asyncio.to_thread(school.sign_in("mira@school.example"))

    async def read() -> None:
        async with AsyncGradus(school.api, token=token) as admin:
            members = [user async for user in aiterate(admin.list_users, role=Role.MEMBER, limit=100)]
        assert len({member.id for member in members}) == len(members) >= 250

    asyncio.run(read())


def test_concurrent_calls_have_separate_headers(school: School) -> None:
    async def read() -> None:
        async with AsyncGradus(school.api, token=school.sign_in("mira@school.example")) as admin:
            batches = (await admin.list_batches(limit=2)).items
            first, second = await asyncio.gather(*(awith_headers(admin.get_batch, batch.id) for batch in batches))
            assert [first[0].id, second[0].id] == [batch.id for batch in batches]
            with pytest.raises(GradusError) as raised:
                await admin.update_batch(batches[0].id, BatchPatch(name="Other"), if_match='"none"')
            assert raised.value.code == ProblemCode.VERSION_MISMATCH
            edited = await admin.update_batch(second[0].id, BatchPatch(), if_match=second[1]["ETag"])
            assert edited.id == batches[1].id

    asyncio.run(read())
