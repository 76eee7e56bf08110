import json
from collections.abc import Iterator

import pytest

from app.domain.registry import Role
from app.service import policies
from tests.api.office import an_office
from tests.registry import PACK, another_pack, opened

CURRENT = "/v1/policies/current"


async def test_every_rule_is_shown_with_the_clause_it_comes_from(database_url: str):
    async with an_office(database_url) as office:
        policy = (await office.call("GET", CURRENT, role=Role.MERCHANT)).json()

    rules = policy["programmes"] + policy["categories"] + policy["consumer_caps"] + policy["pools"]
    assert (policy["policy"], policy["version"], policy["hold_ttl_seconds"]) == ("changchun-2025", 1, 900)
    assert len(policy["categories"]) > 60
    for rule in rules:
        assert rule["title"]["zh"]
        assert rule["title"]["en"]
        assert rule["clause"]["zh"]
        assert rule["clause"]["en"]
        assert isinstance(rule["provisional"], bool)


async def test_rates_and_caps_are_shown_as_they_are_counted(database_url: str):
    async with an_office(database_url) as office:
        policy = (await office.call("GET", CURRENT)).json()

    categories = {category["category"]: category for category in policy["categories"]}
    assert categories["A01"]["amount"]["rates"] == [
        {"grade": 1, "rate_bps": 2000},
        {"grade": 2, "rate_bps": 1500},
    ]
    assert categories["A04"]["count_limit"] == {"code": "A04", "units": 3}
    assert categories["D01"]["price_ceiling_fen"] == 600000
    assert categories["E01"]["amount"]["bonuses"][0]["old_battery"] == "lithium"
    assert [cap["cap_fen"] for cap in policy["consumer_caps"]] == [1500000]


async def test_a_switch_shows_in_the_policy_and_changes_its_etag(database_url: str):
    async with an_office(database_url) as office:
        etag = (await office.call("GET", CURRENT)).headers["etag"]
        same = await office.call("GET", CURRENT, headers={"if-none-match": etag})
        await office.call("PUT", "/v1/programmes/home/switch", json={"state": "paused", "reason": "用完"})
        paused = await office.call("GET", CURRENT, headers={"if-none-match": etag})

    programmes = {programme["programme"]: programme for programme in paused.json()["programmes"]}
    assert same.status_code == 304
    assert (programmes["home"]["state"], programmes["home"]["reason"]) == ("paused", "用完")


async def test_a_published_policy_is_in_force_for_the_next_request(database_url: str):
    async with an_office(database_url) as office:
        await policies.publish(office.database, another_pack(600))
        policy = (await office.call("GET", CURRENT)).json()

    assert (policy["version"], policy["hold_ttl_seconds"]) == (2, 600)


async def test_the_same_pack_again_is_no_new_version(database_url: str):
    async with opened(database_url) as database:
        first = await policies.publish(database, PACK)
        again = await policies.publish(database, PACK)
        other = await policies.publish(database, another_pack(600))
        back = await policies.publish(database, PACK)

    assert [(made.version.version, made.changed) for made in (first, again, other, back)] == [
        (1, True),
        (1, False),
        (2, True),
        (3, True),
    ]


def _numbers(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _numbers(part)
    elif isinstance(value, list):
        for part in value:
            yield from _numbers(part)
    else:
        yield value


@pytest.mark.parametrize("role", Role)
async def test_everybody_with_a_key_may_read_the_policy_and_no_number_in_it_is_a_float(database_url: str, role: Role):
    async with an_office(database_url) as office:
        answer = await office.call("GET", CURRENT, role=role)

    assert not [number for number in _numbers(json.loads(answer.text)) if isinstance(number, float)]
