"""What pt-osc would copy wrongly, lose, or notice too late: found before anything starts."""

import pytest

from scenario import Target, request_body, submit, wait_final

ROWS = (
    "INSERT INTO t WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 200)"
    " SELECT x, IF(x > 150, NULL, x), 'abcdefgh' FROM n;"
)


@pytest.fixture(scope="module")
def place(sqlite_oscard, mariadb):
    target = Target(mariadb)
    admin = sqlite_oscard.admin()
    target.sql(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(20));" + ROWS
        + "CREATE TABLE p (id INT PRIMARY KEY); INSERT INTO p VALUES (1), (2);"
        "CREATE TABLE g (id INT PRIMARY KEY, a INT, s INT AS (a + 1) STORED);"
        "INSERT INTO g (id, a) VALUES (1, 1);"
        "CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id));"
    )
    return admin, target, target.connect(admin)


def post(place, table, ddl, path="/api/v1/executions", **more):
    admin, target, connection = place
    return admin.post(path, request_body(connection, target, table, ddl, **more))


# (table, ddl, code of the finding that refuses)
REFUSED = [
    ("t", "DROP COLUMN a, ADD COLUMN A INT DEFAULT 9", "reused_column_name"),
    ("t", "CHANGE a c INT, ADD COLUMN a INT DEFAULT 7", "reused_column_name"),
    ("t", "ADD COLUMN z INT NOT NULL", "no_default"),
    ("t", "MODIFY a INT NOT NULL", "null_values"),
    ("t", "ADD FOREIGN KEY (a) REFERENCES p (id)", "orphan_rows"),
    ("t", "ADD FOREIGN KEY (a) REFERENCES t (id)", "self_reference"),
    ("t", "MODIFY b VARCHAR(3), ADD CHECK (a > 0)", "constraint_with_lossy_change"),
    ("t", "ADD z VARCHAR(40) DEFAULT 'CHANGE `x.a` `b` x'", "false_rename"),
    ("g", "MODIFY s INT", "generated_to_plain"),
    ("tree", "ADD COLUMN z INT", "self_reference"),
]


@pytest.mark.parametrize("table, ddl, code", REFUSED)
def test_refused_with_a_reason_and_nothing_to_confirm(place, table, ddl, code):
    _, target, _ = place
    answer = post(place, table, ddl, confirm_text=f"{target.database}.{table}")
    assert answer.status == 409, answer
    refusing = {f["code"]: f["text"] for f in answer.data["findings"] if f["severity"] == "refuse"}
    assert code in refusing, refusing
    assert isinstance(refusing[code], str)
    assert "confirm_text" not in answer.data


def test_orphans_are_counted_and_shown(place):
    answer = post(place, "t", "ADD FOREIGN KEY (a) REFERENCES p (id)")
    found = next(f for f in answer.data["findings"] if f["code"] == "orphan_rows")
    assert found["details"]["count"] == 148
    assert "'3'" in found["details"]["examples"]


def test_what_cannot_be_proven_is_confirmed_and_then_loses_nothing(place):
    admin, target, connection = place
    target.sql("CREATE TABLE r LIKE t; INSERT INTO r SELECT * FROM t;")
    ddl = "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (150))"
    assert post(place, "r", ddl).status == 400
    execution = submit(admin, connection, target, "r", ddl, confirm_text=f"{target.database}.r")
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "failed", ended
    assert target.value("SELECT COUNT(*) FROM r") == "200"


def test_rejected_rows_are_seen_even_where_the_server_keeps_no_warnings(place):
    admin, target, connection = place
    target.sql("CREATE TABLE w LIKE t; INSERT INTO w SELECT * FROM t;")
    before = target.value("SELECT @@GLOBAL.max_error_count")
    target.sql("SET GLOBAL max_error_count = 0")
    try:
        execution = submit(admin, connection, target, "w", "ADD CHECK (id < 150)",
                           confirm_text=f"{target.database}.w")
        assert wait_final(admin, execution["id"])["status"] == "failed"
        assert target.value("SELECT COUNT(*) FROM w") == "200"
    finally:
        target.sql(f"SET GLOBAL max_error_count = {before}")


def test_all_wrong_fields_are_named_at_once(place):
    admin, target, connection = place
    body = request_body(connection, target, "a\nb", "ADD COLUMN z INT")
    body["backend"] = 7
    body["nonsense"] = 1
    body["execution_params"] = {"chunk_size": "many", "max_load": "Threads_running=x",
                                "extra": {"password": "x"}}
    answer = admin.post("/api/v1/executions", body)
    assert answer.status == 400, answer
    fields = {field["field"] for field in answer.data["fields"]}
    assert fields >= {"table_name", "backend", "nonsense", "execution_params.chunk_size",
                      "execution_params.max_load", "execution_params.extra.password"}


def test_unknown_charset_is_a_wrong_field(place):
    body_params = {"charset": "klingon"}
    answer = post(place, "t", "ADD COLUMN z INT", execution_params=body_params)
    assert answer.status == 400, answer
    assert [field["field"] for field in answer.data["fields"]] == ["execution_params.charset"]


def test_date_alone_includes_its_day(place):
    admin, target, connection = place
    target.sql("CREATE TABLE today LIKE t")
    execution = submit(admin, connection, target, "today", "ADD COLUMN z INT")
    wait_final(admin, execution["id"])
    day = execution["created_at"][:10]
    for query in ({"to": day}, {"from": day, "to": day}):
        listed = admin.get("/api/v1/executions", table_name="today", **query).ok().data
        assert listed["total"] == 1, query
    assert admin.get("/api/v1/executions", table_name="today", to=day + "T00:00:00Z").data["total"] == 0


def test_refusals_are_audited(place):
    admin, _, _ = place
    post(place, "t", "ADD COLUMN z INT NOT NULL")
    entries = admin.get("/api/v1/audit-logs", page_size=5).ok().data["items"]
    assert any("409" in str(entry) for entry in entries), entries
