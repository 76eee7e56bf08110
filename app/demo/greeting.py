"""What the demo tells a person who has just started it: where to look, with which keys, and what to type."""

from app.demo.access import DemoAccess
from app.demo.catalogue import SAMPLE_GTIN


def greeting(base_url: str, access: DemoAccess) -> str:
    """Plain text in both languages; the lines after the last heading can be pasted into a shell as they are."""
    return f"""
立减演示已就绪 · The demo is running                                  Ctrl-C: 停止 · stop

  接口文档 · API reference    {base_url}/docs
  指标 · metrics              {base_url}/metrics

  商户 · merchant {access.merchant_id}        {access.merchant_key}
  商户 · merchant {access.second_merchant_id}        {access.second_merchant_key}
  网关 · gateway of both      {access.gateway_key}
  运营 · operator             {access.operator_key}
  审计 · auditor              {access.auditor_key}

试一试 · Try it: quote → hold → capture → refund, then watch the pools

URL={base_url}
KEY={access.merchant_key}
OPERATOR={access.operator_key}
ORDER=try-$(date +%s)
call() {{ curl -sS -H "Authorization: Bearer ${{BEARER:-$KEY}}" -H 'Content-Type: application/json' "$@"; echo; }}
BASKET='"channel": "in_store", "store_id": "S001",
  "consumer": {{"id_type": "resident_id", "id_number": "220102196001010013"}},
  "lines": [{{"line_no": 1, "gtin": "{SAMPLE_GTIN}", "serial_no": "'$ORDER'", "price_fen": 899900, "quantity": 1}}]'
call $URL/v1/quotes -d "{{$BASKET}}"
call $URL/v1/checkouts -d "{{\\"order_no\\": \\"$ORDER\\", $BASKET}}"
call -X POST $URL/v1/orders/$ORDER/capture
call $URL/v1/orders/$ORDER/refunds -d '{{"refund_no": "R-'$ORDER'", "lines": [{{"line_no": 1, "quantity": 1}}]}}'
BEARER=$OPERATOR call $URL/v1/pools
"""
