"""What administrators watch: the readiness of the database and the Prometheus metrics."""
