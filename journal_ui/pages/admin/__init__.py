"""The pages for administrators: users, dictionaries, the audit log."""
