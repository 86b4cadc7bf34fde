"""The key check: the pasted key against the gateway, and what to do with the answer."""

from portal.keycheck.routes import router

__all__ = ["router"]
