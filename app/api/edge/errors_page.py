"""Prints `docs/errors.md` from the catalogue: `python -m app.api.edge.errors_page > docs/errors.md`."""

import sys
from collections.abc import Iterator
from typing import Final

from app.api.edge.catalogue import CATALOGUE, FAULT_KINDS

_HEAD: Final = """\
# 请求被拒的代码 · Codes of refused requests

<!-- Printed by `python -m app.api.edge.errors_page`; change app/api/edge/catalogue.py instead. -->

被拒的请求返回 `application/problem+json`（RFC 9457）。`code` 稳定不变，程序只应判断它；`message` 有中英文，可以念给
顾客听；`retryable` 为真时，原样重发同一请求可能成功；`errors[]` 用 JSON 指针（RFC 6901）指出有问题的字段，查询参数写作
`/query/<名>`。任何回答都不重复证件号码或提交的其他内容。补贴被拒（如额度用完）不是错误，而是 200 的正常回答。

A refused request is answered with `application/problem+json` (RFC 9457). `code` is stable and the only member
a program should decide by; `message` is in both languages and can be read out to the buyer; if `retryable`,
the same request sent again unchanged may succeed; `errors[]` points to the fields at fault with JSON pointers
(RFC 6901), to parameters of the query as `/query/<name>`. No answer repeats an identity number or anything
else that was sent. A declined subsidy (a cap reached, for instance) is no error but an ordinary answer.

未知订单的核销与退款返回 404 且 `retryable: true`：预占可能仍在途中。503 与 429 带 `Retry-After`。

Capture and refund of an unknown order answer 404 with `retryable: true`: the hold may still be on its way.
503 and 429 carry `Retry-After`.

## 代码 · Codes

| code | status | retryable | 中文 | English |
|---|---|---|---|---|
"""
_FAULTS: Final = """
## 字段错误 · Faults of fields

`errors[].code` 为上表的代码之一，或：

`errors[].code` is one of the codes above, or:

| code | 中文 | English |
|---|---|---|
"""


def errors_page() -> str:
    """The page in Markdown."""
    return _HEAD + "".join(_codes()) + _FAULTS + "".join(_faults())


def _codes() -> Iterator[str]:
    for code, entry in sorted(CATALOGUE.items(), key=lambda row: (row[1].status, row[0])):
        retryable = "yes" if entry.retryable else "no"
        yield f"| `{code}` | {entry.status} | {retryable} | {entry.zh} | {entry.en} |\n"


def _faults() -> Iterator[str]:
    for code, kind in sorted(FAULT_KINDS.items()):
        fill = {"bounds": "", "choices": "…"}
        yield f"| `{code}` | {kind.zh.format(**fill)} | {kind.en.format(**fill)} |\n"


if __name__ == "__main__":
    sys.stdout.write(errors_page())
