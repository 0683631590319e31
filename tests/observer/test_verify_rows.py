"""No table is swapped in that has lost rows: the run-directory file `verify-rows`."""

import time

import pytest
from conftest import fill
from observed_run import Writer
from processes import wait_for

UNIQUE = "ADD UNIQUE KEY uk_note (note)"
# The tool's own checks look at the text only; the host's look at the data stands in for them.
FORCED = ("--no-check-unique-key-change", "--chunk-size=2000")


@pytest.fixture
def begin(start):
    """Starts a run that adds the unique key and is held before its cut-over, copied by then."""

    def begin_run(*options, alter=UNIQUE, files=("verify-rows",), table="orders"):
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
    run = begin(files=())
    server.sql(LOSSES["insert"], "shop")
    run.clear("hold-cutover")
    run.succeed()
    assert "verifying_rows" not in run.names() and "rows_verified" not in run.names()
    assert rows_of(server) == 20000, "two of 20 002 rows are lost"


@pytest.mark.parametrize("written", LOSSES)
def test_equal_values_written_during_the_run_end_it(server, orders, begin, written):
    run = begin()
    server.sql(LOSSES[written], "shop")
    rows = rows_of(server)
    run.clear("hold-cutover")
    assert_not_swapped(server, run, rows)
    verified = run.events("rows_verified")[-1]
    assert (verified["original"], verified["new"]) == (rows, rows - 2)
    assert "oscar: 2 rows would be lost" in run.text()
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
    assert "oscar: cannot count the rows before the swap" in run.text()
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
    run = start("订单", UNIQUE, *FORCED, files=["verify-rows"]).succeed()
    assert run.events("rows_verified")[-1]["new"] == 3000


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
