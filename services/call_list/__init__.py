"""The call list: recipients to phone about undelivered messages, who has claimed them, and the calls made."""
