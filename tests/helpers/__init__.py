"""What several tests need and no single test owns."""
