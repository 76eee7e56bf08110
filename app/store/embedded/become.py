"""Run a program as somebody whom PostgreSQL accepts, in a process of its own: it refuses to run as root.

    python become.py MODE UID GID DIRECTORY PROGRAM ARGUMENT…

It is started by path, before anything of ours is imported, and ends by turning into PROGRAM. Modes:

- `self`: as we are.
- `user`: as UID and GID, without any other group.
- `reader`, `writer`: the same, keeping the one capability that walks through folders closed to UID
  (CAP_DAC_READ_SEARCH; where a container lacks that, CAP_DAC_OVERRIDE).
- `namespace`: in a user namespace where root is called UID: root to the files, not root to PostgreSQL.

Exit status 125: this mode or DIRECTORY cannot be had here.
"""

import ctypes
import errno
import os
import signal
import sys
from pathlib import Path

_CAPABILITIES = {"reader": 2, "writer": 1}  # linux/capability.h
_CAPABILITY_VERSION_3 = 0x20080522
_PR_SET_PDEATHSIG, _PR_SET_SECUREBITS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
_SECBIT_NO_SETUID_FIXUP = 4
_CLONE_NEWUSER = 0x10000000


class NotPossible(OSError):
    """The kernel or a container's limits do not allow this mode."""


def _call(name: str, *arguments: object) -> None:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments) != 0:
        raise NotPossible(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def _drop_to(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _drop_to_keeping(capability: int, uid: int, gid: int) -> None:
    # Without this bit access(2), with which PostgreSQL looks for its programs, would ignore the capability.
    _call("prctl", _PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    _drop_to(uid, gid)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable; low and high words
    _call("capset", header, data)
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)


def _rename_root_to(uid: int, gid: int) -> None:
    real_uid, real_gid = os.geteuid(), os.getegid()
    _call("unshare", _CLONE_NEWUSER)
    Path("/proc/self/uid_map").write_text(f"{uid} {real_uid} 1")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/gid_map").write_text(f"{gid} {real_gid} 1")


def _become(mode: str, uid: int, gid: int) -> None:
    if mode == "user":
        _drop_to(uid, gid)
    elif mode in _CAPABILITIES:
        _drop_to_keeping(_CAPABILITIES[mode], uid, gid)
    elif mode == "namespace":
        _rename_root_to(uid, gid)


def _die_with_parent() -> None:
    """Ask for a fast shutdown should the service be killed. Where the system cannot, the next start copes."""
    if sys.platform == "linux":
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def main(arguments: list[str]) -> None:
    mode, uid, gid, directory, program, *rest = arguments
    try:
        _become(mode, int(uid), int(gid))
        _die_with_parent()
        os.chdir(directory)
        os.umask(0o077)
        if not os.access(program, os.X_OK):
            raise NotPossible(errno.EACCES, f"{program}: {os.strerror(errno.EACCES)}")
        os.execv(program, [program, *rest])  # noqa: S606 - there is no shell to want
    except (OSError, AttributeError) as error:
        sys.stderr.write(f"{mode}: {error}\n")
        sys.exit(125)


if __name__ == "__main__":
    main(sys.argv[1:])
