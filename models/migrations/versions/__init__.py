"""The migrations in order; the number of the file is the revision."""
