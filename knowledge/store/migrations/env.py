"""Alembic's entry: runs on the connection that ``Database`` hands over, inside its transaction."""

from alembic import context

from knowledge.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
