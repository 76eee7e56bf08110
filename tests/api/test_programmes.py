import pytest

from tests.api.office import an_office, pointers, refusal

SWITCH = "/v1/programmes/appliance/switch"


async def test_a_pause_shows_with_its_reason_until_it_is_lifted(database_url: str):
    async with an_office(database_url) as office:
        paused = await office.call("PUT", SWITCH, json={"state": "paused", "reason": "本期资金用完"})
        listed = (await office.call("GET", "/v1/programmes")).json()["programmes"]
        opened = await office.call("PUT", SWITCH, json={"state": "open"})

    programmes = {programme["programme"]: programme for programme in listed}
    assert (paused.json()["state"], paused.json()["reason"]) == ("paused", "本期资金用完")
    assert programmes["appliance"] == paused.json()
    assert programmes["home"]["state"] == "open"
    assert (opened.json()["state"], opened.json()["reason"]) == ("open", None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"state": "paused"}, "/reason"),
        ({"state": "paused", "reason": ""}, "/reason"),
        ({"state": "closed", "reason": "x"}, "/state"),
        ({"reason": "x"}, "/state"),
        ({"state": True, "reason": "x"}, "/state"),
        ({"state": "open", "until": "x"}, "/until"),
    ],
)
async def test_a_wrong_switch_names_its_field(database_url: str, body: object, pointer: str):
    async with an_office(database_url) as office:
        refused = await office.call("PUT", SWITCH, json=body)

    assert refusal(refused) == (422, "invalid_field")
    assert pointers(refused) == [pointer]


@pytest.mark.parametrize("programme", ["cars", "%00", "%E5%AE%B6"])
async def test_a_programme_the_policy_does_not_have_is_not_found(database_url: str, programme: str):
    async with an_office(database_url) as office:
        refused = await office.call("PUT", f"/v1/programmes/{programme}/switch", json={"state": "open"})

    assert refusal(refused) == (404, "not_found")


async def test_without_a_policy_there_are_no_programmes_yet(database_url: str):
    async with an_office(database_url, pack=None) as office:
        assert refusal(await office.call("GET", "/v1/programmes")) == (503, "not_ready")
