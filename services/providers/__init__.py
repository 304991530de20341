"""The SMS providers: one module for each, and the registry of all of them."""
