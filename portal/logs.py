"""Owns logging: one line per event on standard error. A request's query and body never reach it."""

from __future__ import annotations

import logging.config
from typing import Final

LOGGER: Final = logging.getLogger("portal")


def configure_logging(level: str) -> None:
    """Send `portal` and uvicorn messages of at least `level` (a name such as "info") to standard error.

    uvicorn's access log stays off: it prints the query, and the portal's own request line does not.
    """
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "loggers": {
                "portal": {"level": level.upper(), "handlers": ["stderr"], "propagate": False},
                "uvicorn": {"level": level.upper(), "handlers": ["stderr"], "propagate": False},
                "uvicorn.access": {"handlers": [], "propagate": False},
            },
        },
    )
