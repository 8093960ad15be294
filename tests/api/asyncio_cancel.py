"""Resolves beside an event loop, and stops the run; `slow` is a package whose page takes a minute."""

import asyncio
import sys
import time

from locktool import Cancellation, Interrupted, resolve


async def main() -> None:
    cancellation = Cancellation()
    run = asyncio.to_thread(resolve, ["slow"], index=sys.argv[1], cancellation=cancellation)
    task = asyncio.create_task(run)
    await asyncio.sleep(0.5)
    cancelled = time.monotonic()
    cancellation.cancel()
    try:
        await task
    except Interrupted as error:
        print(error.code, time.monotonic() - cancelled < 10)


asyncio.run(main())
