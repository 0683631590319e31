"""Latencies: parse and preview, start to healthy, and from a line of output to the WebSocket."""

import os
import stat
import tempfile
import time

from figures import Figures, percentile, timed

from lab import MariaDb, pt_osc
from oscard import Oscard
from scenario import Target, request_body, submit

CALLS = 500
# Answers as the real tool does about itself, then prints the time in nanoseconds instead of working.
STAND_IN = """#!/bin/sh
case " $* " in *" --version "*|*" --help "*) exec {tool} "$@";; esac
i=0
while [ $i -lt 200 ]; do echo "at $(date +%s%N)"; sleep 0.05; i=$((i+1)); done
"""


def request_latencies(figures, admin, connection, target, table):
    ddl = "ADD COLUMN a VARCHAR(20) NOT NULL DEFAULT 'x' COMMENT '说明', ADD INDEX i (a), MODIFY note VARCHAR(200)"
    parse = [
        timed(lambda: admin.post("/api/v1/tools/ddl/parse", {"ddl": ddl}).ok())[0] for _ in range(CALLS)
    ]
    body = request_body(connection, target, table, ddl)
    preview = [
        timed(lambda: admin.post("/api/v1/tools/ddl/preview", body).ok())[0] for _ in range(CALLS)
    ]
    figures.add("parse, p99", 1000 * percentile(parse, 0.99), "ms", 5)
    figures.add("preview, p99", 1000 * percentile(preview, 0.99), "ms", 5)
    figures.add("preview, median", 1000 * percentile(preview, 0.5), "ms")


def push_latency(figures, server, folder):
    tool = os.path.join(folder, "stand-in")
    with open(tool, "w", encoding="ascii") as file:
        file.write(STAND_IN.format(tool=pt_osc("3.2")))
    os.chmod(tool, stat.S_IRWXU)
    with Oscard(os.path.join(folder, "b"), tool=tool) as oscard:
        target, admin = Target(server), oscard.admin()
        connection, table = target.connect(admin), target.make_table(rows=10)
        execution = submit(admin, connection, target, table, "ADD COLUMN b INT")
        late = []
        with oscard.websocket(admin, execution["id"], from_line=1) as socket:
            for message in socket.messages(60):
                now = time.time_ns()
                lines = message["data"]["lines"] if message["type"] == "log" else []
                late += [(now - int(x["text"][3:])) / 1e6 for x in lines if x["text"].startswith("at ")]
        figures.add("line of output to WebSocket, p99", percentile(late, 0.99), "ms", 100)
        figures.add("line of output to WebSocket, median", percentile(late, 0.5), "ms")


def main():
    figures = Figures("latencies")
    with MariaDb() as server, tempfile.TemporaryDirectory() as folder:
        with Oscard(os.path.join(folder, "a")) as oscard:
            target, admin = Target(server), oscard.admin()
            connection, table = target.connect(admin), target.make_table(rows=1000)
            request_latencies(figures, admin, connection, target, table)
            starts = []
            for _ in range(5):
                oscard.stop()
                starts.append(timed(oscard.start)[0])
            figures.add("start to healthy, worst of 5", max(starts), "s", 1)
        push_latency(figures, server, folder)
    figures.write()


if __name__ == "__main__":
    main()
