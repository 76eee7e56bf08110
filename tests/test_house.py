"""The house rules that a reader may rely on, held by machine."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api.edge.catalogue import CATALOGUE

APP = Path(__file__).parent.parent / "app"

BELOW: dict[str, set[str]] = {
    "domain": set(),
    "identifiers": {"domain"},
    "store": {"domain"},
    "engine": {"domain", "store"},
    "service": {"domain", "identifiers", "store"},
    "api": {"domain", "identifiers", "engine", "service", "store"},
    "ops": {"domain", "engine", "service", "store"},
    "demo": {"domain", "identifiers", "service", "store"},
}
"""What each room may import besides itself. `commands`, `cli`, `main` and `serving` put the rooms together."""

LEAVES = {"refusal", "secrets", "randomness"}
"""Small modules beside the rooms that any room but the domain may use."""

BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(APP.rglob("*.py")):
        yield str(path.relative_to(APP)), path


def imports_of(path: Path) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            parts = tuple(node.module.split("."))
            for alias in node.names:
                yield (*parts, alias.name)


@pytest.mark.parametrize("room", BELOW)
def test_imports_point_down(room: str) -> None:
    allowed = BELOW[room] | {room} | (LEAVES if room != "domain" else set())
    wrong = [
        f"{name} imports {'.'.join(parts)}"
        for name, path in modules()
        if name.startswith(room + "/")
        for parts in imports_of(path)
        if parts[0] == "app" and parts[1] not in allowed
    ]
    assert wrong == []


def test_the_domain_needs_the_standard_library_only() -> None:
    wrong = [
        f"{name} imports {'.'.join(parts)}"
        for name, path in modules()
        if name.startswith("domain/")
        for parts in imports_of(path)
        if parts[0] not in sys.stdlib_module_names | {"app"}
    ]
    assert wrong == []


def test_the_domain_has_no_clock_no_chance_and_no_way_out() -> None:
    forbidden = {"asyncio", "os", "random", "secrets", "time", "socket", "subprocess", "pathlib", "logging", "io"}
    wrong = [
        f"{name} imports {'.'.join(parts)}"
        for name, path in modules()
        if name.startswith("domain/")
        for parts in imports_of(path)
        if parts[0] in forbidden
    ]
    calls = [
        name
        for name, path in modules()
        if name.startswith("domain/") and re.search(r"\.now\(|\.today\(", path.read_text())
    ]
    assert wrong + calls == []


def test_sql_lives_in_the_store_alone() -> None:
    statement = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+(lijian\.|\*|[a-z_.]+\s*(,|FROM|SET|\())")
    wrong = [name for name, path in modules() if not name.startswith("store/") and statement.search(path.read_text())]
    assert wrong == []


def test_nothing_is_called_utils() -> None:
    wrong = [name for name, _ in modules() if BANNED_NAMES & set(re.split(r"[/._]", name))]
    assert wrong == []


def test_functions_fit_a_screen() -> None:
    long = [
        f"{name}: {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for name, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 70
    ]
    assert long == []


def test_no_file_outgrows_its_room() -> None:
    exempt = {"store/tables.py"}
    long = [name for name, path in modules() if name not in exempt and len(path.read_text().splitlines()) > 400]
    assert long == []


def test_every_refusal_of_the_book_is_in_the_catalogue() -> None:
    raised = {
        code
        for name, path in modules()
        if name.startswith("domain/book/")
        for code in re.findall(r'Refused\("([a-z_]+)"', path.read_text())
    }
    raised |= {"checkout_held", "checkout_voided", "checkout_expired", "refund_exceeds_capture"}
    assert raised <= set(CATALOGUE)
    assert len(raised) > 10
