import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from app.ops.telemetry.logging import FIELDS, configure_logging, request_id
from tests.api.till import SECRET

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("INFO", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def test_a_line_is_one_json_object_that_says_when_who_and_what(lines: Lines):
    structlog.get_logger("app.engine").info("batch_rerun", attempt=2)

    (line,) = lines()
    assert line["event"] == "batch_rerun"
    assert line["logger"] == "app.engine"
    assert line["level"] == "info"
    assert line["attempt"] == 2
    assert line["at"].endswith("+00:00")


def test_only_fields_on_the_list_are_written(lines: Lines):
    structlog.get_logger().info("x", id_number=SECRET, name="张三", body={"a": 1}, key="k", status=409)

    assert set(lines()[0]) == {"at", "level", "logger", "event", "status"}


def test_a_look_at_the_schema_is_not_worth_a_line_but_a_migration_is(lines: Lines):
    log = logging.getLogger("alembic.runtime.migration")
    log.info("Context impl %s.", "PostgresqlImpl")
    log.info("Will assume %s DDL.", "transactional")
    log.info("Running %s", "upgrade -> 0001")

    assert [line["event"] for line in lines()] == ["Running upgrade -> 0001"]


def test_no_field_on_the_list_could_hold_a_person():
    assert not FIELDS & {
        "body",
        "name",
        "id_number",
        "consumer",
        "key",
        "path",
        "query",
        "authorization",
        "token",
    }


def test_a_listed_field_takes_no_structure_and_no_long_text(lines: Lines):
    structlog.get_logger().info("x", code={"id_number": SECRET}, cause="c" * 10_000)

    assert lines()[0]["code"] == "dict"
    assert len(lines()[0]["cause"]) == 300


@pytest.mark.parametrize("number", [SECRET, "22010219600101001X", "220102600101001"])
def test_a_number_like_an_identity_number_is_struck_out(lines: Lines, number: str):
    structlog.get_logger().info(f"about {number}", code=number)

    assert number not in json.dumps(lines())


def test_an_exception_is_told_by_class_and_place_without_its_words(lines: Lines):
    try:
        try:
            raise ValueError(f"bad {SECRET} name=张三")
        except ValueError as cause:
            raise RuntimeError("wrapped 张三") from cause
    except RuntimeError:
        structlog.get_logger().error("failed", exc_info=True)

    (line,) = lines()
    assert line["exception"] == "RuntimeError < ValueError"
    assert "test_logging.py" in line["frames"][-1]
    assert "张三" not in json.dumps(line, ensure_ascii=False)


def test_the_sqlstate_of_a_database_error_is_kept(lines: Lines):
    class DeadlockError(Exception):
        sqlstate = "40P01"

    structlog.get_logger().warning("rerun", exc_info=DeadlockError("Key (consumer)=(x)"))

    assert lines()[0]["sqlstate"] == "40P01"


def test_uvicorns_traceback_of_a_failed_request_holds_no_body(lines: Lines):
    try:
        raise ValueError(f"input was {{'name': '张三', 'id': '{SECRET}'}}")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")

    (line,) = lines()
    assert line["event"] == "Exception in ASGI application"
    assert line["exception"] == "ValueError"
    assert "张三" not in json.dumps(line, ensure_ascii=False)


def test_uvicorns_access_lines_are_not_written(lines: Lines):
    logging.getLogger("uvicorn.access").info('%s - "%s %s"', "1.2.3.4", "GET", "/v1/orders/x?name=y")

    assert lines() == []


def test_uvicorns_own_words_are_written_whole(lines: Lines):
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)

    assert lines()[0]["event"] == "Started server process [7]"


def test_of_another_librarys_line_only_the_template_is_kept(lines: Lines):
    logging.getLogger("sqlalchemy.engine").warning("[parameters: %s]\nmore 张三", "张三")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task 张三>")

    assert [line["event"] for line in lines()] == [
        "[parameters: %s]",
        "Task exception was never retrieved",
    ]


def test_another_librarys_everyday_lines_are_not_written(lines: Lines):
    logging.getLogger("httpx").info("HTTP Request: %s", "https://till.example/?name=x")

    assert lines() == []


def test_warnings_are_logged(lines: Lines):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old way", stacklevel=1)

    assert lines()[-1]["logger"] == "py.warnings"


def test_whatever_is_logged_during_a_request_carries_its_id(lines: Lines):
    token = request_id.set("r-12345678")
    structlog.get_logger().info("x")
    request_id.reset(token)

    assert lines()[0]["request_id"] == "r-12345678"


def test_lines_below_the_level_are_not_written(lines: Lines):
    structlog.get_logger().debug("x")

    assert lines() == []
