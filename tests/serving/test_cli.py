"""The program `lijian`: exit status 0, 1 or 2, refusals in two languages, JSON for programs."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from app.serving import address
from tests.conftest import FreshDatabase


def lijian(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LIJIAN_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_migrating_twice_answers_the_same_revision(owner_database_url: str):
    first = lijian("migrate", "--json", LIJIAN_DATABASE_URL=owner_database_url)
    second = lijian("migrate", "--json", LIJIAN_DATABASE_URL=owner_database_url)

    assert first.returncode == second.returncode == 0
    assert json.loads(first.stdout) == json.loads(second.stdout)


def test_a_role_that_only_serves_finds_a_migrated_database_in_order(database: FreshDatabase):
    assert lijian("migrate", LIJIAN_DATABASE_URL=database.service_url).returncode == 0


def test_a_misspelt_variable_is_named_and_nothing_starts():
    refused = lijian("migrate", LIJIAN_DATA_DIRECTORY="/nowhere")

    assert refused.returncode == 1
    assert "LIJIAN_DATA_DIRECTORY" in refused.stderr
    assert "无法识别的环境变量" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_out_of_reach_is_a_refusal_without_its_password():
    refused = lijian("migrate", LIJIAN_DATABASE_URL="postgresql://u:hunter2@127.0.0.1:1/lijian")

    assert refused.returncode == 1
    assert "数据库无法使用" in refused.stderr
    assert "The database cannot be used" in refused.stderr
    assert "hunter2" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_wrong_usage_has_its_own_status():
    assert lijian("migrate", "--sideways").returncode == 2
    assert lijian("nonsense").returncode == 2
    assert lijian("serve", "--port", "99999").returncode == 2
    assert lijian("serve", "--workers", "0").returncode == 2


def test_the_version_is_that_of_the_package():
    shown = lijian("--version")

    assert (shown.returncode, shown.stdout) == (0, f"lijian {version('lijian')}\n")


@pytest.mark.parametrize(
    ("host", "written"), [("127.0.0.1", "127.0.0.1:80"), ("localhost", "localhost:80"), ("::1", "[::1]:80")]
)
def test_an_address_is_written_as_in_a_url(host: str, written: str):
    assert address(host, 80) == written


def test_the_import_says_that_rejected_rows_do_not_make_it_fail():
    shown = " ".join(lijian("products", "import", "--help").stdout.split())

    assert "nor make the command fail: exit status 0." in shown
    assert "listed on standard output" in shown


def test_help_names_every_command():
    shown = lijian("--help")

    assert shown.returncode == 0
    assert all(command in shown.stdout for command in ("serve", "migrate", "demo"))


def test_an_embedded_database_is_migrated_in_the_folder_named(tmp_path: Path):
    done = lijian("migrate", "--json", "--data-dir", tmp_path)

    assert done.returncode == 0
    assert json.loads(done.stdout)["revision"]
    assert {"postgres", "secrets.json"} <= {entry.name for entry in tmp_path.iterdir()}
