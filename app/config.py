"""The settings of a process: environment variables beginning with LIJIAN_, and no others."""

import difflib
import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.refusal import StartRefused

PREFIX = "LIJIAN_"

_ONLY_FOR_TESTS = frozenset({"LIJIAN_TEST_DATABASE_URL"})

LogLevel = Literal["debug", "info", "warning", "error"]


AbsolutePath = Annotated[Path, AfterValidator(Path.absolute)]


def _with_our_driver(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgresql+asyncpg", "postgresql", "postgres"}:
        raise PydanticCustomError("not_postgresql", "no URL of PostgreSQL")
    return f"postgresql+asyncpg://{rest}"


def default_data_dir() -> Path:
    """/var/lib/lijian for root, else `lijian` in the user's XDG data home."""
    if os.geteuid() == 0:
        return Path("/var/lib/lijian")
    # HOME may be empty, as in a bare container
    home = os.environ.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir
    return Path(os.environ.get("XDG_DATA_HOME") or Path(home, ".local", "share"), "lijian")


class Settings(BaseSettings):
    """Frozen; made once by `load_settings` in a composition root, which passes the values on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database_url: Annotated[str, AfterValidator(_with_our_driver)] | None = Field(default=None, repr=False)
    """PostgreSQL 15 or later; None means an embedded one in `data_dir`."""

    data_dir: AbsolutePath = Field(default_factory=default_data_dir)
    secrets_file: AbsolutePath | None = None
    """None means `secrets.json` in `data_dir`, made at the first start."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=256)
    rate_limit_per_second: float | None = Field(default=None, gt=0)
    """Requests of one key a second, in each worker; None is no limit."""

    log_level: LogLevel = "info"
    log_requests: Literal["refused", "all"] = "refused"
    """`refused` logs requests refused or slow; `all` every one."""

    def environment(self) -> dict[str, str]:
        """The variables that give a child process these same settings."""
        values = self.model_dump(exclude_none=True)
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}


def load_settings(**given: object) -> Settings:
    """Settings from the environment; what is `given` and not None goes before it.

    Raises StartRefused, which names every variable that is unknown or wrong and shows no value: it may hold a
    password.
    """
    _refuse_unknown(os.environ)
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        zh, en = zip(*(_said(fault) for fault in error.errors()), strict=True)
        raise StartRefused(f"配置有误：{'；'.join(zh)}。", f"Wrong settings: {'; '.join(en)}.") from None


_SAID: Final[Mapping[str, tuple[str, str]]] = {
    "not_postgresql": (
        "须以 postgresql+asyncpg:// 或 postgresql:// 开头",
        "must begin with postgresql+asyncpg:// or postgresql://",
    ),
    "int_parsing": ("须为整数", "must be a whole number"),
    "int_parsing_size": ("须为整数", "must be a whole number"),
    "float_parsing": ("须为数字", "must be a number"),
    "greater_than": ("须大于 {gt:g}", "must be greater than {gt:g}"),
    "greater_than_equal": ("不得小于 {ge}", "must be {ge} or more"),
    "less_than_equal": ("不得大于 {le}", "must be {le} or less"),
    "literal_error": ("须为以下之一：{zh_choices}", "must be one of {en_choices}"),
}
"""What is wrong with a value, by Pydantic's types of errors, in Chinese and English."""


def _said(fault: ErrorDetails) -> tuple[str, str]:
    """One wrong variable in Chinese and English, without its value."""
    name = f"{PREFIX}{str(fault['loc'][0]).upper()}"
    zh, en = _SAID.get(fault["type"], ("的值无效", "is not valid"))
    context = fault.get("ctx", {})
    choices = re.findall("'([^']*)'", str(context.get("expected", "")))
    fill = {**context, "zh_choices": "、".join(choices), "en_choices": ", ".join(choices)}
    return f"{name} {zh.format_map(fill)}", f"{name} {en.format_map(fill)}"


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | _ONLY_FOR_TESTS
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known)
    if not unknown:
        return
    zh, en = [], []
    for name in unknown:
        near = difflib.get_close_matches(name.upper(), known, n=1)
        zh.append(f"{name}（是否应为 {near[0]}？）" if near else name)
        en.append(f"{name} (did you mean {near[0]}?)" if near else name)
    raise StartRefused(
        f"无法识别的环境变量：{'、'.join(zh)}。可用：{', '.join(sorted(known - _ONLY_FOR_TESTS))}。",
        f"Unknown environment variable: {', '.join(en)}. Known: {', '.join(sorted(known - _ONLY_FOR_TESTS))}.",
    )
