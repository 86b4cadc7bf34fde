"""A migration that stops in the middle and waits to be killed: `python -m tests.faults.half_migration DATABASE_URL`."""

from __future__ import annotations

import asyncio
import sys
import time

from sqlalchemy import Engine, event

from portal.db import Database

STATEMENT = "CREATE TABLE operator_account"


def stop_in_the_middle(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if STATEMENT in statement:
        sys.stdout.write("half\n")
        sys.stdout.flush()
        time.sleep(300)


if __name__ == "__main__":
    event.listen(Engine, "after_cursor_execute", stop_in_the_middle)
    asyncio.run(Database(sys.argv[1]).migrate())
