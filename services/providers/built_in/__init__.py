"""The SMS providers that have a module; files of `data/providers/` describe the others."""
