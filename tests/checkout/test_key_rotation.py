"""Identity keys rotate while tills go on: a person stays one person."""

from dataclasses import replace

from tests.city import SECRETS, a_city

OLD, NEW = SECRETS.identity_keys[0], ("k2", b"the next identity key, of 32 bytes")


async def test_a_buyer_known_under_the_old_key_is_found_and_rewritten_to_the_new(database_url: str) -> None:
    async with a_city(database_url) as city:
        person = city.person()
        await city.buy(city.line(price_fen=1_000_000), person=person)
    rotating = replace(SECRETS, identity_keys=(NEW, OLD))

    async with a_city(database_url, secrets=rotating, begun=True) as city:
        quoted = (await city.post("/v1/quotes", city.basket(person=person))).json()
        declined = (await city.post("/v1/checkouts", city.basket(person=person))).json()
        assert await city.execute("SELECT digest_key_id FROM lijian.consumer") == "k2"

    assert quoted["lines"][0]["reason"] == "category_limit_reached"
    assert declined["lines"][0]["reason"] == "category_limit_reached"
    assert declined["consumer"]["cap_remaining_fen"] == 1_300_000

    after = replace(SECRETS, identity_keys=(NEW,))
    async with a_city(database_url, secrets=after, begun=True) as city:
        again = (await city.post("/v1/checkouts", city.basket(person=person))).json()
        assert again["lines"][0]["reason"] == "category_limit_reached"
        assert await city.execute("SELECT count(*) FROM lijian.consumer") == 1
        await city.assert_books_balance()
