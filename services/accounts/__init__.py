"""Accounts and sign-in: passwords, the second factor, sessions, login throttling, API tokens, user administration."""
