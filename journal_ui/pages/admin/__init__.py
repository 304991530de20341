"""Pages for administrators that maintain what the journal needs to explain its data."""
