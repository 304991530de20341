"""The audit log: who looked at what, as a hash chain of records, with its verification and its list."""
