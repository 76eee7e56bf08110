"""As whom the embedded PostgreSQL runs: as ourselves, or, since it refuses root, as somebody lesser."""

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.refusal import StartRefused

_BECOME = Path(__file__).with_name("become.py")
_MODES_OF_ROOT = ("user", "reader", "writer", "namespace")


@dataclass(frozen=True, slots=True)
class Account:
    """`mode`, `uid` and `gid` as become.py knows them."""

    mode: str
    uid: int
    gid: int

    def command(self, directory: Path, program: Path, *arguments: str) -> list[str]:
        """The command line that runs `program` in `directory` under this account."""
        become = [sys.executable, "-I", "-S", str(_BECOME), self.mode, str(self.uid), str(self.gid)]
        return [*become, str(directory), str(program), *arguments]

    def take(self, tree: Path) -> None:
        """Make everything in `tree` this account's, if it is not already. Follows no symbolic link."""
        if self.mode == "self":
            return
        owner = (0, 0) if self.mode == "namespace" else (self.uid, self.gid)
        if (tree.stat().st_uid, tree.stat().st_gid) == owner:
            return
        for folder, folders, files in os.walk(tree):
            for name in (*folders, *files):
                os.chown(Path(folder, name), *owner, follow_symlinks=False)
        os.chown(tree, *owner, follow_symlinks=False)  # last: an interrupted walk is begun anew


def choose_account(folder: Path, program: Path) -> Account:
    """The first account, from the least power to the most, that can enter `folder` and start `program`."""
    if os.geteuid() != 0:
        return Account("self", os.geteuid(), os.getegid())
    lesser = _lesser_user()
    complaints = []
    for mode in _MODES_OF_ROOT:
        account = Account(mode, lesser.pw_uid, lesser.pw_gid)
        command = account.command(folder, program, "--version")
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return account
        complaints.append(tried.stderr.strip())
    reasons = "; ".join(complaints)
    raise StartRefused(
        f"PostgreSQL 不能以 root 身份运行，而其他身份进不了目录 {folder}（{reasons}）。"
        "请改用普通用户运行、换一个数据目录，或设置 LIJIAN_DATABASE_URL。",
        f"PostgreSQL does not run as root, and no other account can enter {folder} ({reasons}). Run as an "
        "ordinary user, name another data directory, or set LIJIAN_DATABASE_URL.",
    )


def _lesser_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StartRefused(
        "PostgreSQL 不能以 root 身份运行，而本机没有 postgres 或 nobody 用户。请改用普通用户运行。",
        "PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody. "
        "Run as an ordinary user.",
    )
