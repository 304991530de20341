"""The command line: a module for each group of commands of `python main.py`, and their shared console output."""
