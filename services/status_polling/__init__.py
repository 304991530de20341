"""The polling of providers that send no receipts: they are asked for the status of each message until it is final."""
