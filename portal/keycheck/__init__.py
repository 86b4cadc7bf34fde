"""The key check: the pasted key against the gateway, and what to do with the answer."""
