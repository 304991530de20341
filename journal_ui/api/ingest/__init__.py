"""What programs submit by the API: parsing of messages and status reports."""
