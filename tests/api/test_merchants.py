import asyncio

import pytest

from tests.api.office import an_office, pointers, refusal
from tests.registry import USCC

MERCHANT = {"merchant_id": "m2", "name": "长春二号店", "uscc": USCC, "district": "南关区"}


async def test_a_merchant_is_registered_and_read_back(database_url: str):
    async with an_office(database_url) as office:
        made = await office.call("POST", "/v1/merchants", json=MERCHANT)
        read = await office.call("GET", "/v1/merchants/m2")

    assert made.status_code == 201
    assert {**made.json(), **MERCHANT} == made.json()
    assert (made.json()["state"], made.json()["reason"]) == ("active", None)
    assert made.json()["created_at"].endswith("+08:00")
    assert read.json() == made.json()


async def test_an_id_is_taken_once_also_by_many_at_once(database_url: str):
    async with an_office(database_url) as office:
        answers = await asyncio.gather(*(office.call("POST", "/v1/merchants", json=MERCHANT) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {answer.json().get("code") for answer in answers} == {None, "already_exists"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"merchant_id": "m 2"}, "/merchant_id"),
        ({"merchant_id": "m2\n"}, "/merchant_id"),
        ({"merchant_id": ""}, "/merchant_id"),
        ({"merchant_id": "x" * 65}, "/merchant_id"),
        ({"merchant_id": "店"}, "/merchant_id"),
        ({"merchant_id": 2}, "/merchant_id"),
        ({"name": ""}, "/name"),
        ({"name": "a\u0007b"}, "/name"),
        ({"name": "a\u202eb"}, "/name"),
        ({"name": "店" * 129}, "/name"),
        ({"uscc": "91220101MA0Y00000E"}, "/uscc"),
        ({"uscc": "9122"}, "/uscc"),
        ({"district": " "}, "/district"),
        ({"district": None}, "/district"),
        ({"state": "active"}, "/state"),
    ],
)
async def test_a_wrong_merchant_names_its_field(database_url: str, change: dict[str, object], pointer: str):
    async with an_office(database_url) as office:
        refused = await office.call("POST", "/v1/merchants", json={**MERCHANT, **change})

    assert refusal(refused) == (422, "invalid_field")
    assert pointers(refused) == [pointer]


async def test_a_credit_code_is_kept_in_one_spelling(database_url: str):
    async with an_office(database_url) as office:
        made = await office.call("POST", "/v1/merchants", json={**MERCHANT, "uscc": " 91220101ma0y00000d "})

    assert made.json()["uscc"] == USCC


async def test_a_merchant_is_suspended_with_a_reason_and_resumed(database_url: str):
    async with an_office(database_url) as office:
        suspended = await office.call("POST", "/v1/merchants/m1/suspend", json={"reason": "核查"})
        resumed = await office.call("POST", "/v1/merchants/m1/resume", json={"reason": "核查完毕"})
        again = await office.call("POST", "/v1/merchants/m1/resume")
        without = await office.call("POST", "/v1/merchants/m1/suspend", json={})

    assert (suspended.json()["state"], suspended.json()["reason"]) == ("suspended", "核查")
    assert (resumed.json()["state"], resumed.json()["reason"]) == ("active", "核查完毕")
    assert again.status_code == 200
    assert refusal(without) == (422, "invalid_field")


async def test_a_suspension_reaches_the_tills(database_url: str):
    async with an_office(database_url) as office:
        await office.call("POST", "/v1/merchants/m1/suspend", json={"reason": "核查"})
        office.registry.forget()
        state = (await office.registry.fresh()).merchants["m1"]

    assert (state.status, state.reason) == ("suspended", "核查")


async def test_pages_join_without_gap_or_overlap(database_url: str):
    async with an_office(database_url) as office:
        for number in range(2, 8):
            await office.call("POST", "/v1/merchants", json={**MERCHANT, "merchant_id": f"m{number}"})
        seen: list[str] = []
        query: dict[str, object] = {"limit": 3}
        while True:
            page = (await office.call("GET", "/v1/merchants", params=query)).json()
            seen += [merchant["merchant_id"] for merchant in page["merchants"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]

    assert seen == [f"m{number}" for number in range(1, 8)]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=ten", "limit=9e9", "cursor=%00", "cursor="])
async def test_a_wrong_page_is_refused(database_url: str, query: str):
    async with an_office(database_url) as office:
        refused = await office.call("GET", f"/v1/merchants?{query}")

    assert refusal(refused) == (422, "invalid_field")
    assert pointers(refused) == [f"/query/{query.partition('=')[0]}"]


async def test_a_store_belongs_to_its_merchant(database_url: str):
    store = {"store_id": "S001", "name": "重庆路店"}
    async with an_office(database_url) as office:
        made = await office.call("POST", "/v1/merchants/m1/stores", json=store)
        twice = await office.call("POST", "/v1/merchants/m1/stores", json=store)
        nowhere = await office.call("POST", "/v1/merchants/nobody/stores", json=store)
        listed = await office.call("GET", "/v1/merchants/m1/stores")

    assert made.status_code == 201
    assert {**store, "merchant_id": "m1", "district": "朝阳区"}.items() <= made.json().items()
    assert refusal(twice) == (409, "already_exists")
    assert refusal(nowhere) == (404, "not_found")
    assert listed.json() == {"stores": [made.json()], "next_cursor": None}


@pytest.mark.parametrize("merchant_id", ["nobody", "%00", "%F0%9F%9B%92", "x" * 65, "m1%0A"])
@pytest.mark.parametrize("act", ["suspend", "resume"])
async def test_a_merchant_that_does_not_exist_is_not_found(database_url: str, merchant_id: str, act: str):
    async with an_office(database_url) as office:
        refused = await office.call("POST", f"/v1/merchants/{merchant_id}/{act}", json={"reason": "x"})

    assert refusal(refused) == (404, "not_found")
