import pytest

from app.domain.registry import Role
from tests.api.office import Office, an_office, pointers, refusal

HEADER = "gtin,category,brand,model,name,grade,filed_price_fen,serialised,cellular"
FRIDGE = "6901234567892,A01,海尔,BCD-500,冰箱,1,899900,true,false"
PHONE = "6901010101098,D01,华为,Mate,手机,,,,true"
CSV = {"content-type": "text/csv"}


async def imported(office: Office, *rows: str, encoding: str = "utf-8") -> dict[str, object]:
    file = "\n".join((HEADER, *rows)).encode(encoding)
    response = await office.call("POST", "/v1/products/import", content=file, headers=CSV)
    assert response.status_code == 200, response.text
    body: dict[str, object] = response.json()
    return body


async def test_an_import_reports_what_became_of_each_row(database_url: str):
    async with an_office(database_url) as office:
        first = await imported(office, FRIDGE, PHONE)
        second = await imported(office, FRIDGE, PHONE.replace("Mate", "Pura"), "1,A01,x,x,x,,,,")

    assert first == {"imported": 2, "updated": 0, "unchanged": 0, "rejected": []}
    assert {**second, "rejected": None} == {"imported": 0, "updated": 1, "unchanged": 1, "rejected": None}
    assert second["rejected"] == [
        {
            "row": 4,
            "column": "gtin",
            "code": "invalid_gtin",
            "message": {
                "zh": "商品条码应为 8、12、13 或 14 位数字。",
                "en": "A GTIN has 8, 12, 13 or 14 digits.",
            },
        }
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_chinese_comes_through_in_every_encoding(database_url: str, encoding: str):
    async with an_office(database_url) as office:
        await imported(office, FRIDGE, encoding=encoding)
        product = (await office.call("GET", "/v1/products/6901234567892")).json()

    assert (product["brand"], product["name"]) == ("海尔", "冰箱")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (b"", (422, "unknown_column")),
        (b"gtin,category\n", (422, "missing_column")),
        (f"{HEADER},colour\n".encode(), (422, "unknown_column")),
        (b"\xff\xfe\x00", (400, "malformed_csv")),
        (b'--boundary\r\nContent-Disposition: form-data; name="file"\r\n', (422, "unknown_column")),
    ],
)
async def test_a_file_that_cannot_be_understood_is_refused(database_url: str, file: bytes, expected: tuple[int, str]):
    async with an_office(database_url) as office:
        refused = await office.call("POST", "/v1/products/import", content=file, headers=CSV)

    assert refusal(refused) == expected


async def test_a_file_beyond_the_limit_is_refused_unread(database_url: str):
    async with an_office(database_url) as office:
        refused = await office.call(
            "POST", "/v1/products/import", content=b"x", headers={**CSV, "content-length": str(2**27)}
        )

    assert refusal(refused) == (413, "body_too_large")


async def test_an_import_needs_a_policy(database_url: str):
    async with an_office(database_url, pack=None) as office:
        refused = await office.call("POST", "/v1/products/import", content=HEADER, headers=CSV)

    assert refusal(refused) == (503, "not_ready")


@pytest.mark.parametrize("gtin", ["6901234567892", "06901234567892", "690-1234-567892", "%206901234567892"])
async def test_a_product_is_found_by_every_spelling_of_its_gtin(database_url: str, gtin: str):
    async with an_office(database_url) as office:
        await imported(office, FRIDGE)
        found = await office.call("GET", f"/v1/products/{gtin}")

    assert found.json() == {
        "gtin": "6901234567892",
        "category": "A01",
        "brand": "海尔",
        "model": "BCD-500",
        "name": "冰箱",
        "grade": 1,
        "filed_price_fen": 899900,
        "serialised": True,
        "cellular": False,
    }


async def test_an_unknown_gtin_is_not_found_and_a_wrong_one_is_invalid(database_url: str):
    async with an_office(database_url) as office:
        unknown = await office.call("GET", "/v1/products/6901234567892")
        wrong = await office.call("GET", "/v1/products/6901234567893")

    assert refusal(unknown) == (404, "not_found")
    assert refusal(wrong) == (422, "invalid_gtin")
    assert pointers(wrong) == ["/path/gtin"]


@pytest.mark.parametrize("path", ["/v1/products/6901234567892", "/v1/products?category=A01"])
async def test_what_a_till_has_is_not_sent_again_until_it_changes(database_url: str, path: str):
    async with an_office(database_url) as office:
        await imported(office, FRIDGE)
        first = await office.call("GET", path)
        etag = first.headers["etag"]
        same = await office.call("GET", path, headers={"if-none-match": f'"other", W/{etag}'})
        await imported(office, FRIDGE)
        unchanged = await office.call("GET", path, headers={"if-none-match": etag})
        await imported(office, FRIDGE.replace("899900", "799900"))
        changed = await office.call("GET", path, headers={"if-none-match": etag})

    assert etag.startswith('"')
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert unchanged.status_code == 304
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_the_catalogue_is_read_by_category_and_page(database_url: str):
    async with an_office(database_url) as office:
        await imported(office, FRIDGE, PHONE, FRIDGE.replace("6901234567892", "6900000000014"))
        first = (await office.call("GET", "/v1/products?category=A01&limit=1")).json()
        second = (await office.call("GET", f"/v1/products?category=A01&limit=1&cursor={first['next_cursor']}")).json()
        everything = (await office.call("GET", "/v1/products")).json()
        nothing = (await office.call("GET", "/v1/products?category=Z99")).json()

    assert [product["gtin"] for product in first["products"] + second["products"]] == [
        "6900000000014",
        "6901234567892",
    ]
    assert second["next_cursor"] is None
    assert len(everything["products"]) == 3
    assert nothing == {"products": [], "next_cursor": None}


@pytest.mark.parametrize("role", Role)
async def test_everybody_with_a_key_may_read_and_only_operators_import(database_url: str, role: Role):
    async with an_office(database_url) as office:
        read = await office.call("GET", "/v1/products", role=role)
        written = await office.call("POST", "/v1/products/import", role=role, content=HEADER, headers=CSV)

    assert read.status_code == 200
    assert written.status_code == (200 if role is Role.OPERATOR else 403)
