"""The schema migrations (Alembic)."""
