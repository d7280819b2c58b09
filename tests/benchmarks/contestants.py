"""Contestants for the tests: what they do is said, not timed."""

import os
from pathlib import Path

from benchmarks.contestant import MissingPeerError
from benchmarks.peers.threads import available


class Scribe:
    def __init__(self, name="", diary=""):
        self.name, self.diary, self.turns = name, diary, 0

    def disagreement(self):
        return 0.0

    def run(self):
        self.turns += 1
        if self.diary:
            with Path(self.diary).open("a", encoding="utf-8") as file:
                file.write(self.name + "\n")
        return float(self.turns)

    def details(self):
        return {"name": self.name}


class Wrong(Scribe):
    def disagreement(self):
        return 0.5


class Missing(Scribe):
    def __init__(self):
        raise MissingPeerError("a library")


class Breaks(Scribe):
    def run(self):
        if super().run() == 2:
            raise ValueError("in the second run")
        return 1.0


class Dies(Scribe):
    def run(self):
        os._exit(1)


class CountsCores(Scribe):
    def run(self):
        return float(available())
