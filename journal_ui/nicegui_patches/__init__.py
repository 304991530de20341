"""Changes to private parts of NiceGUI.

Each module states the reason, the private part, and the gain with the command that measures it.
"""
