"""No table is swapped in that has lost rows, and none is dropped whose rows the new one lacks: the
run-directory file `row_check.pm`."""

import time

import pytest
from conftest import fill
from observed_run import Writer, source
from processes import wait_for

ROW_CHECK = source("oscar_row_check.pm")
CHECKED = {"row_check.pm": ROW_CHECK}
UNIQUE = "ADD UNIQUE KEY uk_note (note)"
# The tool's own checks look at the text only; the host's look at the data stands in for them.
FORCED = ("--no-check-unique-key-change", "--chunk-size=2000")


@pytest.fixture
def begin(start):
    """Starts a run that adds the unique key and is held before its cut-over, copied by then."""

    def begin_run(*options, alter=UNIQUE, files=CHECKED, table="orders"):
        run = start(table, alter, *FORCED, *options, before=["hold-cutover"], files=files)
        run.wait_event("hold")
        return run

    return begin_run


def rows_of(server, table="orders"):
    return int(server.value(f"SELECT COUNT(*) FROM `{table}`", "shop"))


def assert_not_swapped(server, run, rows):
    assert run.wait() != 0
    assert rows_of(server) == rows
    assert "uk_note" not in server.sql("SHOW CREATE TABLE orders", "shop")
    assert server.leftovers("shop") == []
    assert "was not altered" in run.text()
    assert "swapping_tables" not in run.stages()
    assert run.events("end")[-1]["ok"] is False


def test_a_table_without_losses_is_swapped_in(server, orders, begin):
    run = begin()
    server.sql("INSERT INTO orders (note) VALUES ('new one'); DELETE FROM orders WHERE id = 7", "shop")
    run.clear("hold-cutover")
    run.succeed()
    verified = run.events("rows_verified")
    assert [(one["original"], one["new"]) for one in verified] == [(20000, 20000)]
    assert run.names().index("released") < run.names().index("verifying_rows")
    assert [one["keys"] for one in run.events("old_table_searched")] == [1]
    assert "uk_note" in server.sql("SHOW CREATE TABLE orders", "shop")
    assert rows_of(server) == 20000
    assert server.leftovers("shop") == []


LOSSES = {
    "insert": "INSERT INTO orders (note) SELECT note FROM orders WHERE id IN (3, 4)",
    "update": "UPDATE orders SET note = (SELECT n FROM (SELECT note n FROM orders WHERE id = 3) x)"
    " WHERE id IN (9, 11)",
}


def test_without_the_file_nothing_is_counted(server, orders, begin):
    """Which shows as well what the count is for: the tool succeeds, and rows are gone."""
    run = begin(files={})
    server.sql(LOSSES["insert"], "shop")
    run.clear("hold-cutover")
    run.succeed()
    assert "verifying_rows" not in run.names() and "rows_verified" not in run.names()
    assert "searching_old_table" not in run.names()
    assert rows_of(server) == 20000, "two of 20 002 rows are lost"


UNUSABLE = {
    "empty": ("", "true value"),
    "cut off": (ROW_CHECK[: ROW_CHECK.index("sub _search_old_table")] + "1;\n", "not whole"),
    "mistaken": (ROW_CHECK.replace("sub _count_rows {", "sub _count_rows {{"), "syntax error"),
}


@pytest.mark.parametrize("how", UNUSABLE)
def test_without_a_check_that_can_be_loaded_nothing_begins(server, orders, start, how):
    text, reason = UNUSABLE[how]
    run = start("orders", UNIQUE, *FORCED, files={"row_check.pm": text})
    assert run.wait() != 0
    said = [line for line in run.text().splitlines() if line.startswith("oscar: ")]
    assert len(said) == 1 and said[0].startswith("oscar: cannot load the check of rows"), run.text()
    assert reason in said[0]
    assert run.names() == ["hello", "session", "refused", "end"]
    assert run.events("refused")[-1]["text"] == said[0] and run.events("end")[-1]["ok"] is False
    assert "uk_note" not in server.sql("SHOW CREATE TABLE orders", "shop")
    assert rows_of(server) == 20000 and server.leftovers("shop") == []


