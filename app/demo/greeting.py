"""What the demo tells a person who has just started it: where to look, with which keys, and what to type."""

import shlex
from pathlib import Path

from app.demo.access import DemoAccess
from app.demo.catalogue import SAMPLE_GTIN


def greeting(base_url: str, access: DemoAccess, shell_file: Path) -> str:
    """Plain text in both languages; it ends with lines for a shell. `shell_file` sets the variables they use."""
    return f"""
立减演示已就绪 · The demo is running                                  Ctrl-C: 停止 · stop

  接口 · API (OpenAPI)        {base_url}/openapi.json
  指标 · metrics              {base_url}/metrics

  商户 · merchant {access.merchant_id}       {access.merchant_key}
  商户 · merchant {access.second_merchant_id}       {access.second_merchant_key}
  网关 · gateway of both      {access.gateway_key}
  运营 · operator             {access.operator_key}
  审计 · auditor              {access.auditor_key}

试一试 · Try it in another terminal: quote → hold → capture → refund, then the pools

{lines_to_type(shell_file)}"""


def lines_to_type(shell_file: Path) -> str:
    """Lines that can be pasted into a shell as they are, again and again. The README prints the same."""
    return f"""\
. {_as_typed(shell_file)}
ORDER=try-$(date +%s)
TILL="Authorization: Bearer $MERCHANT_KEY"
JSON="Content-Type: application/json"
BASKET='{{"order_no": "'$ORDER'", "store_id": "S001", "channel": "in_store",
  "consumer": {{"id_type": "resident_id", "id_number": "220102196001010013"}},
  "lines": [{{"line_no": 1, "gtin": "{SAMPLE_GTIN}", "serial_no": "'$ORDER'", "price_fen": 899900, "quantity": 1}}]}}'
RETURN='{{"refund_no": "R-'$ORDER'", "lines": [{{"line_no": 1, "quantity": 1}}], "reason": "returned"}}'
curl -sSw '\\n' $URL/v1/quotes -H "$TILL" -H "$JSON" -d "$BASKET"
curl -sSw '\\n' $URL/v1/checkouts -H "$TILL" -H "$JSON" -d "$BASKET"
curl -sSw '\\n' -X POST $URL/v1/orders/$ORDER/capture -H "$TILL"
curl -sSw '\\n' $URL/v1/orders/$ORDER/refunds -H "$TILL" -H "$JSON" -d "$RETURN"
curl -sSw '\\n' $URL/v1/pools -H "Authorization: Bearer $OPERATOR_KEY"
"""


def _as_typed(path: Path) -> str:
    """The path as one would type it here. A shell looks a bare name up elsewhere: it must have a slash."""
    here = Path.cwd()
    short = path.relative_to(here) if path.is_relative_to(here) else path
    return shlex.quote(str(short) if "/" in str(short) else f"./{short}")
