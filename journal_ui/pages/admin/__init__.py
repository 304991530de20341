"""The pages for administrators: users, dictionaries, codes of errors, the audit log."""
