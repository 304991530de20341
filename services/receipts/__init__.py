"""Delivery receipts of SMS providers: their parsed form, the meaning of their codes, their mapping to status events."""
