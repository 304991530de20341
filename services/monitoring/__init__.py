"""Monitoring: the readiness of the database and the Prometheus metrics."""
