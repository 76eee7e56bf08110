"""Secrets are made once, kept to ourselves, refused when weak, and belong to one database."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.refusal import StartRefused
from app.secrets import Secrets, check_matches, check_value, find_or_create_secrets, load_secrets


def some_secrets(**changed: Any) -> Secrets:
    secrets = Secrets(
        identity_keys=(("k1", b"i" * 32),), lane_key=b"l" * 32, pepper=b"p" * 32, fingerprint_key=b"f" * 32
    )
    return replace(secrets, **changed)


def written(path: Path, **changed: object) -> Path:
    key = "00" * 32
    content = {
        "identity_keys": [{"id": "k1", "key": key}],
        "lane_key": key,
        "pepper": key,
        "fingerprint_key": key,
        **changed,
    }
    path.write_text(json.dumps(content))
    return path


def test_the_first_start_makes_secrets_that_only_we_can_read(tmp_path: Path):
    path, made = find_or_create_secrets(None, tmp_path / "data")
    again = find_or_create_secrets(None, tmp_path / "data")

    assert made
    assert again == (path, False)
    assert path.stat().st_mode & 0o777 == 0o600
    secrets = load_secrets(path)
    keys = {secrets.lane_key, secrets.pepper, secrets.fingerprint_key, secrets.identity_keys[0][1]}
    assert len(keys) == 4
    assert [file.name for file in path.parent.iterdir()] == ["secrets.json"]


def test_a_file_that_was_named_is_never_made(tmp_path: Path):
    path, made = find_or_create_secrets(tmp_path / "absent.json", tmp_path)

    assert not made
    with pytest.raises(StartRefused, match="No such file"):
        load_secrets(path)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"pepper": "00" * 31}, "pepper is shorter than 32 bytes"),
        ({"identity_keys": [{"id": "k1", "key": "ab"}]}, r"identity_keys\[0\] is shorter than 32 bytes"),
        ({"identity_keys": []}, "identity_keys must be a list"),
        ({"lane_key": "correct horse battery staple"}, "lane_key must be written in hexadecimal"),
        ({"lane_key": 12}, "lane_key must be written in hexadecimal"),
        ({"colour": "red"}, "nothing else"),
        ({"identity_keys": [{"id": "k", "key": "00" * 32}, {"id": "k", "key": "11" * 32}]}, "the same id"),
    ],
)
def test_weak_or_odd_secrets_stop_the_start(tmp_path: Path, changed: dict[str, object], reason: str):
    with pytest.raises(StartRefused, match=reason) as refused:
        load_secrets(written(tmp_path / "secrets.json", **changed))

    assert "correct horse" not in str(refused.value)


def test_secrets_do_not_show_in_a_representation():
    assert repr(some_secrets()) == "Secrets()"


def test_a_database_knows_its_own_secrets_again():
    assert check_matches(check_value(some_secrets()), some_secrets())


@pytest.mark.parametrize(
    "other",
    [
        {"lane_key": b"x" * 32},
        {"pepper": b"x" * 32},
        {"fingerprint_key": b"x" * 32},
        {"identity_keys": (("k1", b"x" * 32),)},
    ],
)
def test_a_database_refuses_other_secrets(other: dict[str, Any]):
    assert not check_matches(check_value(some_secrets()), some_secrets(**other))


def test_an_identity_key_rotates_in_two_steps():
    old, new = ("k1", b"i" * 32), ("k2", b"j" * 32)
    before, during, after = (some_secrets(identity_keys=keys) for keys in ((old,), (new, old), (new,)))

    assert check_matches(check_value(before), during)
    assert check_matches(check_value(during), after)
    assert not check_matches(check_value(before), after)


def test_a_check_value_reveals_no_key():
    secrets = some_secrets()

    assert all(
        key not in check_value(secrets)
        for key in (secrets.lane_key, secrets.pepper, secrets.fingerprint_key, secrets.identity_keys[0][1])
    )
