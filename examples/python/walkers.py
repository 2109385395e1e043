#!/usr/bin/env python3
"""Walkers that wander, tire and are replaced, printed as lines of JSON: Python's standard library, nothing else.

    python3 walkers.py [ticks] [seed] | npx everytick record --stdin walkers
"""

import json
import random
import sys


def emit(tick, **fields):
    # Python would write NaN and Infinity as words that are no JSON.
    print(json.dumps({"tick": tick, **fields}, separators=(",", ":"), allow_nan=False))


class Walker:
    def __init__(self, key, chance):
        self.key = key
        self.x, self.y = chance.random(), chance.random()
        self.energy = chance.randint(20, 60)

    def step(self, chance):
        self.x = (self.x + chance.gauss(0, 0.01)) % 1
        self.y = (self.y + chance.gauss(0, 0.01)) % 1
        self.energy -= 1

    def emit(self, tick):
        emit(tick, store="walkers", key=self.key, x=self.x, y=self.y, energy=self.energy)


def main(ticks=200, seed=42):
    chance = random.Random(seed)
    walkers = [Walker(key, chance) for key in range(100)]
    born = len(walkers)
    for walker in walkers:
        walker.emit(0)
    emit(0, store="deaths", walker=-1, cause="nobody yet")
    for tick in range(1, ticks + 1):
        emit(tick)
        for place, walker in enumerate(walkers):
            walker.step(chance)
            if walker.energy > 0:
                walker.emit(tick)
                continue
            emit(tick, store="walkers", key=walker.key, deleted=True)
            emit(tick, store="deaths", walker=walker.key, cause="tired")
            walkers[place] = Walker(born, chance)
            walkers[place].emit(tick)
            born += 1


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
