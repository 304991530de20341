"""The recount of `python main.py verify`: one module for each subject that is compared."""
