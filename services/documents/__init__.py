"""The documents of «Журнал ИЭМК»: their query, details and ingest."""
