"""What depends on the channel by which a message was sent: the number of parts of an SMS, and its sender."""
