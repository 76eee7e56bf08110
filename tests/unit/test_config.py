"""Settings come from LIJIAN_* variables; a misspelt one stops the start."""

import os
from pathlib import Path

import pytest

from app import config
from app.config import load_settings
from app.refusal import StartRefused


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch):
    for name in config.Settings.model_fields:
        monkeypatch.delenv(f"LIJIAN_{name.upper()}", raising=False)


def test_an_unknown_variable_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIJIAN_DATABSE_URL", "postgresql+asyncpg://u:hunter2@db/lijian")

    with pytest.raises(StartRefused) as refused:
        load_settings()

    assert "LIJIAN_DATABSE_URL (did you mean LIJIAN_DATABASE_URL?)" in refused.value.en
    assert "LIJIAN_DATABSE_URL（是否应为 LIJIAN_DATABASE_URL？）" in refused.value.zh
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "eighty"), ("PORT", "70000"), ("WORKERS", "0"), ("DATABASE_URL", "mysql://u:hunter2@db/x")],
)
def test_a_wrong_value_stops_the_start_and_is_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    monkeypatch.setenv(f"LIJIAN_{name}", value)

    with pytest.raises(StartRefused, match=f"LIJIAN_{name}") as refused:
        load_settings()

    assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("PORT", "eighty", "须为整数", "must be a whole number"),
        ("PORT", "80.5", "须为整数", "must be a whole number"),
        ("PORT", "9" * 5000, "须为整数", "must be a whole number"),
        ("PORT", "70000", "不得大于 65535", "must be 65535 or less"),
        ("WORKERS", "0", "不得小于 1", "must be 1 or more"),
        ("RATE_LIMIT_PER_SECOND", "fast", "须为数字", "must be a number"),
        ("RATE_LIMIT_PER_SECOND", "0", "须大于 0", "must be greater than 0"),
        (
            "LOG_LEVEL",
            "loud",
            "须为以下之一：debug、info、warning、error",
            "must be one of debug, info, warning, error",
        ),
        (
            "DATABASE_URL",
            "mysql://u:hunter2@db/x",
            "须以 postgresql+asyncpg:// 或 postgresql:// 开头",
            "must begin with postgresql+asyncpg:// or postgresql://",
        ),
    ],
)
def test_what_is_wrong_with_a_value_is_told_in_either_language(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, zh: str, en: str
):
    monkeypatch.setenv(f"LIJIAN_{name}", value)

    with pytest.raises(StartRefused) as refused:
        load_settings()

    assert refused.value.zh == f"配置有误：LIJIAN_{name} {zh}。"
    assert refused.value.en == f"Wrong settings: LIJIAN_{name} {en}."


def test_every_wrong_value_is_told_and_an_unforeseen_fault_has_words_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIJIAN_PORT", "eighty")

    with pytest.raises(StartRefused) as refused:
        load_settings(host=5)

    assert refused.value.zh == "配置有误：LIJIAN_HOST 的值无效；LIJIAN_PORT 须为整数。"
    assert refused.value.en == "Wrong settings: LIJIAN_HOST is not valid; LIJIAN_PORT must be a whole number."


@pytest.mark.parametrize("scheme", ["postgresql+asyncpg", "postgresql", "postgres"])
def test_every_spelling_of_a_postgresql_url_uses_our_driver(monkeypatch: pytest.MonkeyPatch, scheme: str):
    monkeypatch.setenv("LIJIAN_DATABASE_URL", f"{scheme}://u:p@db:5432/lijian")

    assert load_settings().database_url == "postgresql+asyncpg://u:p@db:5432/lijian"


def test_the_password_of_the_database_does_not_show_in_a_representation(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIJIAN_DATABASE_URL", "postgresql+asyncpg://u:hunter2@db/lijian")

    assert "hunter2" not in repr(load_settings())


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIJIAN_PORT", "9000")

    assert load_settings(port=9001, workers=None).port == 9001
    assert load_settings(port=None).port == 9000


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    settings = load_settings(data_dir=tmp_path, port=9001, workers=3, secrets_file=tmp_path / "s.json")
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)

    assert load_settings() == settings


def test_an_ordinary_user_keeps_data_at_home_even_without_one_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/anna")
    assert config.default_data_dir() == Path("/home/anna/.local/share/lijian")

    monkeypatch.setenv("HOME", "")
    assert config.default_data_dir().is_absolute()

    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert config.default_data_dir() == Path("/data/lijian")


def test_root_keeps_data_in_var_lib(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert config.default_data_dir() == Path("/var/lib/lijian")
