"""Notifications about alerts by e-mail and webhook, once for all nodes."""