@pytest.mark.parametrize("written", LOSSES)
def test_equal_values_written_during_the_run_end_it(server, orders, begin, written):
    run = begin()
    server.sql(LOSSES[written], "shop")
    rows = rows_of(server)
    run.clear("hold-cutover")
    assert_not_swapped(server, run, rows)
    verified = run.events("rows_verified")[-1]
    assert (verified["original"], verified["new"]) == (rows, rows - 2)
    assert run.events("refused")[-1]["text"].startswith("oscar: 2 rows would be lost")
    assert "\noscar: 2 rows would be lost" in run.text()
    assert "reason" not in run.events("end")[-1], "nobody asked for a stop"


def test_equal_values_from_before_the_run_end_it(server, orders, begin):
    server.sql(LOSSES["insert"], "shop")
    run = begin()
    run.clear("hold-cutover")
    assert_not_swapped(server, run, 20002)


def test_equal_values_of_the_last_hold_are_seen(server, orders, begin):
    """What is held again during the count is counted again."""
    run = begin()
    with Writer(server, lambda _: "LOCK TABLES orders WRITE; SELECT SLEEP(2); UNLOCK TABLES") as lock:
        wait_for(lambda: "SLEEP" in server.sql("SHOW PROCESSLIST"), 5, "the lock")
        run.clear("hold-cutover")
        run.wait_event("verifying_rows")
        run.set("hold-cutover")
        lock._stop.set()
    wait_for(lambda: run.names().count("hold") == 2, 20, "the second hold")
    assert len(run.events("rows_verified")) == 1
    # Nothing may keep old row versions, or locks that our own swap would wait for.
    assert server.value("SELECT COUNT(*) FROM information_schema.INNODB_TRX") == "0"
    server.sql(LOSSES["insert"], "shop")
    run.clear("hold-cutover")
    assert_not_swapped(server, run, 20002)
    assert len(run.events("rows_verified")) == 2


def test_concurrent_writes_are_counted_at_one_moment(server, orders, begin):
    run = begin()
    statement = lambda n: (
        f"INSERT INTO orders (note) SELECT UUID() FROM orders WHERE id <= 50;"
        f"DELETE FROM orders WHERE id BETWEEN {n * 60 + 100} AND {n * 60 + 150}"
    )
    with Writer(server, statement) as writer:
        wait_for(lambda: writer.rounds > 2, 20, "writes")
        run.clear("hold-cutover")
        run.succeed()
    verified = run.events("rows_verified")[-1]
    assert verified["original"] == verified["new"]


@pytest.mark.parametrize("kill", ["KILL QUERY", "KILL"])
def test_a_count_that_is_killed_swaps_nothing(server, orders, begin, kill):
    run = begin()
    with blocked_count(server, run) as thread:
        server.sql(f"{kill} {thread()}")
        assert run.wait(20) != 0
    refused = run.events("refused")[-1]["text"]
    assert refused.startswith("oscar: cannot count the rows before the swap")
    assert "uk_note" not in server.sql("SHOW CREATE TABLE orders", "shop")
    assert rows_of(server) == 20000
    if kill == "KILL QUERY":  # without its connection the tool may be unable to clean up
        assert_not_swapped(server, run, 20000)


def test_a_stop_ends_the_count(server, orders, begin):
    run = begin()
    with blocked_count(server, run) as thread:
        assert thread()
        asked = time.monotonic()
        run.set("stop")
        run.wait_event("stopping")
        assert time.monotonic() - asked < 2
    assert run.wait() != 0
    assert run.events("end")[-1]["reason"] == "stopped"
    assert rows_of(server) == 20000 and server.leftovers("shop") == []


def test_a_lock_in_the_way_is_waited_for(server, orders, begin):
    run = begin("--set-vars=lock_wait_timeout=1")
    with blocked_count(server, run, seconds=3):
        pass
    run.succeed()
    assert run.events("rows_verified")[-1]["new"] == 20000


