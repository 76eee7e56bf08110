"""`lijian verify`: the invariants, offline, on a live database."""

from collections.abc import Iterator

import typer

from app.api.office.invariants import proof_data
from app.commands.office import AsJson, DataDir, done, say
from app.service.invariants import MEANINGS, Proof, prove


def verify(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Recompute every counter from the ledger. Exit status 1 when anything differs by a fen."""
    proof = done(data_dir, lambda database, _secrets: prove(database), may_begin=False)
    say(proof_data(proof), _lines(proof), as_json=as_json)
    if not proof.ok:
        raise typer.Exit(1)


def _lines(proof: Proof) -> Iterator[str]:
    for name, count in proof.counts.items():
        yield f"{'✓' if count == 0 else '✗'} {name}: {count} … {MEANINGS[name]}"
    for difference in proof.differences:
        yield f"  {difference.invariant} {difference.subject}: expected {difference.expected}, found {difference.found}"
