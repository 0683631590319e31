"""What is asked twice, and what is refused before anything starts."""

import pytest

from processes import wait_for
from scenario import Target, request_body, submit, wait_final


@pytest.fixture(scope="module")
def place(sqlite_oscard, mariadb):
    target = Target(mariadb)
    admin = sqlite_oscard.admin()
    target.make_table("orders", rows=300)
    target.sql(
        "CREATE TABLE dup (id INT PRIMARY KEY, a INT, name VARCHAR(30));"
        "INSERT INTO dup VALUES (1, 5, 'x'), (2, 5, 'y'), (3, 6, 'z');"
        "CREATE TABLE nokey (a INT); INSERT INTO nokey VALUES (1);"
        "CREATE TABLE trig (id INT PRIMARY KEY); "
        "CREATE TRIGGER tr BEFORE INSERT ON trig FOR EACH ROW SET NEW.id = NEW.id;"
        "CREATE TABLE parent (id INT PRIMARY KEY);"
        "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id));"
        "CREATE VIEW seen AS SELECT 1 AS one;"
        "CREATE TABLE versioned (id INT PRIMARY KEY) WITH SYSTEM VERSIONING;"
    )
    return admin, target, target.connect(admin)


def post(place, table, ddl, **more):
    admin, target, connection = place
    return admin.post("/api/v1/executions", request_body(connection, target, table, ddl, **more))


DANGEROUS = [
    "DROP COLUMN note",
    "ADD COLUMN x INT, DROP COLUMN note",
    "DROP INDEX idx_customer",
    "DROP PRIMARY KEY, ADD PRIMARY KEY (id, customer_id)",
    "ADD UNIQUE INDEX u (id)",
    "MODIFY status VARCHAR(5) NOT NULL",
    "MODIFY amount INT NOT NULL",
    "CHANGE note remark VARCHAR(100)",
]


@pytest.mark.parametrize("ddl", DANGEROUS)
def test_danger_needs_the_confirmation_text(place, ddl):
    admin, target, connection = place
    answer = post(place, "orders", ddl)
    assert answer.status == 400, answer
    assert f"{target.database}.orders" in answer.text
    wrong = post(place, "orders", ddl, confirm_text="orders")
    assert wrong.status == 400, wrong
    preview = admin.post(
        "/api/v1/tools/ddl/preview", request_body(connection, target, "orders", ddl)
    ).ok().data
    assert preview["confirm_text"] == f"{target.database}.orders"
    assert any(finding["severity"] == "confirm" for finding in preview["findings"])


def test_confirmed_danger_runs(place):
    admin, target, connection = place
    target.make_table("doomed", rows=100)
    execution = submit(admin, connection, target, "doomed", "DROP COLUMN note",
                       confirm_text=f"{target.database}.doomed")
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert "note" not in target.columns("doomed")


def test_confirmed_rename_keeps_the_data(place):
    admin, target, connection = place
    target.make_table("renamed", rows=500)
    before = target.checksum("renamed")
    execution = submit(admin, connection, target, "renamed", "CHANGE note remark VARCHAR(100)",
                       confirm_text=f"{target.database}.renamed")
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    columns = "id, customer_id, status, amount, remark, created_at"
    assert target.checksum("renamed", columns) == before


def test_confirmed_unique_key_runs(place):
    admin, target, connection = place
    target.make_table("uniq", rows=500)
    execution = submit(admin, connection, target, "uniq", "ADD UNIQUE INDEX u (created_at)",
                       confirm_text=f"{target.database}.uniq")
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert target.value("SELECT COUNT(*) FROM uniq") == "500"


# (table, ddl, a word that the message must hold): not even a confirmation helps.
REFUSED = [
    ("orders", "RENAME COLUMN note TO remark", "RENAME"),
    ("dup", "ADD UNIQUE INDEX u (a)", "5"),
    ("dup", "ADD UNIQUE KEY (a), ADD COLUMN c INT", "5"),
    ("dup", "MODIFY a INT UNIQUE", "5"),
    ("nokey", "ADD COLUMN b INT", "key"),
    ("trig", "ADD COLUMN b INT", "rigger"),
    ("parent", "ADD COLUMN b INT", "foreign"),
    ("orders", "RENAME TO orders2", ""),
    # The server ends a comment that it skips at the first `*/`, and drops a column then.
    ("orders", "ADD COLUMN c INT /*!99999 COMMENT 'x*/, DROP COLUMN note -- ' */", "*/"),
    ("orders", 'ADD COLUMN c INT /*M!999999 COMMENT "x*/, DROP COLUMN note # " */', "*/"),
    ("versioned", None, "system-versioned"),
    ("versioned", "ADD COLUMN c INT", "system-versioned"),
]


