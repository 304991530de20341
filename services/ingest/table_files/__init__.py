"""Reading of tables in files: CSV in any usual encoding, also packed."""
