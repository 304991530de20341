"""Messages and status updates coming in: parsing, validation, merging, recording."""
