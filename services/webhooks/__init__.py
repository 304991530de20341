"""Webhooks: signed requests that tell other programs of changed messages, with the database as the queue."""
