"""Lists and details with 100 000 executions stored, 20 clients at once (wrk), on both stores.

Beside each p99 stands what one request cost in CPU time, oscard's and the database server's: a busy
machine makes every latency longer, but not that.
"""

import os
import re
import sqlite3
import subprocess
import tempfile
import time

from figures import Figures, cpu_seconds

from lab import MariaDb
from oscard import Oscard
from scenario import Target, submit, wait_final

STORED = int(os.environ.get("OSCAR_BENCH_STORED", "100000"))
SECONDS = int(os.environ.get("OSCAR_BENCH_SECONDS", "10"))
# Only the paths whose name matches this regular expression.
ONLY = os.environ.get("OSCAR_BENCH_ONLY", "")
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}

# What differs between the copies of the one real execution; {n} counts from 1.
DIALECTS = {
    "sqlite": {
        "series": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {stored})",
        "from": "s",
        "id": "lower(hex(randomblob(16)))",
        "created_at": "e.created_at - s.n * 60000",
        "table_name": "'table_' || (s.n % 500)",
        "pick": "CASE s.n % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'completed' END",
        "user": "'user' || (s.n % 20)",
        "action": "CASE s.n % 7 WHEN 0 THEN 'execution.stop' ELSE 'execution.submit' END",
        "name": "'c' || s.n",
        "haystack": "lower(database_name || '.' || table_name || char(10) || original_ddl)",
    },
    "mariadb": {
        "series": "",
        "from": "(SELECT seq AS n FROM seq_1_to_{stored}) s",
        "id": "UUID()",
        "created_at": "e.created_at - INTERVAL s.n MINUTE",
        "table_name": "CONCAT('table_', s.n % 500)",
        "pick": "CASE s.n % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'completed' END",
        "user": "CONCAT('user', s.n % 20)",
        "action": "CASE s.n % 7 WHEN 0 THEN 'execution.stop' ELSE 'execution.submit' END",
        "name": "CONCAT('c', s.n)",
        "haystack": "LOWER(CONCAT(database_name, '.', table_name, CHAR(10), original_ddl))",
    },
}


def filling(dialect, columns, connection_columns):
    """The statements that turn one execution into STORED + 1."""
    d = {key: text.format(stored=STORED, n="{n}") for key, text in DIALECTS[dialect].items()}
    values = {
        "id": d["id"], "created_at": d["created_at"], "table_name": d["table_name"],
        "status": d["pick"], "created_by": d["user"],
    }
    columns = [name for name in columns if name != "number"]
    chosen = ", ".join(values.get(name, f"e.{name}") for name in columns)
    insert = f"INSERT INTO execution_records ({', '.join(columns)})"
    select = f"SELECT {chosen} FROM (SELECT * FROM execution_records LIMIT 1) e, {d['from']}"
    statements = [f"{d['series']} {insert} {select}" if d["series"] else f"{insert} {select}"]
    statements.append(
        f"INSERT INTO execution_search (number, haystack) SELECT number, {d['haystack']} FROM"
        " execution_records WHERE number NOT IN (SELECT number FROM execution_search)"
    )
    for column, total in (("executions", "COUNT(*)"), ("durations", "COUNT(duration_seconds)"),
                          ("duration_seconds", "COALESCE(SUM(duration_seconds), 0)")):
        statements.append(
            f"UPDATE execution_counters SET {column} = (SELECT {total} FROM execution_records r"
            " WHERE r.status = execution_counters.status)"
        )
    statements.append("UPDATE execution_counters SET changes = changes + 1")
    audit = (
        "INSERT INTO audit_logs (username, action, resource_type, resource_id, request_data,"
        f" user_agent, created_at) SELECT {d['user']}, {d['action']}, 'execution', e.id,"
        f" '{{{{\"reason\": \"bench\"}}}}', 'bench', {d['created_at']}"
        f" FROM (SELECT * FROM execution_records LIMIT 1) e, {d['from']}"
    ).replace("{{", "{").replace("}}", "}")
    statements.append(f"{d['series']} {audit}" if d["series"] else audit)
    connections = (
        f"INSERT INTO connections ({', '.join(connection_columns)}) SELECT "
        + ", ".join({"id": d["id"], "name": d["name"], "unique_name": d["name"]}.get(c, f"c.{c}")
                    for c in connection_columns)
        + f" FROM (SELECT * FROM connections LIMIT 1) c, {d['from']} WHERE s.n <= 300"
    )
    return statements + [f"{d['series']} {connections}" if d["series"] else connections]


