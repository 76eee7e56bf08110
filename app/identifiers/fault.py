"""The one refusal of this package."""

from typing import Literal

from app.domain.policy.model import Text

Code = Literal["invalid_gtin", "invalid_imei", "invalid_id_number", "invalid_field"]


class IdentifierFault(ValueError):
    """Says what is wrong with a number, never the number itself: anybody may read or log the message."""

    def __init__(self, code: Code, zh: str, en: str) -> None:
        super().__init__(en)
        self.code: Code = code
        self.message = Text(zh=zh, en=en)