def test_the_limit_for_statements_does_not_end_the_count(server, orders, begin):
    variable = "max_statement_time" if server.flavour == "MariaDB" else "max_execution_time"
    limit = "0.5" if server.flavour == "MariaDB" else "500"
    server.sql(f"SET GLOBAL {variable} = {limit}")
    try:
        run = begin()
        with blocked_count(server, run, seconds=2):
            pass
        run.succeed()
    finally:
        server.sql(f"SET GLOBAL {variable} = 0")


def test_chinese_names(server, database, start):
    fill(server, "订单", 3000)
    run = start("订单", UNIQUE, *FORCED, files=CHECKED).succeed()
    assert run.events("rows_verified")[-1]["new"] == 3000
    assert run.events("searching_old_table")[-1]["old"] == "_订单_old"


TWIN = "INSERT INTO orders (note) SELECT note FROM orders WHERE id = 3"
TRIGGERS = {"MariaDB": "0", "MySQL": "2"}  # MySQL has two in its schema sys


class written_after_the_count:
    """Lets the held run go on; the statement is executed before, but committed between the count
    and the RENAME, which its metadata lock holds back."""

    def __init__(self, server, run, statement):
        self._server, self._run = server, run
        self._writer = Writer(server, lambda _: f"BEGIN; {statement}; SELECT SLEEP(5); COMMIT")

    def __enter__(self):
        self._writer.__enter__()
        wait_for(lambda: "SLEEP" in self._server.sql("SHOW PROCESSLIST"), 10, "the statement")
        self._writer._stop.set()
        self._run.clear("hold-cutover")
        verified = self._run.wait_event("rows_verified")
        assert verified["original"] == verified["new"]
        assert self._writer.rounds == 0, "the count has come too late to miss it"
        return self

    def __exit__(self, *details):
        self._writer.__exit__(*details)


def assert_kept(server, run, rows, missing=1, key="uk_note"):
    """The table is swapped, `missing` of its `rows` rows are not in it, and the old one is there."""
    assert run.wait() != 0
    event = run.events("rows_missing")[-1]
    assert (event["old"], event["values"], event["rows"]) == ("_orders_old", 1, missing)
    assert event["keys"] == [key]
    assert rows_of(server) == rows - missing and rows_of(server, "_orders_old") == rows
    assert key in server.sql("SHOW CREATE TABLE orders", "shop")
    assert "rows are missing in the new table" in run.text()
    assert "dropping_old_table" not in run.stages() and "done" not in run.stages()
    assert run.events("end")[-1]["ok"] is False
    triggers = server.value("SELECT COUNT(*) FROM information_schema.TRIGGERS")
    assert triggers == TRIGGERS[server.flavour]


@pytest.mark.parametrize("options", [(), ("--no-drop-old-table",)], ids=["drop", "keep"])
def test_equal_values_between_count_and_swap_keep_the_old_table(server, orders, begin, options):
    run = begin(*options)
    with written_after_the_count(server, run, f"{TWIN}; {TWIN}"):
        pass
    assert_kept(server, run, 20002, missing=2)


def test_a_renamed_column_is_found_in_the_old_table(server, orders, begin):
    alter = "CHANGE note `备注` VARCHAR(80), ADD UNIQUE KEY uk_note (`备注`)"
    run = begin("--no-check-alter", alter=alter)
    with written_after_the_count(server, run, TWIN):
        pass
    assert_kept(server, run, 20001)


def test_values_are_compared_as_the_new_table_does(server, orders, begin):
    server.sql("ALTER TABLE orders MODIFY note VARCHAR(80) COLLATE utf8mb4_bin", "shop")
    run = begin(alter="MODIFY note VARCHAR(80) COLLATE utf8mb4_general_ci, " + UNIQUE)
    with written_after_the_count(server, run, TWIN.replace("SELECT note", "SELECT UPPER(note)")):
        pass
    assert_kept(server, run, 20001)


def test_nulls_are_never_equal(server, orders, begin):
    server.sql("UPDATE orders SET note = NULL WHERE id <= 50", "shop")
    run = begin()
    values = "INSERT INTO orders (note) VALUES (NULL), ('fresh')"
    with written_after_the_count(server, run, values):
        pass
    run.succeed()
    assert rows_of(server) == 20002 and server.leftovers("shop") == []