@pytest.mark.parametrize("table, ddl, word", REFUSED)
def test_damage_is_refused_even_when_confirmed(place, table, ddl, word):
    _, target, _ = place
    before = target.rows(f"SELECT COUNT(*) FROM `{table}`")
    answer = post(place, table, ddl, confirm_text=f"{target.database}.{table}")
    assert answer.status in (400, 409), answer
    assert word in answer.text
    assert target.rows(f"SELECT COUNT(*) FROM `{table}`") == before


# (table, ddl, HTTP status, code)
UNKNOWN = [
    ("nothing", "ADD COLUMN b INT", 404, 404),
    ("orders", "DROP COLUMN nothing", 404, 404),
    ("orders", "MODIFY nothing INT", 404, 404),
    ("orders", "ADD INDEX (nothing)", 404, 404),
    ("orders", "DROP INDEX nothing", 404, 404),
    ("orders", "ADD COLUMN", 422, 1002),
    ("orders", "ADD COLUMN b", 422, 1002),
    ("orders", "ADD INDEX (a", 422, 1002),
    ("orders", "SELECT 1", 422, 1002),
    ("orders", "ADD COLUMN b INT; DROP TABLE orders", 422, 1002),
    ("orders", "ADD COLUMN b VARCHAR(10) DEFAULT 'x", 422, 1002),
]


@pytest.mark.parametrize("table, ddl, status, code", UNKNOWN)
def test_unknown_things_and_bad_syntax(place, table, ddl, status, code):
    _, target, _ = place
    answer = post(place, table, ddl, confirm_text=f"{target.database}.{table}")
    assert (answer.status, answer.code) == (status, code), answer


def test_what_sql_modes_read_otherwise_is_refused(place):
    admin, target, connection = place
    text = "ADD COLUMN c INT COMMENT 'a\\', DROP COLUMN note -- '\n"
    before = target.value("SELECT @@GLOBAL.sql_mode")
    target.sql("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'")
    try:
        # A preview may know the server as it was a few seconds ago; a launch never does.
        preview = lambda: admin.post(
            "/api/v1/tools/ddl/preview", request_body(connection, target, "orders", text)
        ).ok().data["findings"]
        wait_for(
            lambda: any(finding["code"] == "backslash_in_string" for finding in preview()),
            30, "the refusal",
        )
        assert post(place, "orders", text).status == 409
    finally:
        target.sql(f"SET GLOBAL sql_mode = '{before}'")
    body = request_body(connection, target, "orders", text)
    body["execution_params"] = {"extra": {"set-vars": "sql_mode='NO_BACKSLASH_ESCAPES'"}}
    answer = admin.post("/api/v1/executions", body)
    assert answer.status == 400 and "sql_mode" in answer.text, answer
    assert target.rows("SELECT note FROM orders LIMIT 1")


def test_view_and_existing_column_are_refused(place):
    assert post(place, "seen", "ADD COLUMN b INT").status in (400, 404, 409)
    assert post(place, "orders", "ADD COLUMN status INT").status in (400, 409)


def test_unknown_connection_and_database(place):
    admin, target, connection = place
    body = request_body("00000000-0000-4000-8000-000000000000", target, "orders", "ADD COLUMN b INT")
    assert admin.post("/api/v1/executions", body).status == 404
    body = request_body(connection, target, "orders", "ADD COLUMN b INT")
    body["database_name"] = "no_such_db"
    answer = admin.post("/api/v1/executions", body)
    assert answer.status in (404, 502), answer


def test_nothing_refused_was_stored(place):
    admin, target, _ = place
    listed = admin.get("/api/v1/executions", database_name=target.database, page_size=100).ok().data
    assert {item["status"] for item in listed["items"]} <= {"completed"}


def test_leftovers_of_a_dead_run_are_named(place):
    _, target, _ = place
    target.make_table("left", rows=10)
    target.sql(
        "CREATE TABLE _left_new LIKE `left`;"
        f"CREATE TRIGGER pt_osc_{target.database}_left_del AFTER DELETE ON `left` FOR EACH ROW"
        " DELETE FROM _left_new WHERE id = OLD.id"
    )
    answer = post(place, "left", "ADD COLUMN b INT")
    assert answer.status == 409, answer
    assert "pt_osc_" in answer.text
    target.sql(f"DROP TRIGGER pt_osc_{target.database}_left_del; DROP TABLE _left_new")
