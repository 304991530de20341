"""The list tools, each set up as its own documentation says. They run in `.venv-peers`, apart from the journal."""
