"""The SMS providers: those with a module, those that a file describes, the registry of both, and the HTTP client."""
