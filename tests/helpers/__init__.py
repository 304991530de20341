"""What several tests share: fakes, factories, servers started for tests, and the reference implementations."""
