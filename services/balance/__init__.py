"""The balance of the account at the SMS provider: its sources, and the last known value."""
