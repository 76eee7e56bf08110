"""What the role that serves may do: append-only tables are so because it lacks the privilege to change them.

Migrations run as the owner. Where a role named `lijian_service` exists, it is granted what serving needs and
no more, after every migration. Where it does not (one role for everything), nothing is granted or enforced.
"""

from sqlalchemy import Connection, text

from app.store.tables import SCHEMA

SERVICE_ROLE = "lijian_service"

APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "ledger_entry": (),
    "policy_version": (),
    "act": ("relayed",),
}
"""Table to the columns that may still change after the row is written."""


def grant_to_service_role(connection: Connection) -> bool:
    """Grant anew in the caller's transaction; False if there is no such role."""
    found = text("SELECT count(*) FROM pg_roles WHERE rolname = :role")
    if not connection.scalar(found, {"role": SERVICE_ROLE}):
        return False
    statements = [
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {SERVICE_ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {SERVICE_ROLE}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {SERVICE_ROLE}",
        f"REVOKE INSERT, UPDATE, DELETE ON {SCHEMA}.alembic_version FROM {SERVICE_ROLE}",
    ]
    for table, changeable in APPEND_ONLY.items():
        statements.append(f"REVOKE UPDATE, DELETE ON {SCHEMA}.{table} FROM {SERVICE_ROLE}")
        if changeable:
            statements.append(f"GRANT UPDATE ({', '.join(changeable)}) ON {SCHEMA}.{table} TO {SERVICE_ROLE}")
    for statement in statements:
        connection.execute(text(statement))
    return True
