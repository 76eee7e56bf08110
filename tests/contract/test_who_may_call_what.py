"""Every operation × every caller × own and other merchant: one table says who may, and what the others are told."""

import pytest

from tests.checkout.steps import assert_refused
from tests.city import City
from tests.contract.scene import OPERATIONS, Scene, a_scene, documented, send

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITHOUT_A_KEY = ("nobody", "wrong", "revoked")
CALLERS = (*WITHOUT_A_KEY, "merchant", "second", "gateway", "gateway of others", "operator", "auditor")
ROLE_OF = {"second": "merchant", "gateway of others": "gateway"}


def expected(name: str, caller: str) -> tuple[int, str] | None:
    """The refusal of an operation on an object of M001; None where the call is carried out."""
    operation = OPERATIONS[name]
    role = ROLE_OF.get(caller, caller)
    if "nobody" in operation.who:
        return None
    if caller in WITHOUT_A_KEY:
        return 401, "unauthenticated"
    if role not in operation.who:
        return 403, "forbidden"
    if operation.of_a_merchant and caller in ROLE_OF:
        return 404, "not_found"
    return None


async def test_the_table_names_every_operation_of_the_document(town: City) -> None:
    assert set(OPERATIONS) == set(documented(town))


@pytest.mark.parametrize("name", OPERATIONS)
async def test_who_may_call(scene: Scene, name: str) -> None:
    """The refused first: their calls change nothing, so that those who may still can."""
    for caller in sorted(CALLERS, key=lambda caller: expected(name, caller) is None):
        query = {"merchant_id": "M001"} if OPERATIONS[name].of_a_merchant and caller != "merchant" else {}

        answer = await send(scene, name, key=None if caller == "nobody" else caller, params=query)

        refusal = expected(name, caller)
        if refusal is None:
            assert answer.status_code in {200, 201}, (caller, answer.text)
            scene = await a_scene(scene.city)
        else:
            assert_refused(answer, *refusal)
            if refusal[0] == 401:
                assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.of_a_merchant])
async def test_who_names_no_merchant_speaks_for_his_own_only(scene: Scene, name: str) -> None:
    """A second merchant that calls without naming anybody finds nothing of the first one's."""
    answer = await send(scene, name, key="second")

    if name in {"quote", "createCheckout", "voidOrder"}:
        # his own order number: nothing of M001 is touched
        assert answer.status_code in {200, 201}
    else:
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    mine = await scene.city.get(f"/v1/checkouts/{scene.held['checkout_id']}")
    assert mine.json()["status"] == "held"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic bWU6bWU=", "bearer\t{}", "{}", "Bearer {} x", "Bearer 密"]
)
async def test_a_key_is_sent_as_a_bearer_token_and_in_no_other_way(town: City, authorization: str) -> None:
    headers = [(b"Authorization", authorization.format(town.keys["merchant"]).encode())]

    answer = await town.client.get("/v1/products", headers=headers)

    assert_refused(answer, 401, "unauthenticated")
    assert town.keys["merchant"] not in answer.text


async def test_the_scheme_is_read_in_any_case(town: City) -> None:
    answer = await town.client.get("/v1/products", headers={"Authorization": f"bEARER {town.keys['merchant']}"})
    assert answer.status_code == 200
