"""Healthy: one thread computes, nobody waits for it."""
import keeper

keeper.ready()
number = 0
while True:
    number = (number * 31 + 7) % 1000003
