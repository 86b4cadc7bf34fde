import time,asyncio,sys
from benchmarks.dashboard import *
async def main():
    db=Database("sqlite:////dev/shm/speed/10m.db")
    today, now = moments()
    t=time.perf_counter(); c=time.process_time()
    print(await close_days(db, UTC, now=now))
    print("closed", time.perf_counter()-t, time.process_time()-c, flush=True)
    await db.close()
asyncio.run(main())
