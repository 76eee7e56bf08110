"""Names and reasons that people write: one line of visible text."""

import re

UNFIT = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff\\ufffe\\uffff"
"""Control characters, line breaks, and the marks that make text show in another order than it is written: the
inside of a character class that Python, Rust and JavaScript read alike."""

_unfit = re.compile(f"[{UNFIT}\ud800-\udfff]").search


def is_plain(text: str) -> bool:
    """Whether every character can be shown in one line, as it is written."""
    return _unfit(text) is None
