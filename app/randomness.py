"""Random bytes in quantity: one call of the system for many ids."""

import os

_BLOCK_BYTES = 8192


class _Reserve:
    """A block of the system's random bytes, handed out once; a child process starts its own."""

    def __init__(self) -> None:
        self._block = b""
        self._used = 0

    def take(self, count: int) -> bytes:
        if self._used + count > len(self._block):
            self._block = os.urandom(_BLOCK_BYTES)
            self._used = 0
        taken = self._block[self._used : self._used + count]
        self._used += count
        return taken

    def forget(self) -> None:
        self._block = b""


_reserve = _Reserve()
os.register_at_fork(after_in_child=_reserve.forget)


def random_bytes(count: int) -> bytes:
    """`count` random bytes that nobody else gets. For ids, not for keys."""
    return _reserve.take(count)
