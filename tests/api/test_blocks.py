from datetime import UTC, datetime, timedelta

import pytest

from app.service.consumers import consumer_key
from app.store.registry.blocks import known_consumer, standing
from app.store.registry.revision import database_clock
from tests.api.office import SECRETS, Office, an_office, pointers, refusal

BLOCKS = "/v1/consumers/blocks"
NUMBER = "220102196001010013"
BLOCK = {"consumer": {"id_type": "resident_id", "id_number": NUMBER}, "reason": "核查中"}


async def reasons_for(office: Office, canonical: bytes) -> list[str]:
    """Why a person is blocked, as the till's path finds it."""
    person = consumer_key(canonical, identity_keys=SECRETS.identity_keys, lane_key=SECRETS.lane_key)
    async with office.database.transaction() as tx:
        now = await database_clock(tx)
        consumer_id = await known_consumer(
            tx, lane=person.lane, digests=dict(person.digests), new_consumer_id="cn_new", at=now
        )
        found = await standing(tx, lane=person.lane, consumer_id=consumer_id, now=now)
        return [block.reason for block in found]


async def test_a_blocked_person_is_found_by_his_normalised_number_until_the_block_is_lifted(database_url: str):
    person = f"resident_id:{NUMBER}".encode()
    async with an_office(database_url) as office:
        sent = {**BLOCK, "consumer": {"id_type": "resident_id", "id_number": " ２２０１０２19600101 0013"}}
        made = await office.call("POST", BLOCKS, json=sent)
        before = await reasons_for(office, person)
        lifted = await office.call("DELETE", f"{BLOCKS}/{made.json()['block_id']}")
        again = await office.call("DELETE", f"{BLOCKS}/{made.json()['block_id']}")
        after = await reasons_for(office, person)

    assert made.status_code == 201
    assert (made.json()["reason"], made.json()["until_at"], made.json()["lifted_at"]) == ("核查中", None, None)
    assert before == ["核查中"]
    assert lifted.json()["lifted_at"]
    assert again.json() == lifted.json()
    assert after == []


async def test_no_answer_and_no_row_holds_the_number(database_url: str):
    async with an_office(database_url) as office:
        made = await office.call("POST", BLOCKS, json=BLOCK)
        listed = await office.call("GET", BLOCKS)
        wrong = await office.call(
            "POST", BLOCKS, json={**BLOCK, "consumer": {"id_type": "resident_id", "id_number": NUMBER[:-1] + "4"}}
        )
        async with office.database.transaction() as tx:
            rows = (
                (
                    await tx.exec_driver_sql(
                        "SELECT consumer::text FROM lijian.consumer "
                        "UNION ALL SELECT consumer_block::text FROM lijian.consumer_block"
                    )
                )
                .scalars()
                .all()
            )

    assert refusal(wrong) == (422, "invalid_id_number")
    assert pointers(wrong) == ["/consumer/id_number"]
    for text in (made.text, listed.text, wrong.text, *rows):
        assert NUMBER[:-1] not in text


async def test_the_same_block_again_is_the_one_that_stands(database_url: str):
    async with an_office(database_url) as office:
        first = await office.call("POST", BLOCKS, json=BLOCK)
        same = await office.call("POST", BLOCKS, json=BLOCK)
        other = await office.call("POST", BLOCKS, json={**BLOCK, "reason": "法院通知"})
        listed = (await office.call("GET", BLOCKS)).json()

    assert (same.status_code, same.json()) == (200, first.json())
    assert other.status_code == 201
    assert sorted(block["reason"] for block in listed["blocks"]) == ["核查中", "法院通知"]


async def test_a_block_with_an_end_says_so(database_url: str):
    end = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    async with an_office(database_url) as office:
        made = await office.call("POST", BLOCKS, json={**BLOCK, "until_at": end.isoformat()})

    assert datetime.fromisoformat(made.json()["until_at"]) == end


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"until_at": "2001-01-01T00:00:00+08:00"}, "/until_at"),
        ({"until_at": "0001-01-01T00:00:00+23:00"}, "/until_at"),
        ({"until_at": "9999-12-31T23:59:59-23:00"}, "/until_at"),
        ({"until_at": "2099-01-01T00:00:00"}, "/until_at"),
        ({"until_at": "tomorrow"}, "/until_at"),
        ({"reason": ""}, "/reason"),
        ({"reason": None}, "/reason"),
        ({"consumer": {"id_type": "driving_licence", "id_number": NUMBER}}, "/consumer/id_type"),
        ({"consumer": {"id_type": "resident_id", "id_number": 220102196001010013}}, "/consumer/id_number"),
        ({"consumer": {"id_type": "resident_id", "id_number": NUMBER, "name": "张三"}}, "/consumer/name"),
    ],
)
async def test_a_wrong_block_names_its_field(database_url: str, change: dict[str, object], pointer: str):
    async with an_office(database_url) as office:
        refused = await office.call("POST", BLOCKS, json={**BLOCK, **change})

    assert refusal(refused) == (422, "invalid_field")
    assert pointers(refused) == [pointer]


@pytest.mark.parametrize("block_id", ["nothing", "bl_00" + "0" * 26, "co_00" + "0" * 26, "%00", "x" * 65])
async def test_a_block_that_does_not_exist_is_not_found(database_url: str, block_id: str):
    async with an_office(database_url) as office:
        assert refusal(await office.call("DELETE", f"{BLOCKS}/{block_id}")) == (404, "not_found")


async def test_pages_of_blocks_join(database_url: str):
    async with an_office(database_url) as office:
        for number in range(5):
            await office.call("POST", BLOCKS, json={**BLOCK, "reason": f"第 {number} 次"})
        first = (await office.call("GET", f"{BLOCKS}?limit=3")).json()
        second = (await office.call("GET", f"{BLOCKS}?limit=3&cursor={first['next_cursor']}")).json()

    assert len(first["blocks"]) == 3
    assert len({block["block_id"] for block in first["blocks"] + second["blocks"]}) == 5
    assert second["next_cursor"] is None
