"""The balance of the account at the SMS provider: the port, its sources, and the last known value."""
