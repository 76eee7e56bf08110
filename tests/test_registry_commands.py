"""`lijian policy|products|merchants|keys`, as a person or a script uses them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli import program
from app.refusal import StartRefused
from app.store.embedded import EmbeddedServer
from app.store.migrate import current_revision, downgrade
from tests.registry import PACK, USCC

Lijian = Callable[..., Result]


@pytest.fixture
def lijian(owner_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lijian:
    """Runs the program on a database of the test's own."""
    monkeypatch.setenv("LIJIAN_DATABASE_URL", owner_database_url)
    monkeypatch.setenv("LIJIAN_DATA_DIR", str(tmp_path))
    runner = CliRunner()

    def run(*words: str) -> Result:
        return runner.invoke(program, words)

    return run


def answer(result: Result) -> Any:
    """The JSON of a command that did what it was told."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(result: Result) -> str:
    """What a refusal says in English."""
    assert result.exit_code == 1
    assert isinstance(result.exception, StartRefused)
    assert result.exception.zh
    return result.exception.en


def test_a_sound_pack_checks_and_a_faulty_one_names_file_key_and_reason(tmp_path: Path):
    runner = CliRunner()
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(PACK.replace("cap_fen = 1500000", "cap_fen = -1"))
    sound = runner.invoke(program, ("policy", "check", "changchun-2025", "--json"))
    told = runner.invoke(program, ("policy", "check", str(faulty)))
    listed = runner.invoke(program, ("policy", "check", str(faulty), "--json"))

    assert answer(sound) == {"ok": True, "policy": "changchun-2025", "faults": []}
    assert told.exit_code == 1
    reason = {
        "zh": "-1 超出范围：应为 1 至 1000000000000000",
        "en": "-1 is out of range: from 1 to 1000000000000000",
    }
    key = "consumer_caps[changchun-2025-cumulative].cap_fen"
    assert told.stdout == f"{faulty}: {key}: {reason['zh']} … {reason['en']}\n"
    assert json.loads(listed.stdout)["faults"] == [{"file": str(faulty), "key": key, "reason": reason}]
    assert "we carry: changchun-2025." in refused(runner.invoke(program, ("policy", "check", "changhun-2025")))
    assert refused(runner.invoke(program, ("policy", "check", str(tmp_path)))).startswith("Cannot read")


def test_a_pack_is_published_once(lijian: Lijian, tmp_path: Path):
    file = tmp_path / "pack.toml"
    file.write_text(PACK)

    first = answer(lijian("policy", "publish", str(file), "--json"))
    again = answer(lijian("policy", "publish", "changchun-2025", "--json"))

    assert first == {"policy": "changchun-2025", "version": 1, "changed": True}
    assert again == {"policy": "changchun-2025", "version": 1, "changed": False}


def test_products_are_imported_from_a_file(lijian: Lijian, tmp_path: Path):
    file = tmp_path / "products.csv"
    file.write_text(
        "gtin,category,brand,model,name,grade,filed_price_fen,serialised,cellular\n"
        "6901234567892,A01,海尔,BCD-500,冰箱,1,899900,true,false\n"
        "6901234567893,A01,海尔,BCD-500,冰箱,1,899900,true,false\n",
        encoding="gb18030",
    )
    too_early = lijian("products", "import", str(file))
    lijian("policy", "publish", "changchun-2025")
    report = answer(lijian("products", "import", str(file), "--json"))
    told = lijian("products", "import", str(file))

    assert refused(too_early) == "No policy has been published yet."
    assert (report["imported"], report["rejected"][0]["row"]) == (1, 3)
    assert f"{file}:3: gtin: " in told.stdout
    assert refused(lijian("products", "import", str(tmp_path / "none.csv"))).startswith("Cannot read")


def test_merchants_are_added_suspended_and_resumed(lijian: Lijian):
    added = answer(
        lijian("merchants", "add", "m1", "--name", "一号店", "--uscc", USCC, "--district", "朝阳区", "--json")
    )
    store = answer(lijian("merchants", "add-store", "m1", "S001", "--name", "重庆路店", "--json"))
    suspended = answer(lijian("merchants", "suspend", "m1", "--reason", "核查", "--json"))
    listed = answer(lijian("merchants", "list", "--json"))
    resumed = answer(lijian("merchants", "resume", "m1", "--json"))
    again = lijian("merchants", "add", "m1", "--name", "x", "--uscc", USCC, "--district", "x")
    unknown = lijian("merchants", "suspend", "m2", "--reason", "x")
    wrong = lijian("merchants", "add", "m2", "--name", "x", "--uscc", "123", "--district", "x")

    assert (added["merchant_id"], added["state"]) == ("m1", "active")
    assert (store["store_id"], store["district"]) == ("S001", "朝阳区")
    assert suspended["state"] == "suspended"
    assert listed == {"merchants": [suspended]}
    assert resumed["state"] == "active"
    assert refused(again) == "This number exists already."
    assert refused(unknown).startswith("No such record")
    assert wrong.exit_code == 2
    assert "uscc" in wrong.output


def test_keys_are_made_rotated_and_revoked(lijian: Lijian):
    lijian("merchants", "add", "m1", "--name", "一号店", "--uscc", USCC, "--district", "朝阳区")
    made = answer(lijian("keys", "create", "--role", "merchant", "--merchant", "m1", "--json"))
    rotated = answer(lijian("keys", "rotate", made["key_id"], "--overlap-seconds", "60", "--json"))
    revoked = answer(lijian("keys", "revoke", rotated["key_id"], "--json"))
    listed = answer(lijian("keys", "list", "--merchant", "m1", "--json"))["keys"]
    operator = answer(lijian("keys", "create", "--role", "operator", "--client", "王", "--json"))

    assert (made["client"], made["merchant_ids"]) == ("m1", ["m1"])
    assert rotated["key"] != made["key"]
    assert revoked["revoked_at"]
    assert [key["key_id"] for key in listed] == [made["key_id"], rotated["key_id"]]
    assert listed[0]["expires_at"]
    assert not any("key" in key for key in listed)
    assert (operator["role"], operator["client"]) == ("operator", "王")


def test_the_embedded_database_is_found_running_or_started_for_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("LIJIAN_DATABASE_URL", raising=False)
    runner = CliRunner()
    words = ("--data-dir", str(tmp_path), "--json")
    made = ("merchants", "add", "m1", "--name", "一号店", "--uscc", USCC, "--district", "朝阳区")
    alone = answer(runner.invoke(program, (*made, *words)))
    with EmbeddedServer(tmp_path, durable=False):
        beside_a_service = answer(runner.invoke(program, ("merchants", "list", *words)))

    assert beside_a_service == {"merchants": [alone]}


@pytest.mark.parametrize("words", [("verify",), ("keys", "list"), ("merchants", "list")])
def test_a_misspelt_data_folder_is_refused_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
):
    monkeypatch.delenv("LIJIAN_DATABASE_URL", raising=False)
    misspelt = tmp_path / "lijain"
    told = CliRunner().invoke(program, (*words, "--data-dir", str(misspelt)))

    assert refused(told).startswith(f"There is no Lijian database at {misspelt}.")
    assert not misspelt.exists()


def test_somebody_elses_database_is_refused_and_left_as_it_is(
    owner_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    asyncio.run(downgrade(owner_database_url, "base"))
    monkeypatch.setenv("LIJIAN_DATABASE_URL", owner_database_url)
    monkeypatch.setenv("LIJIAN_DATA_DIR", str(tmp_path))
    told = CliRunner().invoke(program, ("verify",))

    assert refused(told).startswith("There is no Lijian database at LIJIAN_DATABASE_URL.")
    assert asyncio.run(current_revision(owner_database_url)) is None


@pytest.mark.parametrize(
    "words",
    [
        ("--role", "merchant"),
        ("--role", "gateway"),
        ("--role", "operator", "--merchant", "m1"),
        ("--role", "king"),
        ("--role", "auditor", "--client", " "),
    ],
)
def test_a_key_that_makes_no_sense_is_wrong_usage(lijian: Lijian, words: tuple[str, ...]):
    assert lijian("keys", "create", *words).exit_code == 2


def test_a_key_for_nobody_is_refused(lijian: Lijian):
    made = lijian("keys", "create", "--role", "gateway", "--merchant", "nobody")

    assert refused(made) == "There are no such merchants: nobody."
