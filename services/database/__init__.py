"""The database itself: connections and threads, migrations, batched writes, change notifications, locks."""
