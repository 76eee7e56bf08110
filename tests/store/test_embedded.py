"""The embedded PostgreSQL keeps its data, belongs to one service at a time, comes back when killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psutil
import pytest

from app.refusal import StartRefused
from app.store.embedded import EmbeddedServer, account
from tests.conftest import driver_url


def ask(url: str, *statements: str) -> object:
    """Run the statements; the answer of the last."""

    async def run() -> object:
        connection = await asyncpg.connect(driver_url(url))
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


def ask_until_answered(url: str, statement: str, seconds: float) -> object:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return ask(url, statement)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def test_a_restart_keeps_all_data_and_the_port(tmp_path: Path):
    with EmbeddedServer(tmp_path, durable=False) as server:
        ask(server.owner_url, "CREATE TABLE kept (one integer)", "INSERT INTO kept VALUES (1)", "SELECT 1")
        first_port = server.port
    with EmbeddedServer(tmp_path, durable=False) as server:
        assert ask(server.owner_url, "SELECT one FROM kept") == 1
        assert server.port == first_port


def test_an_acknowledged_commit_is_on_disk(tmp_path: Path):
    with EmbeddedServer(tmp_path) as server:
        assert ask(server.service_url, "SHOW fsync") == "on"
        assert ask(server.service_url, "SHOW synchronous_commit") == "on"
        assert ask(server.service_url, "SHOW full_page_writes") == "on"


def test_a_second_service_on_the_same_folder_is_refused_in_two_languages(tmp_path: Path):
    with EmbeddedServer(tmp_path, durable=False) as first:
        with pytest.raises(StartRefused) as refused:
            EmbeddedServer(tmp_path, durable=False).start()
        assert ask(first.service_url, "SELECT 1") == 1

    assert f"in use by another Lijian service (process {os.getpid()})" in refused.value.en
    assert f"正被另一个立减服务（进程 {os.getpid()}）使用" in refused.value.zh


def test_a_killed_server_is_back_on_its_port_with_its_data(tmp_path: Path):
    with EmbeddedServer(tmp_path, durable=False) as server:
        ask(server.owner_url, "CREATE TABLE kept (one integer)", "INSERT INTO kept VALUES (1)", "SELECT 1")
        url, pid = server.owner_url, server.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

        assert ask_until_answered(url, "SELECT one FROM kept", seconds=20) == 1
        assert server.owner_url == url
        assert server.pid != pid


def test_the_server_dies_with_a_killed_service_and_the_next_start_has_the_data(tmp_path: Path):
    script = (
        "import sys, time; from pathlib import Path; from app.store.embedded import EmbeddedServer\n"
        "server = EmbeddedServer(Path(sys.argv[1]), durable=False).start()\n"
        "print(server.owner_url, server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        url, pid = service.stdout.readline().split()
        ask(url, "CREATE TABLE kept (one integer)", "INSERT INTO kept VALUES (1)", "SELECT 1")
        service.kill()

    with EmbeddedServer(tmp_path, durable=False) as server:
        assert ask(server.owner_url, "SELECT one FROM kept") == 1
    assert not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE


def test_an_orphan_that_outlived_its_service_is_stopped(tmp_path: Path):
    first = EmbeddedServer(tmp_path, durable=False).start()
    orphan = first.pid
    assert orphan is not None
    # as if the service had died and its server had not
    first._folder.release()
    first._stopping.set()

    with EmbeddedServer(tmp_path, durable=False) as second:
        assert ask(second.owner_url, "SELECT 1") == 1
        assert second.pid != orphan


def test_the_process_id_of_a_stranger_in_the_pid_file_is_cleared_and_the_stranger_lives(tmp_path: Path):
    with EmbeddedServer(tmp_path, durable=False):
        lines = (tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["sleep", "60"]) as stranger:  # noqa: S607
        lines[0] = str(stranger.pid)
        (tmp_path / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")

        with EmbeddedServer(tmp_path, durable=False) as server:
            assert ask(server.owner_url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_half_made_cluster_is_made_anew(tmp_path: Path):
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")

    with EmbeddedServer(tmp_path, durable=False) as server:
        assert ask(server.owner_url, "SELECT 1") == 1


def test_a_cluster_of_another_version_is_refused_and_left_alone(tmp_path: Path):
    with EmbeddedServer(tmp_path, durable=False):
        pass
    version = tmp_path / "postgres" / "PG_VERSION"
    version.write_text("15\n")

    with pytest.raises(StartRefused, match="was made by PostgreSQL 15"):
        EmbeddedServer(tmp_path, durable=False).start()
    assert version.read_text() == "15\n"


def test_every_connection_gives_its_password(tmp_path: Path):
    with EmbeddedServer(tmp_path, durable=False) as server:
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(f"postgresql://lijian_owner:wrong@127.0.0.1:{server.port}/lijian", "SELECT 1")
        for name in ("postgres.json", "lijian.lock"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")
@pytest.mark.parametrize("mode", ["reader", "writer", "namespace"])
def test_root_runs_it_below_a_folder_closed_to_all_others_and_changes_nothing_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
):
    monkeypatch.setattr(account, "_MODES_OF_ROOT", ("user", mode))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = closed.stat()

    with EmbeddedServer(closed / "deeper" / "data", durable=False) as server:
        assert ask(server.service_url, "SELECT 1") == 1

    after = closed.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")
def test_root_hands_it_to_a_lesser_user_who_can_get_there(tmp_path: Path):
    with EmbeddedServer(tmp_path, durable=False) as server:
        assert server.pid is not None
        assert 0 not in psutil.Process(server.pid).uids()
        assert (tmp_path / "postgres.json").stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused by PostgreSQL")
def test_root_is_refused_in_two_languages_where_no_account_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(account, "_MODES_OF_ROOT", ("user",))
    (tmp_path / "closed").mkdir(mode=0o700)

    with pytest.raises(StartRefused) as refused:
        EmbeddedServer(tmp_path / "closed" / "data", durable=False).start()

    assert "ordinary user" in refused.value.en
    assert "普通用户" in refused.value.zh
