"""What administrators watch: logs, request ids, health checks, metrics, error reports."""
