"""Database access: connections and threads, migrations, batched writes, change notifications, locks, indexes."""
