"""Lists and details with 100 000 executions stored, 20 clients at once (wrk), on both stores."""

import os
import re
import sqlite3
import subprocess
import tempfile

from figures import Figures

from lab import MariaDb
from oscard import Oscard
from scenario import Target, submit, wait_final

STORED = int(os.environ.get("OSCAR_BENCH_STORED", "100000"))
SECONDS = 10
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
        "haystack": "lower(database_name || '.' || table_name || ' ' || original_ddl)",
    },
    "mariadb": {
        "series": "",
        "from": "(SELECT seq AS n FROM seq_1_to_{stored}) s",
        "id": "UUID()",
        "created_at": "e.created_at - INTERVAL s.n MINUTE",
        "table_name": "CONCAT('table_', s.n % 500)",
        "pick": "CASE s.n % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' ELSE 'completed' END",
        "user": "CONCAT('user', s.n % 20)",
        "haystack": "LOWER(CONCAT(database_name, '.', table_name, ' ', original_ddl))",
    },
}


def filling(dialect, columns):
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
    return statements + ["UPDATE execution_counters SET changes = changes + 1"]


def fill_sqlite(oscard):
    path = next(os.path.join(oscard.data, n) for n in os.listdir(oscard.data) if n.endswith(".db"))
    with sqlite3.connect(path) as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(execution_records)")]
        for statement in filling("sqlite", columns):
            store.execute(statement)


def fill_mariadb(server, database):
    columns = [row[0] for row in server.rows("SHOW COLUMNS FROM execution_records", database)]
    for statement in filling("mariadb", columns):
        server.sql(statement, database, timeout_s=600)
    server.sql("ANALYZE TABLE execution_records, execution_search", database)


def wrk(admin, path):
    """(p99 in ms, requests per second) of 20 clients."""
    argv = ["wrk", "--threads=2", "--connections=20", f"--duration={SECONDS}s", "--latency"]
    argv += ["--header", f"Authorization: Bearer {admin.token}"]
    text = subprocess.run(
        [*argv, f"http://127.0.0.1:{admin.port}{path}"], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in text, text
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(value) * UNITS[unit], float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def measure(figures, store, oscard, number):
    admin = oscard.admin()
    total = admin.get("/api/v1/executions").ok().data["total"]
    assert total == STORED + 1, total
    base = "/api/v1/executions"
    paths = {
        "first page": base,
        "page 1000": f"{base}?page=1000",
        "by status": f"{base}?status=failed",
        "by table": f"{base}?table_name=table_7",
        "by user and type": f"{base}?created_by=user3&ddl_type=add_column",
        "keyword": f"{base}?keyword=table_77",
        "statistics": f"{base}/statistics",
        "statistics, filtered": f"{base}/statistics?status=completed&created_by=user3",
        "detail": f"{base}/{number}",
        "log": f"{base}/{number}/logs",
    }
    for name, path in paths.items():
        p99, rate = wrk(admin, path)
        figures.add(f"{store}: {name}, p99 at 20 clients", p99, "ms", 50, per_second=rate)


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
                execution = submit(admin, target.connect(admin), target,
                                   target.make_table(rows=10), "ADD COLUMN b INT")
                number = wait_final(admin, execution["id"])["number"]
                oscard.stop()
                fill_sqlite(oscard) if store == "sqlite" else fill_mariadb(server, "store")
                oscard.start()
                measure(figures, store, oscard, number)
    figures.write()


if __name__ == "__main__":
    main()
