"""The demo's keys in plain text, kept beside its data so that they stay the same from start to start."""

import json
import os
import shlex
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from app.refusal import StartRefused
from app.store.embedded.folder import DataFolder

_FILE = "demo.json"
_SHELL_FILE = "demo.env"


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """Bearer keys of the demo. The gateway serves the two merchants, `tills_key` is the simulated tills' own."""

    merchant_id: str
    merchant_key: str = field(repr=False)
    second_merchant_id: str
    second_merchant_key: str = field(repr=False)
    gateway_key: str = field(repr=False)
    operator_key: str = field(repr=False)
    auditor_key: str = field(repr=False)
    tills_key: str = field(repr=False)
    is_funded: bool = False

    def funded(self) -> Self:
        return replace(self, is_funded=True)


class AccessFile:
    """`demo.json` in the data folder, readable by its owner alone. While seeding is under way it is empty."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _FILE
        self._data_dir = data_dir

    def read(self) -> DemoAccess | None:
        """None before seeding has ended. Raises StartRefused if the file cannot be understood."""
        try:
            kept = json.loads(self._path.read_text())
            return DemoAccess(**kept) if kept else None
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            raise StartRefused(
                f"演示密钥文件 {self._path} 已损坏。请恢复它，或换一个数据目录。",
                f"The demo's keys in {self._path} are damaged. Restore the file, or name another data directory.",
            ) from None

    def claim(self) -> None:
        """Mark the folder as a demo's before anything is put into it.

        Raises StartRefused where another process holds it, or where it holds a service that is no demo: invented
        goods must not get in.
        """
        folder = DataFolder(self._data_dir)
        folder.hold()
        try:
            if self._path.exists():
                return
            if folder.cluster.exists():
                raise StartRefused(
                    f"数据目录 {self._data_dir} 中已有正式服务的数据，演示不会写入其中。请另指定 --data-dir。",
                    f"The data directory {self._data_dir} holds a service that is not a demo, which the demo will "
                    "not touch. Name another one with --data-dir.",
                )
            self._write({})
        finally:
            folder.release()

    def keep(self, access: DemoAccess) -> None:
        self._write(asdict(access))

    def write_for_shells(self, base_url: str, access: DemoAccess) -> Path:
        """`demo.env`, for `. demo.env`: where this start of the demo answers, and its keys. Gives its path."""
        variables = {
            "URL": base_url,
            "MERCHANT_ID": access.merchant_id,
            "MERCHANT_KEY": access.merchant_key,
            "SECOND_MERCHANT_ID": access.second_merchant_id,
            "SECOND_MERCHANT_KEY": access.second_merchant_key,
            "GATEWAY_KEY": access.gateway_key,
            "OPERATOR_KEY": access.operator_key,
            "AUDITOR_KEY": access.auditor_key,
        }
        path = self._data_dir / _SHELL_FILE
        _write_privately(path, "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()))
        return path

    def _write(self, content: dict[str, object]) -> None:
        _write_privately(self._path, json.dumps(content, indent=2))


def _write_privately(path: Path, text: str) -> None:
    """Whole or not at all, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    fresh.rename(path)
