"""POST /tools/ddl/parse and the preview, as the issue has them."""

import subprocess

import pytest

from scenario import Target, request_body

CASES = [
    ("ADD COLUMN a INT", ["add_column"], "add_column", False),
    ("ALTER TABLE orders ADD a INT, DROP COLUMN b;", ["add_column", "drop_column"], None, True),
    ("ADD (a INT, b INT)", ["add_column", "add_column"], "add_column", False),
    ("MODIFY a BIGINT", ["modify_column"], "modify_column", None),
    ("ADD INDEX i (a)", ["add_index"], "add_index", False),
    ("DROP INDEX i", ["drop_index"], "drop_index", True),
    ("ENGINE=InnoDB", ["engine"], None, False),
    ("CONVERT TO CHARACTER SET utf8mb4", ["charset"], "other", None),
]


@pytest.mark.parametrize("ddl, kinds, ddl_type, dangerous", CASES)
def test_valid_statements(admin, ddl, kinds, ddl_type, dangerous):
    parsed = admin.post("/api/v1/tools/ddl/parse", {"ddl": ddl}).ok().data
    assert parsed["valid"] is True and parsed["error"] is None
    assert [clause["kind"] for clause in parsed["clauses"]] == kinds
    assert ddl_type is None or parsed["ddl_type"] == ddl_type
    assert dangerous is None or parsed["dangerous"] is dangerous
    for clause in parsed["clauses"]:
        assert 0 <= clause["start"] < clause["end"] <= len(ddl.encode())


def test_error_has_a_place(admin):
    parsed = admin.post("/api/v1/tools/ddl/parse", {"ddl": "ADD COLUMN a INT,\n  DROP"}).ok().data
    assert parsed["valid"] is False
    assert parsed["error"]["line"] == 2
    assert parsed["error"]["message"] and parsed["error"]["expected"]


def test_preview_is_the_argv_that_would_run(sqlite_oscard, mariadb):
    target = Target(mariadb)
    admin = sqlite_oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=100)
    ddl = "ADD COLUMN `it's` VARCHAR(9) DEFAULT '$(touch x) \"q\" \\\\ ☎'"
    params = {"chunk_size": 777, "max_load": "Threads_running:30,Threads_connected=900",
              "critical_load": "Threads_running=99", "lock_wait_timeout": 7, "charset": "utf8mb4"}
    body = request_body(connection, target, table, ddl, execution_params=params)
    preview = admin.post("/api/v1/tools/ddl/preview", body).ok().data
    argv = preview["argv"]
    assert any(ddl in part for part in argv)
    assert target.password not in str(preview)
    assert "--execute" in argv
    assert any("777" in part for part in argv)
    # What the command shows, read by a shell, is the argv again but for the shown secrets.
    script = "printf '%s\\0' " + preview["command"]
    read = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    shown = read.decode().split("\0")[:-1]
    assert [part for part in shown if "=***" not in part] == argv
