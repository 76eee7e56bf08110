"""Everything the database holds, as one text: to see that nothing changed, and that nobody is named."""

from tests.city import City

TABLES = """
SELECT array_agg(table_name::text ORDER BY table_name) FROM information_schema.tables WHERE table_schema = 'lijian'
"""


EMPTY = {
    "order_number": "state = 'free' AND checkout_id IS NULL",
    "refund_number": "refund_id IS NULL",
    "adjustment_number": "pool IS NULL",
    "item_claim": "checkout_id IS NULL",
    "registry_revision": "true",
}
"""Rows made only to be locked mean nothing; nor does how often the registry was written."""


async def dump(city: City) -> str:
    """Every row of every table that means something."""
    rows = []
    for table in await city.execute(TABLES):
        where = f"NOT ({EMPTY.get(table, 'false')})"
        text = f"SELECT string_agg(t::text, chr(10) ORDER BY t::text) FROM lijian.{table} t WHERE {where}"
        rows.append(f"{table}: {await city.execute(text)}")
    return "\n".join(rows)
