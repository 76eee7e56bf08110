"""The catalogue of eligible goods: tills read it, operators import it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.api.edge.answers import json_answer
from app.api.edge.caller import EVERYBODY, caller, registry_of
from app.api.edge.etag import kept_answer
from app.api.edge.fields import PAGE_ROWS_DEFAULT, Bilingual, Cursor, Limit, NextCursor
from app.api.edge.openapi import GUARDED, answer, csv_body, refusals
from app.api.edge.problems import problem_at
from app.api.edge.strict_json import read_body
from app.domain.registry import CatalogueEntry, Role
from app.identifiers import IdentifierFault, parse_gtin, show_gtin
from app.service import products
from app.service.product_file import COLUMNS, FILE_BYTES_MAX

router = APIRouter(tags=["products"])


class Product(BaseModel):
    """An entry of the catalogue. `grade` is the figure on the label; `filed_price_fen` null is none filed."""

    gtin: str
    category: str
    brand: str
    model: str
    name: str
    grade: int | None
    filed_price_fen: int | None
    serialised: bool
    cellular: bool


class ProductPage(BaseModel):
    products: list[Product]
    next_cursor: NextCursor


class RejectedRow(BaseModel):
    """`row` is the line in the file, the header being line 1; `column` null is the row as a whole."""

    row: int
    column: str | None
    code: str
    message: Bilingual


class ImportReport(BaseModel):
    imported: int
    updated: int
    unchanged: int
    rejected: list[RejectedRow]


PRODUCT_EXAMPLE = {
    "gtin": "6901234567892",
    "category": "A01",
    "brand": "海尔",
    "model": "BCD-500",
    "name": "海尔 500 升对开门冰箱",
    "grade": 1,
    "filed_price_fen": 899900,
    "serialised": True,
    "cellular": False,
}
PAGE_EXAMPLE = {"products": [PRODUCT_EXAMPLE], "next_cursor": None}
FILE_EXAMPLE = f"""{",".join(COLUMNS)}
6901234567892,A01,海尔,BCD-500,海尔 500 升对开门冰箱,1,899900,true,false
6901010101098,D01,华为,Mate,华为手机,,599900,,true
"""
REPORT_EXAMPLE = {
    "imported": 1,
    "updated": 1,
    "unchanged": 0,
    "rejected": [
        {
            "row": 4,
            "column": "gtin",
            "code": "invalid_gtin",
            "message": {
                "zh": "商品条码校验位不正确，请重新扫码。",
                "en": "The check digit of the GTIN is wrong; scan it again.",
            },
        }
    ],
}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "What the caller has still holds."}}


@router.get(
    "/v1/products/{gtin}",
    summary="One product by its GTIN · 查询商品",
    responses=answer(200, Product, PRODUCT_EXAMPLE) | NOT_MODIFIED | refusals(*GUARDED, "not_found", "invalid_gtin"),
)
async def get_product(request: Request, gtin: str) -> Response:
    """Any length and spelling of the GTIN will do."""
    await caller(request, *EVERYBODY)
    try:
        parsed = parse_gtin(gtin)
    except IdentifierFault as fault:
        raise problem_at("/path/gtin", fault) from None
    return kept_answer(request, product_data(await products.get(request.app.state.database, parsed)))


@router.get(
    "/v1/products",
    summary="The catalogue, page by page · 商品目录",
    responses=answer(200, ProductPage, PAGE_EXAMPLE) | NOT_MODIFIED | refusals(*GUARDED, "invalid_field"),
)
async def list_products(
    request: Request,
    category: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = None,
    limit: Limit = PAGE_ROWS_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """In order of GTIN; of one category, or of all."""
    await caller(request, *EVERYBODY)
    rows = await products.page(request.app.state.database, category=category, after=cursor, rows_max=limit + 1)
    page = rows[:limit]
    data = {
        "products": [product_data(entry) for entry in page],
        "next_cursor": page[-1].gtin if len(rows) > limit else None,
    }
    return kept_answer(request, data)


@router.post(
    "/v1/products/import",
    summary="Import products from CSV · 导入商品",
    responses=answer(200, ImportReport, REPORT_EXAMPLE)
    | refusals(*GUARDED, "malformed_csv", "body_too_large", "missing_column", "unknown_column", "not_ready"),
    openapi_extra=csv_body(FILE_EXAMPLE),
)
async def import_products(request: Request) -> Response:
    """Upserts by GTIN. One bad row does not stop the others: each is reported with its line and its fault."""
    await caller(request, Role.OPERATOR)
    file = await read_body(request, bytes_max=FILE_BYTES_MAX)
    policy = (await registry_of(request).fresh()).rules.policy
    return json_answer(report_data(await products.import_csv(request.app.state.database, file, policy)))


def product_data(entry: CatalogueEntry) -> Mapping[str, object]:
    return {**entry._asdict(), "gtin": show_gtin(entry.gtin)}


def report_data(report: products.ImportReport) -> Mapping[str, object]:
    return {
        **report._asdict(),
        "rejected": [
            {
                "row": rejection.row,
                "column": rejection.column,
                "code": rejection.code,
                "message": {"zh": rejection.message.zh, "en": rejection.message.en},
            }
            for rejection in report.rejected
        ],
    }
