"""Why an operator's request cannot be done.

RegistryRefusal
├── NotFound             there is no such thing
├── AlreadyExists        the id is taken
├── KeyRetired           the key has been revoked, replaced or has lapsed
├── UnknownMerchants     a gateway is to serve merchants that do not exist
├── FileRefused          the file cannot be read as what it should be, so no row of it was
├── NoPolicyInForce      nothing has been published yet
└── RegistryUnavailable  the database does not answer
"""

from app.domain.policy.model import Text


class RegistryRefusal(Exception):
    """`code` is one of the contract's error codes; `detail` says more to a developer, where there is more to say."""

    code: str
    detail: str | None = None


class NotFound(RegistryRefusal):
    code = "not_found"


class AlreadyExists(RegistryRefusal):
    code = "already_exists"


class KeyRetired(RegistryRefusal):
    code = "key_retired"


class UnknownMerchants(RegistryRefusal):
    """`merchant_ids` are those that name nobody."""

    code = "invalid_field"

    def __init__(self, merchant_ids: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(merchant_ids)))
        self.merchant_ids = merchant_ids


class FileRefused(RegistryRefusal):
    """`message` says what is wrong without quoting the file."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.message = Text(zh=zh, en=en)


class NoPolicyInForce(RegistryRefusal):
    code = "not_ready"
    detail = "No policy has been published yet."


class RegistryUnavailable(RegistryRefusal):
    code = "busy"
