"""Who may sign in and how: accounts, passwords, the second factor, sessions, throttling, API tokens."""
