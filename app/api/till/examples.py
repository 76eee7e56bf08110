"""Examples of till calls for the OpenAPI document. A test holds them against the schemas."""

from typing import Any, Final

BASKET: Final[dict[str, Any]] = {
    "order_no": "20251101-000123",
    "store_id": "S001",
    "till_id": "01",
    "channel": "in_store",
    "consumer": {"id_type": "resident_id", "id_number": "220102196001010013", "name": "张三"},
    "lines": [{"line_no": 1, "gtin": "6901234567892", "serial_no": "SN0001", "price_fen": 899900, "quantity": 1}],
    "capture": False,
}

LINE: Final[dict[str, Any]] = {
    "line_no": 1,
    "gtin": "6901234567892",
    "programme": "appliance",
    "category": "A01",
    "grade": 1,
    "price_fen": 899900,
    "quantity": 1,
    "rate_bps": 2000,
    "entitled_fen": 179980,
    "subsidy_fen": 179980,
    "payable_fen": 719920,
    "refunded_fen": 0,
    "outcome": "granted",
    "reason": None,
    "limited_by": None,
    "explanation": {
        "zh": "冰箱 1级能效，补贴20%：1,799.80元",
        "en": "Refrigerator, grade 1, 20 %: ¥1,799.80",
    },
}

HELD: Final[dict[str, Any]] = {
    "checkout_id": "co_0g01k8zxs0v1b2c3d4e5f6g7h8j9",
    "order_no": "20251101-000123",
    "status": "held",
    "policy": "changchun-2025",
    "policy_version": 1,
    "total_fen": 899900,
    "subsidy_fen": 179980,
    "payable_fen": 719920,
    "created_at": "2025-11-01T12:00:00.123+08:00",
    "expires_at": "2025-11-01T12:15:00.123+08:00",
    "captured_at": None,
    "refunded_fen": 0,
    "lines": [LINE],
    "consumer": {"cap_remaining_fen": 1320020},
}

CAPTURED: Final = HELD | {"status": "captured", "captured_at": "2025-11-01T12:01:30.456+08:00"}
VOIDED: Final = HELD | {"status": "voided"}
CLOSED: Final[dict[str, Any]] = {"checkout_id": None, "order_no": "20251101-000123", "status": "voided"}

DECLINED: Final = HELD | {
    "status": "declined",
    "subsidy_fen": 0,
    "payable_fen": 899900,
    "expires_at": None,
    "lines": [
        LINE
        | {
            "subsidy_fen": 0,
            "payable_fen": 899900,
            "outcome": "declined",
            "reason": "category_limit_reached",
            "limited_by": "category_limit",
            "explanation": {
                "zh": "冰箱今年的补贴数量已用完",
                "en": "This year's count for refrigerators is used up",
            },
        }
    ],
    "consumer": {"cap_remaining_fen": 1500000},
}

QUOTED: Final = HELD | {"checkout_id": None, "status": "quoted", "expires_at": None}

STORY: Final = CAPTURED | {
    "merchant_id": "M001",
    "store_id": "S001",
    "till_id": "01",
    "channel": "in_store",
    "history": [
        {"act": "hold", "at": "2025-11-01T12:00:00.123+08:00", "amount_fen": 179980, "refund_id": None},
        {"act": "capture", "at": "2025-11-01T12:01:30.456+08:00", "amount_fen": 179980, "refund_id": None},
    ],
    "refunds": [],
}

REFUND: Final[dict[str, Any]] = {
    "refund_no": "R-0001",
    "lines": [{"line_no": 1, "quantity": 1}],
    "reason": "returned",
}

REFUNDED: Final[dict[str, Any]] = {
    "refund_id": "re_0g01k8zxs0v1b2c3d4e5f6g7h8j9",
    "refund_no": "R-0001",
    "checkout_id": "co_0g01k8zxs0v1b2c3d4e5f6g7h8j9",
    "status": "succeeded",
    "subsidy_returned_fen": 179980,
    "consumer_refund_fen": 719920,
    "created_at": "2025-11-02T10:00:00.000+08:00",
    "reason": "returned",
    "lines": [{"line_no": 1, "quantity": 1, "subsidy_returned_fen": 179980, "consumer_refund_fen": 719920}],
}

POOL: Final[dict[str, Any]] = {
    "pool": "appliance",
    "programme": "appliance",
    "budget_fen": 20_000_000_000,
    "held_fen": 179980,
    "spent_fen": 0,
    "available_fen": 19_999_820_020,
}
