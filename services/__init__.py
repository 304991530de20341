"""Use cases and queries. Only this package contains SQL, and it does not depend on the user interface."""
