"""A serving process's memory, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

_FREED = """
import ctypes, threading
from api import memory
memory.give_back()
def resident():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * 4096
before = resident()
def work():
    for size in range(1, 20):
        bytearray(size << 20)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(resident() - before)
"""
_SETTLED = """
import gc
from api import memory
kept = [[] for _ in range(50_000)]
memory.settle()
assert gc.get_freeze_count() >= 50_000
begun = gc.get_stats()[0]["collections"]
some = [[] for _ in range(5_000)]
print(gc.get_stats()[0]["collections"] - begun)
"""


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_what_threads_gave_up_goes_back() -> None:
    if sys.platform == "linux":
        assert int(run(_FREED)) < 32 << 20


def test_the_collector_leaves_alone_what_was_loaded() -> None:
    assert run(_SETTLED) == "0"
