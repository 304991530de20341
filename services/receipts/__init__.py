"""Delivery receipts of SMS providers: one module for each provider, and the meaning of their codes."""
