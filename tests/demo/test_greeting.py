"""What a newcomer is told to type, and the file that gives his shell the keys."""

import re
import subprocess
from pathlib import Path

import pytest

from app.demo.access import AccessFile, DemoAccess
from app.demo.greeting import greeting, lines_to_type

ROOT = Path(__file__).parents[2]


def some_access() -> DemoAccess:
    return DemoAccess("M0001", "k1", "M0002", "k2", "k3", "k4", "k5", "k6")


def test_a_shell_learns_the_keys_from_a_file_of_the_owners_own(tmp_path: Path) -> None:
    path = AccessFile(tmp_path).write_for_shells("http://[::1]:8001", some_access())
    said = subprocess.run(
        ["/bin/sh", "-c", f". {path}; echo $URL $MERCHANT_ID $MERCHANT_KEY $OPERATOR_KEY"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["http://[::1]:8001", "M0001", "k1", "k4"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_file_follows_the_service_to_another_port(tmp_path: Path) -> None:
    AccessFile(tmp_path).write_for_shells("http://127.0.0.1:8000", some_access())
    path = AccessFile(tmp_path).write_for_shells("http://127.0.0.1:8001", some_access())

    assert "URL=http://127.0.0.1:8001\n" in path.read_text()


@pytest.mark.parametrize(
    ("folder", "typed"),
    [(".lijian", ". .lijian/demo.env"), (".", ". ./demo.env"), ("a b", ". 'a b/demo.env'")],
)
def test_the_file_is_named_as_one_would_type_it(folder: str, typed: str) -> None:
    assert lines_to_type(Path.cwd() / folder / "demo.env").splitlines()[0] == typed


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readme_types_what_the_demo_prints(readme: str) -> None:
    lines = lines_to_type(Path.cwd() / ".lijian" / "demo.env")
    typed = re.findall(r"```sh\n(\. .*?)```", (ROOT / readme).read_text(), re.DOTALL)

    assert typed == [lines]
    assert lines in greeting("http://127.0.0.1:8000", some_access(), Path.cwd() / ".lijian" / "demo.env")
