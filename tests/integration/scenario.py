"""Steps that the integration tests share: tables, connections, executions."""

import glob
import os
import secrets
import time

from processes import wait_for

FINAL = ("completed", "failed", "cancelled")
# What an option file, a shell, SQL and JSON each find hard to quote.
HARD_PASSWORD = "p'a\"s#s;w\\o $r`d=é" + secrets.token_hex(6)

# Slow enough to be met in the middle of the copy, on any machine: 200 rows, then a pause.
SLOW = {"chunk_size": 200, "extra": {"sleep": "0.1"}}


class Target:
    """A database server that executions change, with a schema and an account of its own."""

    def __init__(self, server, database=None, password=HARD_PASSWORD):
        self.server = server
        self.database = database or "shop_" + secrets.token_hex(3)
        self.user = "app_" + secrets.token_hex(3)
        self.password = password
        quoted = password.replace("\\", "\\\\").replace("'", "\\'")
        server.sql(
            f"CREATE DATABASE `{self.database}` CHARACTER SET utf8mb4;"
            f"CREATE USER {self.user}@'%' IDENTIFIED BY '{quoted}';"
            f"GRANT ALL ON *.* TO {self.user}@'%';"
        )

    def sql(self, text):
        return self.server.sql(text, self.database)

    def rows(self, text):
        return self.server.rows(text, self.database)

    def value(self, text):
        return self.server.value(text, self.database)

    def make_table(self, name="orders", rows=20_000):
        """A table with text, decimals and Chinese comments, and honest statistics."""
        digits = "(SELECT 0 d" + "".join(f" UNION ALL SELECT {i}" for i in range(1, 10)) + ")"
        self.sql(
            f"CREATE TABLE `{name}` (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,"
            " customer_id INT NOT NULL, status VARCHAR(20) NOT NULL DEFAULT 'new' COMMENT '状态',"
            " amount DECIMAL(10,2) NOT NULL, note VARCHAR(100), created_at DATETIME NOT NULL,"
            " KEY idx_customer (customer_id)) ENGINE=InnoDB COMMENT='订单';"
            f"INSERT INTO `{name}` (customer_id, status, amount, note, created_at)"
            " SELECT n % 997, ELT(1 + n % 3, 'new', 'paid', 'done'), n % 10000 / 100,"
            " IF(n % 7 = 0, '请送货上门 🚚', NULL), '2024-01-01' + INTERVAL n MINUTE FROM (SELECT"
            " a.d + 10*b.d + 100*c.d + 1000*d.d + 10000*e.d + 100000*f.d + 1 n FROM"
            f" {digits} a, {digits} b, {digits} c, {digits} d, {digits} e, {digits} f) x"
            f" WHERE n <= {rows} ORDER BY n; ANALYZE TABLE `{name}`;"
        )
        return name

    def checksum(self, table, columns="id, customer_id, status, amount, note, created_at"):
        """One value for all the data of these columns, whatever the table's other columns."""
        return self.rows(
            f"SELECT COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS('|', {columns}))), 0) FROM `{table}`"
        )[0]

    def columns(self, table):
        return [row[0] for row in self.rows(f"SHOW COLUMNS FROM `{table}`")]

    def leftovers(self):
        return self.server.leftovers(self.database)

    def connection_body(self, **more):
        body = {
            "name": "c-" + secrets.token_hex(4),
            "environment": "test",
            "host": "127.0.0.1",
            "port": self.server.port,
            "username": self.user,
            "password": self.password,
            "database_name": self.database,
        }
        return {**body, **more}

    def connect(self, client, **more):
        """Saves a connection and returns its id."""
        return client.post("/api/v1/connections", self.connection_body(**more)).ok().data["id"]


def request_body(connection_id, target, table, ddl, **more):
    """The body of POST /executions. `ddl` None means 碎片整理."""
    body = {
        "connection_id": connection_id,
        "database_name": target.database,
        "table_name": table,
        "ddl_type": "custom" if ddl else "fragment",
    }
    if ddl:
        body["original_ddl"] = ddl
    return {**body, **more}


def submit(client, connection_id, target, table, ddl, **more):
    """Submits and returns the execution."""
    body = request_body(connection_id, target, table, ddl, **more)
    return client.post("/api/v1/executions", body).ok().data


def detail(client, execution_id):
    return client.get(f"/api/v1/executions/{execution_id}").ok().data


def wait_final(client, execution_id, timeout_s=120):
    """The execution once it has ended, however."""

    def ended():
        found = detail(client, execution_id)
        return found if found["status"] in FINAL else None

    return wait_for(ended, timeout_s, f"execution {execution_id} ends", 0.1)


def wait_copying(client, execution_id, rows=1, timeout_s=60):
    """The execution once it copies and has copied at least so many rows."""

    def copying():
        found = detail(client, execution_id)
        assert found["status"] not in FINAL, f"ended early: {found['status']} {found['error_message']}"
        copied = found["stage"] == "copying_data" and found["processed_rows"] >= rows
        return found if copied else None

    return wait_for(copying, timeout_s, f"execution {execution_id} copies", 0.05)


def all_lines(client, execution_id):
    """Every log line, page by page, checked to be numbered without a gap."""
    lines, start = [], 1
    while True:
        query = {"from_line": start, "limit": 500}
        page = client.get(f"/api/v1/executions/{execution_id}/logs", **query).ok().data
        lines += page["lines"]
        if not page["lines"] or page["next_line"] > page["last_line"]:
            break
        start = page["next_line"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    return [line["text"] for line in lines]


def output_lines(oscard, run_folder):
    """What pt-osc printed, as the run folder kept it, without the observer's own lines."""
    with open(os.path.join(run_folder, "output.log"), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if not line.startswith("#oscar ")]


def wait_gone(condition, timeout_s=20):
    """Waits until `condition()` is empty and returns it, for an assertion that shows the rest."""
    deadline = time.monotonic() + timeout_s
    while (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def tool_pids(run):
    """The processes whose command line names the run's observer: pt-osc itself."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                argv = file.read()
        except OSError:
            continue
        if f"{run}observer.pm".encode() in argv:
            found.append(int(path.split("/")[2]))
    assert found
    return found
