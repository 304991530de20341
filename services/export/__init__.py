"""Exports of search results as CSV or XLSX files, written by a separate process (`python -m services.export`)."""
