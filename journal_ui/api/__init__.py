"""The HTTP interface for other programs: messages, documents, statuses and receipts."""
