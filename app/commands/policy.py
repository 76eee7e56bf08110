"""`lijian policy`: check a pack, put it in force."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from app.commands.office import AsJson, DataDir, done, say
from app.domain.policy.faults import PackFault, PackRefused
from app.domain.policy.pack import read_pack
from app.refusal import StartRefused
from app.service import policies

policy_commands = typer.Typer(no_args_is_help=True, help="Policy packs: check one, put one in force.")

Pack = Annotated[str, typer.Argument(metavar="FILE", help="A pack's file, or the name of one that we carry.")]


@policy_commands.command()
def check(pack: Pack, as_json: AsJson = False) -> None:
    """Name every fault of a pack with its file, key and reason, in Chinese and English."""
    name, source = _read(pack)
    try:
        policy = read_pack(source)
    except PackRefused as refused:
        _say_faults(name, refused.faults, as_json=as_json)
        raise typer.Exit(1) from None
    counts = f"{len(policy.programmes)} programmes, {len(policy.categories)} categories"
    say({"ok": True, "policy": policy.code, "faults": []}, [f"{name}: {policy.code}: {counts}"], as_json=as_json)


@policy_commands.command()
def publish(pack: Pack, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Put a pack in force as the next version of its policy. The very same again changes nothing."""
    name, source = _read(pack)
    try:
        published = done(data_dir, lambda database, _secrets: policies.publish(database, source))
    except PackRefused as refused:
        _say_faults(name, refused.faults, as_json=as_json)
        raise typer.Exit(1) from None
    version = published.version
    was = "已生效 … now in force" if published.changed else "原已生效 … was in force already"
    say(
        {"policy": version.policy, "version": version.version, "changed": published.changed},
        [f"{version.policy} v{version.version} {was}"],
        as_json=as_json,
    )


def _read(pack: str) -> tuple[str, str]:
    """The pack's name to tell faults by, and its text. Raises StartRefused."""
    ours = files("app") / "policies"
    carried = ours / f"{pack}.toml"
    if "/" not in pack and carried.is_file():
        return pack, carried.read_text(encoding="utf-8")
    try:
        return pack, Path(pack).read_text(encoding="utf-8")
    except FileNotFoundError:
        names = ", ".join(sorted(file.name.removesuffix(".toml") for file in ours.iterdir()))
        raise StartRefused(
            f"没有名为 {pack} 的文件或自带政策；自带的有：{names}。",
            f"No file and no pack that we carry is called {pack}; we carry: {names}.",
        ) from None
    except OSError as error:
        raise StartRefused(f"无法读取 {pack}：{error.strerror}。", f"Cannot read {pack}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise StartRefused(f"{pack} 不是 UTF-8 文本。", f"{pack} is not UTF-8 text.") from None


def _say_faults(name: str, faults: tuple[PackFault, ...], *, as_json: bool) -> None:
    def lines() -> Iterator[str]:
        for fault in faults:
            reason = f"{fault.reason.zh} … {fault.reason.en}"
            yield ": ".join(part for part in (name, fault.key, reason) if part)

    told = [
        {"file": name, "key": fault.key, "reason": {"zh": fault.reason.zh, "en": fault.reason.en}} for fault in faults
    ]
    say({"ok": False, "policy": None, "faults": told}, lines(), as_json=as_json)
