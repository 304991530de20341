"""The balance of the account at the SMS provider: its sources, the HTTP client, and the last known value."""
