"""Imports of uploaded files: storing them, a preview, and the process that reads them."""
