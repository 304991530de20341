"""The list tools, set up as their documentation describes. They run in the virtual environment `.venv-peers`."""
