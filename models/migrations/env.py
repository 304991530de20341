"""The entry point of Alembic: runs migrations in the transaction of the connection that is passed to it."""

from alembic import context

context.configure(connection=context.config.attributes['connection'])
context.run_migrations()
