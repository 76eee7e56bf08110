import re

import pytest

from app.domain.registry import Role
from tests.api.office import an_office, pointers, refusal
from tests.registry import opened

MERCHANTS = "/v1/merchants"


async def test_a_key_is_shown_once_and_kept_only_as_a_hash(database_url: str):
    async with an_office(database_url) as office:
        made = await office.call("POST", "/v1/merchants/m1/keys", json={"client": "重庆路店"})
        listed = await office.call("GET", "/v1/merchants/m1/keys")
        async with opened(database_url) as database, database.transaction() as tx:
            rows = (await tx.exec_driver_sql("SELECT api_key::text FROM lijian.api_key")).scalars().all()

    key = made.json()["key"]
    assert made.status_code == 201
    assert re.fullmatch(r"lj_merchant_[0-9A-Za-z]{43}", key)
    assert made.json()["client"] == "重庆路店"
    assert made.json()["merchant_ids"] == ["m1"]
    assert key not in listed.text
    assert made.json()["key_id"] in listed.text
    assert not any(key in row for row in rows)


async def test_a_new_key_opens_the_door_of_its_role(database_url: str):
    async with an_office(database_url) as office:
        auditor = (await office.call("POST", "/v1/keys", json={"role": "auditor"})).json()
        read = await office.call("GET", MERCHANTS, key=auditor["key"])
        written = await office.call("POST", MERCHANTS, key=auditor["key"], json={})

    assert (auditor["role"], auditor["client"], auditor["merchant_ids"]) == ("auditor", "auditor", [])
    assert read.status_code == 200
    assert refusal(written) == (403, "forbidden")


async def test_a_rotated_key_and_its_successor_both_work_for_a_while(database_url: str):
    async with an_office(database_url) as office:
        old = (await office.call("POST", "/v1/keys", json={"role": "operator"})).json()
        new = (await office.call("POST", f"/v1/keys/{old['key_id']}/rotate")).json()
        answers = [await office.call("GET", MERCHANTS, key=key["key"]) for key in (old, new)]
        listed = {key["key_id"]: key for key in (await office.call("GET", "/v1/keys")).json()["keys"]}

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (new["role"], new["client"]) == (old["role"], old["client"])
    assert listed[old["key_id"]]["expires_at"] > listed[new["key_id"]]["created_at"]
    assert listed[new["key_id"]]["expires_at"] is None


async def test_a_rotation_without_overlap_ends_the_old_key_at_once(database_url: str):
    async with an_office(database_url) as office:
        old = (await office.call("POST", "/v1/keys", json={"role": "operator"})).json()
        await office.call("POST", f"/v1/keys/{old['key_id']}/rotate", json={"overlap_seconds": 0})

        assert refusal(await office.call("GET", MERCHANTS, key=old["key"])) == (401, "unauthenticated")


async def test_a_key_is_replaced_once_only(database_url: str):
    async with an_office(database_url) as office:
        key_id = (await office.call("POST", "/v1/keys", json={"role": "operator"})).json()["key_id"]
        await office.call("POST", f"/v1/keys/{key_id}/rotate")
        twice = await office.call("POST", f"/v1/keys/{key_id}/rotate")
        await office.call("DELETE", f"/v1/keys/{key_id}")
        revoked = await office.call("POST", f"/v1/keys/{key_id}/rotate")

    assert refusal(twice) == (409, "key_retired")
    assert refusal(revoked) == (409, "key_retired")


async def test_a_revoked_key_is_useless_and_revoking_again_changes_nothing(database_url: str):
    async with an_office(database_url) as office:
        made = (await office.call("POST", "/v1/merchants/m1/keys")).json()
        first = await office.call("DELETE", f"/v1/keys/{made['key_id']}")
        second = await office.call("DELETE", f"/v1/keys/{made['key_id']}")

        assert first.json()["revoked_at"]
        assert second.json() == first.json()
        assert refusal(await office.call("GET", "/v1/products", key=made["key"])) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"role": "merchant"}, "/role"),
        ({}, "/role"),
        ({"role": "gateway"}, "/merchant_ids"),
        ({"role": "gateway", "merchant_ids": []}, "/merchant_ids"),
        ({"role": "gateway", "merchant_ids": ["m1", "nobody"]}, "/merchant_ids/1"),
        ({"role": "operator", "merchant_ids": ["m1"]}, "/merchant_ids"),
        ({"role": "auditor", "client": "  "}, "/client"),
        ({"role": "auditor", "client": "a\nb"}, "/client"),
        ({"role": "auditor", "client": "x" * 129}, "/client"),
        ({"role": "auditor", "days": 3}, "/days"),
    ],
)
async def test_a_wrong_key_request_names_its_field(database_url: str, body: object, pointer: str):
    async with an_office(database_url) as office:
        refused = await office.call("POST", "/v1/keys", json=body)

    assert refusal(refused) == (422, "invalid_field")
    assert pointers(refused) == [pointer]


@pytest.mark.parametrize("overlap", [-1, 2_592_001, "60", 60.0, None])
async def test_an_overlap_is_a_number_of_seconds_up_to_thirty_days(database_url: str, overlap: object):
    async with an_office(database_url) as office:
        refused = await office.call("POST", "/v1/keys/key_x/rotate", json={"overlap_seconds": overlap})

    assert refusal(refused) == (422, "invalid_field")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/merchants/nobody/keys"),
        ("GET", "/v1/merchants/nobody/keys"),
        ("POST", "/v1/keys/key_nothing/rotate"),
        ("DELETE", "/v1/keys/key_nothing"),
        ("DELETE", "/v1/keys/%00"),
        ("DELETE", "/v1/keys/" + "x" * 65),
    ],
)
async def test_what_does_not_exist_is_not_found(database_url: str, method: str, path: str):
    async with an_office(database_url) as office:
        assert refusal(await office.call(method, path)) == (404, "not_found")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {key}", "{key}", "Bearer {key}x", "Bearer\u00a0{key}"],
)
async def test_only_the_very_key_is_let_in(database_url: str, header: str | None):
    async with an_office(database_url) as office:
        key = office.keys[Role.OPERATOR]
        sent = {} if header is None else {"authorization": header.replace("{key}", key).encode("latin-1")}
        refused = await office.call("GET", MERCHANTS, role=None, headers=sent)

    assert refusal(refused) == (401, "unauthenticated")
    assert refused.headers["www-authenticate"] == "Bearer"


async def test_the_scheme_may_be_written_in_any_case(database_url: str):
    async with an_office(database_url) as office:
        sent = {"authorization": f"bearer {office.keys[Role.OPERATOR]}"}

        assert (await office.call("GET", MERCHANTS, role=None, headers=sent)).status_code == 200
