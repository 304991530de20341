"""Search results as a file, written by a separate process (`python -m services.export`)."""