def fill_sqlite(oscard):
    path = next(os.path.join(oscard.data, n) for n in os.listdir(oscard.data) if n.endswith(".db"))
    with sqlite3.connect(path) as store:
        columns, connection_columns = (
            [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
            for table in ("execution_records", "connections")
        )
        for statement in filling("sqlite", columns, connection_columns):
            store.execute(statement)


def fill_mariadb(server, database):
    columns, connection_columns = (
        [row[0] for row in server.rows(f"SHOW COLUMNS FROM {table}", database)]
        for table in ("execution_records", "connections")
    )
    for statement in filling("mariadb", columns, connection_columns):
        server.sql(statement, database, timeout_s=600)
    server.sql("ANALYZE TABLE execution_records, execution_search, audit_logs", database)


# Every request asks for something else, as no cache knows it: {time} is a moment in the range of
# the executions, {1-500} a number.
LUA = """
local template = "%s"
local first, last = %d, %d
math.randomseed(tonumber(tostring({}):match("0x(%%x+)"), 16) %% 2147483647)
local function pick(low, high) return tostring(math.random(tonumber(low), tonumber(high))) end
local function moment() return os.date("!%%Y-%%m-%%dT%%H:%%M:%%SZ", math.random(first, last)) end
request = function()
  return wrk.format("GET", (template:gsub("{time}", moment):gsub("{(%%d+)-(%%d+)}", pick)))
end
"""


def wrk(admin, path, folder):
    """(p99 in ms, requests per second, requests) of 20 clients."""
    script = os.path.join(folder, "requests.lua")
    last = int(time.time())
    with open(script, "w", encoding="ascii") as file:
        file.write(LUA % (path, last - STORED * 60, last))
    argv = ["wrk", "--threads=2", "--connections=20", f"--duration={SECONDS}s", "--latency"]
    argv += ["--timeout=30s", "--header", f"Authorization: Bearer {admin.token}", "--script", script]
    text = subprocess.run(
        [*argv, f"http://127.0.0.1:{admin.port}"], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in text and "Socket errors" not in text, text
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    return float(value) * UNITS[unit], rate, int(re.search(r"(\d+) requests in", text)[1])


def paths_of(number, connection):
    base = "/api/v1/executions"
    return {
        "first page": base,
        "200 a page": f"{base}?page_size=200",
        "page 1000": f"{base}?page=1000",
        "any page": f"{base}?page={{1-5000}}",
        "older than": f"{base}?before_number={{1-{STORED}}}",
        "by status": f"{base}?status=failed",
        "by status, any page": f"{base}?status=failed,cancelled&page={{1-900}}",
        "waiting and running": f"{base}?status=pending,running",
        "by table": f"{base}?table_name=table_7",
        "by any table": f"{base}?table_name=table_{{1-500}}",
        "by database, any page": f"{base}?database_name=shop&page={{1-5000}}",
        "by connection, any page": f"{base}?connection_id={connection}&page={{1-5000}}",
        "by user and type": f"{base}?created_by=user3&ddl_type=add_column",
        "by any user and type": f"{base}?created_by=user{{1-19}}&ddl_type=add_column&page={{1-200}}",
        "since any moment": f"{base}?from={{time}}",
        "since any moment, failed": f"{base}?from={{time}}&status=failed&created_by=user{{1-19}}",
        "before any moment": f"{base}?to={{time}}",
        "between moments, by table": f"{base}?from={{time}}&to={{time}}&table_name=table_{{1-500}}",
        "keyword": f"{base}?keyword=table_77",
        "any keyword": f"{base}?keyword=e_{{1-500}}",
        "any short keyword": f"{base}?keyword={{1-99}}",
        "keyword in every DDL": f"{base}?keyword=add&page={{1-5000}}",
        "keyword, user and time": f"{base}?keyword=e_{{1-500}}&created_by=user3&from={{time}}",
        "statistics": f"{base}/statistics",
        "statistics, filtered": f"{base}/statistics?status=completed&created_by=user3",
        "statistics since any moment": f"{base}/statistics?from={{time}}",
        "statistics of any keyword": f"{base}/statistics?keyword=e_{{1-500}}",
        "detail": f"{base}/{number}",
        "any detail": f"{base}/{{{number}-{number + STORED - 1}}}",
        "log": f"{base}/{number}/logs",
        "audit log": "/api/v1/audit-logs",
        "audit log, any page": "/api/v1/audit-logs?page={1-5000}",
        "audit log, by user and action": "/api/v1/audit-logs?username=user3&action=execution.stop",
        "audit log, any user, any page": "/api/v1/audit-logs?username=user{1-19}&page={1-200}",
        "audit log since any moment": "/api/v1/audit-logs?from={time}",
        "audit log since any moment, by user":
            "/api/v1/audit-logs?from={time}&username=user{1-19}",
        "connections": "/api/v1/connections?page_size=100",
        "connections, keyword": "/api/v1/connections?keyword=c{1-99}",
        "users": "/api/v1/users",
    }


def measure(figures, store, oscard, server, folder, number, connection):
    admin = oscard.admin()
    total = admin.get("/api/v1/executions").ok().data["total"]
    assert total == STORED + 1, total
    processes = {"oscard": oscard.pid} | ({"server": server.pid} if store == "mariadb" else {})
    for name, path in paths_of(number, connection).items():
        if not re.search(ONLY, name):
            continue
        before = {process: cpu_seconds(pid) for process, pid in processes.items()}
        p99, rate, requests = wrk(admin, path, folder)
        cost = {
            f"{process}_cpu_ms": 1000 * (cpu_seconds(pid) - before[process]) / max(1, requests)
            for process, pid in processes.items()
        }
        figures.add(f"{store}: {name}, p99 at 20 clients", p99, "ms", 50, per_second=rate, **cost)
        shown = ", ".join(f"{key[:-7]} {value:.2f} ms" for key, value in cost.items())
        print(f"  {rate:.0f} a second; CPU of a request: {shown}", flush=True)
    figures.add(f"{store}: resident memory, lists in use", oscard.memory_kib() / 1024, "MiB")


def main():
    figures = Figures(f"lists with {STORED} executions")
    with MariaDb() as server, tempfile.TemporaryDirectory() as folder:
        server.sql("CREATE DATABASE store; CREATE USER o@'%' IDENTIFIED BY 'pw';"
                   "GRANT ALL ON store.* TO o@'%'")
        for store in ("sqlite", "mariadb"):
            url = "sqlite" if store == "sqlite" else f"mysql://o@127.0.0.1:{server.port}/store"
            password = "" if store == "sqlite" else "pw"
            with Oscard(os.path.join(folder, store), store_url=url, store_password=password) as oscard:
                target, admin = Target(server), oscard.admin()
                connection = target.connect(admin)
                execution = submit(admin, connection, target,
                                   target.make_table(rows=10), "ADD COLUMN b INT")
                number = wait_final(admin, execution["id"])["number"]
                oscard.stop()
                fill_sqlite(oscard) if store == "sqlite" else fill_mariadb(server, "store")
                oscard.start()
                measure(figures, store, oscard, server, folder, number, connection)
    figures.write()


if __name__ == "__main__":
    main()
