"""What every benchmark shares: the tests' servers and programs, samples, and the report."""

import json
import os
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("support", "integration"):
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), folder))


class Figures:
    """Collects figures beside their limits, prints them and writes them to $OSCAR_BENCH_JSON."""

    def __init__(self, title):
        self.title = title
        self.found = []

    def add(self, name, value, unit, limit=None, **more):
        self.found.append({"name": name, "value": value, "unit": unit, "limit": limit, **more})
        verdict = "" if limit is None else f"(limit {limit}: {'ok' if value <= limit else 'ABOVE'})"
        print(f"{name:52} {value:10.3f} {unit:6} {verdict}", flush=True)

    def write(self):
        path = os.environ.get("OSCAR_BENCH_JSON")
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"title": self.title, "figures": self.found}, file, indent=1)


def percentile(samples, share):
    """The nearest-rank percentile, share in 0..1."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, int(round(share * len(ordered))) - 1))]


def median(samples):
    return statistics.median(samples)


def cpu_seconds(pid):
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(action):
    """(seconds, result) of one call."""
    started = time.monotonic()
    result = action()
    return time.monotonic() - started, result
