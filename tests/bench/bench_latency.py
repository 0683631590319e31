"""Latencies: parse and preview, start to healthy, and from a line of output to the WebSocket."""

import http.client
import json
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


def post_seconds(admin, path, body):
    """How long each of CALLS requests took on one connection, as a browser keeps it open; nothing of
    the tests' own checks is in it."""
    link = http.client.HTTPConnection("127.0.0.1", admin.port, timeout=30)
    headers = {"Authorization": f"Bearer {admin.token}", "Content-Type": "application/json"}
    payload = json.dumps(body).encode()

    def call():
        link.request("POST", path, payload, headers)
        answer = link.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()

    call()
    seconds = [timed(call)[0] for _ in range(CALLS)]
    link.close()
    return seconds


def request_latencies(figures, admin, connection, target, table):
    ddl = "ADD COLUMN a VARCHAR(20) NOT NULL DEFAULT 'x' COMMENT '说明', ADD INDEX i (a), MODIFY note VARCHAR(200)"
    parse = post_seconds(admin, "/api/v1/tools/ddl/parse", {"ddl": ddl})
    preview = post_seconds(
        admin, "/api/v1/tools/ddl/preview", request_body(connection, target, table, ddl)
    )
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
