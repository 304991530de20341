"""The command line: one module for each group of commands of `python main.py`, and the console output they share."""
