"""A managed run against the same argv run bare, paired and alternating; CPU and memory meanwhile.

    ./test bench, or: OSCAR_BENCH_ROWS=100000 OSCAR_BENCH_PAIRS=3 python3 tests/bench/bench_overhead.py
"""

import os
import shutil
import subprocess
import tempfile

from figures import Figures, cpu_seconds, median, timed

from lab import MariaDb, write_private
from oscard import ROOT, Oscard
from scenario import Target, request_body, submit

ROWS = int(os.environ.get("OSCAR_BENCH_ROWS", "1000000"))
PAIRS = int(os.environ.get("OSCAR_BENCH_PAIRS", "5"))
TOGETHER = 10


class Bench:
    def __init__(self, oscard, target):
        self.oscard, self.target = oscard, target
        self.admin = oscard.admin()
        self.connection = target.connect(self.admin)

    def managed(self, tables):
        """Submits a rebuild of each table; back when all have ended."""
        ids = [submit(self.admin, self.connection, self.target, t, None)["id"] for t in tables]
        sockets = [self.oscard.websocket(self.admin, one, timeout_s=3600) for one in ids]
        for socket in sockets:
            last = list(socket.messages(3600))[-1]
            assert last["data"]["status"] == "completed", last

    def bare(self, tables):
        """The very argv of the preview, in folders like the run's, without oscard."""
        folders = [tempfile.mkdtemp(prefix="oscar-bench-") for _ in tables]
        children = [self._start(table, folder) for table, folder in zip(tables, folders)]
        for child in children:
            assert child.wait() == 0
        for folder in folders:
            shutil.rmtree(folder)

    def _start(self, table, folder):
        body = request_body(self.connection, self.target, table, None)
        argv = self.admin.post("/api/v1/tools/ddl/preview", body).ok().data["argv"]
        password = self.target.password.replace("\\", "\\\\").replace('"', '\\"')
        write_private(
            os.path.join(folder, "my.cnf"),
            f'[client]\nuser="{self.target.user}"\npassword="{password}"\n',
        )
        with open(folder + "/observer.pm", "wb") as module:
            for part in ("oscar_observer.pm", "oscar_events.pm", "oscar_table_watch.pm"):
                with open(os.path.join(ROOT, "host/observer", part), "rb") as source:
                    shutil.copyfileobj(source, module)
        os.mkdir(os.path.join(folder, "control"))
        with open(os.path.join(folder, "output.log"), "wb") as log:
            return subprocess.Popen(
                [part.replace("{run_dir}", folder) for part in argv],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )


def pairs(bench, tables, count):
    """Ratios managed / bare, alternating which goes first, and the managed walls."""
    bench.managed(tables)  # the first rebuild finds the server's buffers cold; it belongs to nobody
    ratios, walls, cpu = [], [], []
    for number in range(count):
        order = (bench.managed, bench.bare) if number % 2 == 0 else (bench.bare, bench.managed)
        seconds = {}
        for action in order:
            before = cpu_seconds(bench.oscard.pid)
            seconds[action.__name__], _ = timed(lambda action=action: action(tables))
            if action == bench.managed:
                cpu.append((cpu_seconds(bench.oscard.pid) - before) / seconds["managed"])
        ratios.append(seconds["managed"] / seconds["bare"])
        walls.append(seconds["managed"])
        print(f"  pair {number + 1}: managed {seconds['managed']:.2f} s, bare {seconds['bare']:.2f} s")
    return ratios, walls, cpu


def main():
    figures = Figures("managed against bare")
    with MariaDb() as server, tempfile.TemporaryDirectory() as folder:
        settings = {"executions": {"max_per_server": 20}}
        with Oscard(folder, settings=settings) as oscard:
            target = Target(server)
            bench = Bench(oscard, target)
            figures.add("resident memory, idle", oscard.memory_kib() / 1024, "MiB", 64)
            table = target.make_table(rows=ROWS)
            ratios, walls, cpu = pairs(bench, [table], PAIRS)
            figures.add(f"managed / bare, {ROWS} rows, median", median(ratios), "", 1.02, samples=ratios)
            figures.add("managed run, median", median(walls), "s")
            figures.add("oscard's CPU during a run", 100 * median(cpu), "%", 3)
            tables = [target.make_table(f"t{i}", rows=ROWS // 4) for i in range(TOGETHER)]
            ratios, _, cpu = pairs(bench, tables, PAIRS)
            figures.add("ten at once / ten bare, median", median(ratios), "", 1.05, samples=ratios)
            figures.add("oscard's CPU during ten runs", 100 * median(cpu), "%")
            figures.add("resident memory, after ten runs", oscard.memory_kib() / 1024, "MiB", 96)
    figures.write()


if __name__ == "__main__":
    main()
