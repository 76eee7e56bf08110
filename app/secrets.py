"""The keys that keep people and credentials unreadable in the database. They live in a file outside it."""

import hmac
import json
import os
import secrets as random
from dataclasses import dataclass, field
from pathlib import Path

from app.refusal import StartRefused

_BYTES_MIN = 32
_TAG_BYTES = 32
_SINGLE_KEYS = ("lane_key", "pepper", "fingerprint_key")


@dataclass(frozen=True, slots=True)
class Secrets:
    """Every key has at least 32 bytes and never appears in a representation.

    `identity_keys` are (key id, key), the current one first: during a rotation the old key follows the new.
    `lane_key`, `pepper` (of API keys) and `fingerprint_key` never rotate.
    """

    identity_keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    lane_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    fingerprint_key: bytes = field(repr=False)


def find_or_create_secrets(secrets_file: Path | None, data_dir: Path) -> tuple[Path, bool]:
    """Where the secrets are, and whether they were made just now.

    A file that was named must exist; else `secrets.json` in the data folder is made, readable by us alone.
    """
    if secrets_file is not None:
        return secrets_file, False
    path = data_dir / "secrets.json"
    if path.exists():
        return path, False
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path, _create(path)
    except OSError as error:
        raise StartRefused(
            f"无法在 {data_dir} 中创建密钥文件：{error.strerror}。请设置 LIJIAN_SECRETS_FILE 或 LIJIAN_DATA_DIR。",
            f"Cannot make a secrets file in {data_dir}: {error.strerror}. Set LIJIAN_SECRETS_FILE or LIJIAN_DATA_DIR.",
        ) from None


def load_secrets(path: Path) -> Secrets:
    """Raises StartRefused, which tells what is wrong with the file and shows nothing of it."""
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise _refused(path, error.strerror or "unreadable") from None
    except ValueError:
        raise _refused(path, "not JSON") from None
    if not isinstance(content, dict) or set(content) != {"identity_keys", *_SINGLE_KEYS}:
        raise _refused(path, f"must hold identity_keys, {', '.join(_SINGLE_KEYS)} and nothing else")
    single = {name: _key(path, name, content[name]) for name in _SINGLE_KEYS}
    return Secrets(identity_keys=_identity_keys(path, content["identity_keys"]), **single)


def check_value(secrets: Secrets) -> bytes:
    """What a database keeps to know its secrets again; it reveals none of them.

    One tag for the keys that never rotate, then one for each identity key.
    """
    fixed = secrets.lane_key + secrets.pepper + secrets.fingerprint_key
    return _tag(fixed) + b"".join(_tag(key) for _, key in secrets.identity_keys)


def check_matches(stored: bytes, secrets: Secrets) -> bool:
    """Whether these are the secrets of the database that stored this check value.

    Identity keys rotate one at a time, so one in common is enough; who finds a match stores the new value.
    """
    ours = check_value(secrets)
    if not hmac.compare_digest(stored[:_TAG_BYTES], ours[:_TAG_BYTES]):
        return False
    return bool(_identity_tags(stored) & _identity_tags(ours))


def refuse_other_secrets(path: Path) -> StartRefused:
    """For whoever found that `check_matches` says no."""
    return StartRefused(
        f"密钥文件 {path} 不属于这个数据库：用它启动会让已有消费者的额度失效。请恢复原来的密钥文件。",
        f"The secrets in {path} are not those of this database: started with them, it would know none of its "
        "consumers again. Restore the original secrets file.",
    )


def _create(path: Path) -> bool:
    """Whole or not at all, and never over another's: False if somebody was faster."""
    content = {
        "identity_keys": [{"id": "k1", "key": random.token_hex(_BYTES_MIN)}],
        **{name: random.token_hex(_BYTES_MIN) for name in _SINGLE_KEYS},
    }
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(descriptor)
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        return False
    else:
        return True
    finally:
        fresh.unlink()


def _identity_keys(path: Path, entries: object) -> tuple[tuple[str, bytes], ...]:
    if not isinstance(entries, list) or not entries:
        raise _refused(path, "identity_keys must be a list with the current key first")
    keys = []
    for position, entry in enumerate(entries):
        name = f"identity_keys[{position}]"
        if not isinstance(entry, dict) or set(entry) != {"id", "key"} or not isinstance(entry["id"], str):
            raise _refused(path, f"{name} must hold id and key")
        keys.append((entry["id"], _key(path, name, entry["key"])))
    if len({key_id for key_id, _ in keys}) != len(keys):
        raise _refused(path, "two identity_keys have the same id")
    return tuple(keys)


def _key(path: Path, name: str, value: object) -> bytes:
    try:
        key = bytes.fromhex(value) if isinstance(value, str) else None
    except ValueError:
        key = None
    if key is None:
        raise _refused(path, f"{name} must be written in hexadecimal digits")
    if len(key) < _BYTES_MIN:
        raise _refused(path, f"{name} is shorter than {_BYTES_MIN} bytes")
    return key


def _refused(path: Path, reason: str) -> StartRefused:
    return StartRefused(f"密钥文件 {path} 无法使用：{reason}。", f"The secrets file {path} cannot be used: {reason}.")


def _tag(key: bytes) -> bytes:
    return hmac.digest(key, b"lijian: secret check", "sha256")


def _identity_tags(check: bytes) -> set[bytes]:
    rest = check[_TAG_BYTES:]
    return {rest[start : start + _TAG_BYTES] for start in range(0, len(rest), _TAG_BYTES)}