def test_what_cannot_repeat_is_not_searched(server, orders, begin):
    """A key over the primary key, and one over a column that is NULL in every row."""
    run = begin(alter="ADD c INT NULL, ADD UNIQUE KEY u1 (note, id), ADD UNIQUE KEY u2 (c)")
    run.clear("hold-cutover")
    run.succeed()
    assert run.events("old_table_searched")[-1]["keys"] == 0


def test_a_search_that_fails_keeps_the_old_table(server, orders, begin):
    run = begin(alter="ADD c INT NOT NULL DEFAULT 0, ADD UNIQUE KEY u (c, id)")
    run.clear("hold-cutover")
    assert run.wait() != 0
    assert "is new" in run.events("rows_missing")[-1]["reason"]
    assert rows_of(server) == 20000 and rows_of(server, "_orders_old") == 20000
    assert "cannot search the old table" in run.text()


def test_a_search_that_is_killed_keeps_the_old_table(server, orders, begin):
    server.sql(KILLER, "shop")
    run = begin()
    with Writer(server, lambda _: "CALL killer()") as killer:
        wait_for(lambda: "INFO LIKE" in server.sql("SHOW FULL PROCESSLIST"), 10, "the killer")
        killer._stop.set()
        run.clear("hold-cutover")
        assert run.wait() != 0
    assert "interrupted" in run.events("rows_missing")[-1]["reason"]
    assert rows_of(server, "_orders_old") == 20000


KILLER = """DELIMITER //
CREATE PROCEDURE killer()
BEGIN
  DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;
  SET @victim = NULL;
  WHILE @victim IS NULL DO
    SELECT MAX(ID) INTO @victim FROM information_schema.PROCESSLIST
      WHERE INFO LIKE '%AS oscar_repeated' AND ID <> CONNECTION_ID();
  END WHILE;
  KILL QUERY @victim;
END //
DELIMITER ;
"""


def test_foreign_keys_do_not_wait_for_the_search(server, orders, begin):
    """3.2 mends them after the swap: the search comes behind that."""
    server.sql(
        "CREATE TABLE items (id INT PRIMARY KEY, order_id BIGINT, CONSTRAINT fk_order"
        " FOREIGN KEY (order_id) REFERENCES orders (id)); INSERT INTO items VALUES (1, 5)",
        "shop",
    )
    run = begin("--alter-foreign-keys-method=rebuild_constraints")
    with written_after_the_count(server, run, TWIN):
        pass
    assert_kept(server, run, 20001)
    text = run.text()
    assert text.index("Rebuilt foreign key constraints") < text.index('"searching_old_table"')
    assert "_orders_old" not in server.sql("SHOW CREATE TABLE items", "shop")


class blocked_count:
    """Holds a lock on the original table while the run counts; gives the id of the count's thread."""

    def __init__(self, server, run, seconds=8):
        self._server, self._run = server, run
        self._lock = Writer(
            server, lambda _: f"LOCK TABLES orders WRITE; SELECT SLEEP({seconds}); UNLOCK TABLES"
        )

    def __enter__(self):
        self._lock.__enter__()
        wait_for(lambda: "SLEEP" in self._server.sql("SHOW PROCESSLIST"), 5, "the lock")
        self._lock._stop.set()
        self._run.clear("hold-cutover")
        self._run.wait_event("verifying_rows")
        return self.thread

    def thread(self):
        def look():
            listed = self._server.rows(
                "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%COUNT(*)%orders%'"
                " AND ID <> CONNECTION_ID()"
            )
            return listed[0][0] if listed else None

        return wait_for(look, 5, "the count")

    def __exit__(self, *_):
        sleeping = self._server.rows(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%'"
        )
        if self._run.process.poll() is not None:
            for (one,) in sleeping:
                self._server.try_sql(f"KILL QUERY {one}")
        self._lock._thread.join(30)
