"""Healthy: one event loop whose timers have real work to do."""
import asyncio

import keeper


async def tick(seconds):
    while True:
        await asyncio.sleep(seconds)
        sum(number * number for number in range(20000))


async def main():
    keeper.ready()
    await asyncio.gather(*(tick(0.05 + index / 100) for index in range(5)))


asyncio.run(main())
