"""The state of the journal in a few numbers: the queue, today's errors, the calls to make."""
