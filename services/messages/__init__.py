"""The journal of sent messages: its query, pages, totals, details and changes."""
