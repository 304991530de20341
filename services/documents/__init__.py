"""The documents of «Журнал ИЭМК»: their search, details and ingest."""
