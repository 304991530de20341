"""The HTTP API for other programs: messages, documents, status updates and receipts."""
