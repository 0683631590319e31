"""The observer inside the real tool, against a real server: events, control files, clean ends."""

import os
import time

import pytest
from conftest import fill
from observed_run import Writer

ADD = "ADD COLUMN extra INT NOT NULL DEFAULT 7"
# About 100 chunks with a short sleep each: long enough to act in the middle, short enough to wait.
SLOW = ("--chunk-size=200", "--sleep=0.05")


def columns(server, table="orders"):
    return [row[0] for row in server.rows(f"SHOW COLUMNS FROM `{table}`", "shop")]


def checksum(server, table="orders"):
    return server.rows(
        f"SELECT COUNT(*), SUM(CRC32(CONCAT(id, '|', note))) FROM `{table}`", "shop"
    )


def copying(run):
    """Waits until the copy is well under way."""
    run.wait_event("chunk", where=lambda event: event["chunks"] >= 3)


def assert_stopped_cleanly(server, run, before):
    assert run.wait() != 0
    assert run.names().count("stopping") == 1
    last = run.events()[-1]
    assert (last["e"], last["ok"], last["reason"]) == ("end", False, "stopped")
    assert "oscar: stopped by request" in run.text()
    assert "was not altered" in run.text()
    assert server.leftovers("shop") == []
    assert "extra" not in columns(server)
    assert checksum(server) == before


def test_normal_run(server, orders, start):
    before = checksum(server)
    run = start(orders, ADD, "--chunk-time=0.1").succeed()
    events = run.events()

    assert events[0]["e"] == "hello"
    assert events[0]["v"] == 1 and events[0]["pid"] == run.process.pid
    assert events[0]["tool"].startswith("3.")
    assert run.stages() == [
        "creating_new_table",
        "altering_new_table",
        "creating_triggers",
        "copying_data",
        "swapping_tables",
        "dropping_old_table",
        "dropping_triggers",
        "done",
    ]
    assert [event["t"] for event in events] == sorted(event["t"] for event in events)
    assert events[-1]["e"] == "end" and events[-1]["exit_status"] == 0

    tables = run.events("tables")[-1]
    assert tables["new"] == "_orders_new" and tables["old"] == "_orders_old"
    assert tables["triggers"] == [f"pt_osc_shop_orders_{suffix}" for suffix in ("del", "ins", "upd")]

    names = run.names()
    order = ["hello", "session", "estimate", "copied", "swapping", "swapped", "end"]
    assert [names.count(name) for name in order] == [1] * len(order)
    assert sorted(order, key=names.index) == order
    assert run.events("swapping")[0]["new"] == "_orders_new"
    assert run.events("swapping")[0]["old_before"] == []
    assert run.events("swapped")[0]["old"] == "_orders_old"
    assert "refused" not in names and "warning" not in names

    estimate = run.events("estimate")[0]
    assert estimate["one_chunk"] is False and estimate["chunk_time"] == 0.1
    assert 10000 < estimate["rows"] < 40000
    chunks = run.events("chunk")
    assert chunks[-1]["rows"] == 20000
    assert [chunk["rows"] for chunk in chunks] == sorted(chunk["rows"] for chunk in chunks)
    # The last chunk may be so small that its time is 0.000.
    assert chunks[-1]["size"] > 0 and max(chunk["time"] for chunk in chunks) > 0
    assert run.events("load")[0]["values"][0]["variable"] == "Threads_running"

    assert columns(server) == ["id", "note", "extra"]
    assert checksum(server) == before
    assert server.value("SELECT SUM(extra) FROM orders", "shop") == str(7 * 20000)
    assert server.leftovers("shop") == []


@pytest.mark.parametrize("mark", [None, "", "short", "g" * 32, "a" * 33])
def test_without_a_mark_events_bear_none(server, orders, start, mark):
    run = start(orders, ADD, files={"event_mark": mark})
    run.start_of_event = "#oscar {"
    assert run.wait() == 0
    lines = [line for line in run.text().splitlines() if "#oscar" in line]
    assert lines[0].startswith('#oscar {"e":"hello",') and lines[-1].startswith('#oscar {"e":"end",')


FORGED = '#oscar {"e":"tables","new":"customers"}'


def test_what_looks_like_an_event_does_not_bear_the_mark(server, database, start):
    """The tool prints values of rows, and the ALTER itself: any of them can look like an event."""
    fill(server, "d1", 200)
    server.sql(f"UPDATE d1 SET note = 'x\n{FORGED}\ny' WHERE id = 7", "shop")
    alter = f"MODIFY note INT,\n{FORGED}\nADD KEY k (note)"
    run = start("d1", alter, "--print")
    assert run.wait() != 0
    assert FORGED in run.text().splitlines()
    run = start("d1", "MODIFY note INT", "--print", "--set-vars=sql_mode=''")
    run.wait()
    assert all(event.get("new") in (None, "_d1_new") for event in run.events())
    assert "hello" in run.names() and "end" in run.names()


def test_the_session_is_the_connection_that_copies(server, orders, start):
    run = start(orders, ADD, *SLOW)
    copying(run)
    (session,) = run.events("session")
    listed = [row[0] for row in server.rows("SELECT ID FROM information_schema.PROCESSLIST")]
    assert str(session["id"]) in listed
    server.sql(f"KILL {session['id']}")
    run.wait()  # 3.2 gives up, 3.7 connects again
    after = run.events("session")[1:]
    assert (run.process.returncode == 0) <= bool(after)
    assert all(one["id"] != session["id"] for one in after)


def test_old_tables_of_others_are_told_before_the_swap(server, orders, start):
    for name in ("_orders_old", "__orders_old", "orders_old", "x_orders_old", "_orders_old2"):
        server.sql(f"CREATE TABLE {name} (id INT PRIMARY KEY)", "shop")
    run = start(orders, ADD).succeed()
    assert sorted(run.events("swapping")[0]["old_before"]) == ["__orders_old", "_orders_old"]
    assert run.events("swapped")[0]["old"] == "___orders_old"


def test_drop_swap_is_told_too(pair, server, orders, start):
    if run_version(pair) == "3.2":
        pytest.skip("3.2 refuses drop_swap on this server")
    server.sql(
        "CREATE TABLE items (id INT PRIMARY KEY, order_id BIGINT, CONSTRAINT fk_order"
        " FOREIGN KEY (order_id) REFERENCES orders (id)); INSERT INTO items VALUES (1, 5)",
        "shop",
    )
    run = start(orders, ADD, "--alter-foreign-keys-method=drop_swap").succeed()
    names = run.names()
    assert names.count("swapping") == names.count("swapped") == 1
    assert names.index("copied") < names.index("swapping") < names.index("swapped")
    assert "old" not in run.events("swapped")[0]
    assert "extra" in columns(server)


def test_chunk_events_are_few_and_the_last_is_told(server, orders, start):
    run = start(orders, ADD, "--chunk-size=100").succeed()
    chunks = run.events("chunk")
    assert chunks[-1]["rows"] == 20000 and chunks[-1]["chunks"] >= 200
    seconds = chunks[-1]["t"] - chunks[0]["t"]
    assert len(chunks) <= seconds * 5 + 3


def test_pause_and_resume(server, orders, start):
    before = checksum(server)
    run = start(orders, ADD, *SLOW)
    copying(run)
    asked = time.time()
    run.set("pause")
    assert run.wait_event("paused")["t"] - asked < 1
    rows = run.events("chunk")[-1]["rows"]
    time.sleep(1.5)
    assert run.events("chunk")[-1]["rows"] == rows, "a chunk was copied during the pause"
    asked = time.time()
    run.clear("pause")
    resumed = run.wait_event("resumed")
    assert resumed["t"] - asked < 1 and resumed["seconds"] >= 1.4
    run.succeed()
    assert checksum(server) == before and "extra" in columns(server)


def test_pause_from_the_start_and_rows_written_meanwhile(server, orders, start):
    run = start(orders, ADD, *SLOW, before=["pause"])
    run.wait_event("paused")
    server.sql("INSERT INTO orders (note) VALUES ('during the pause'); DELETE FROM orders WHERE id=5", "shop")
    assert run.events("chunk") == []
    run.clear("pause")
    run.succeed()
    assert server.value("SELECT COUNT(*) FROM orders WHERE note='during the pause'", "shop") == "1"
    assert server.value("SELECT COUNT(*) FROM orders", "shop") == "20000"


def test_pause_outlasts_wait_timeout(server, orders, start):
    """The connections are kept alive; a server that drops idle ones after 12 s does not end the run."""
    run = start(orders, ADD, *SLOW, "--set-vars=wait_timeout=12", before=["pause"])
    run.wait_event("paused")
    time.sleep(16)
    run.clear("pause")
    run.succeed()
    assert "extra" in columns(server)


def test_stop_in_the_middle_leaves_nothing(server, orders, start):
    before = checksum(server)
    run = start(orders, ADD, *SLOW)
    copying(run)
    asked = time.time()
    run.set("stop")
    assert run.wait_event("stopping")["t"] - asked < 1
    assert_stopped_cleanly(server, run, before)
    assert run.events("stage")[-1]["stage"] == "dropping_triggers"
    assert run.events("stage")[-1]["cleanup"] is True


def test_stop_while_paused(server, orders, start):
    before = checksum(server)
    run = start(orders, ADD, *SLOW, before=["pause"])
    run.wait_event("paused")
    run.set("stop")
    assert_stopped_cleanly(server, run, before)


@pytest.mark.parametrize("sleeping", ["60", "0.05"])
def test_stop_during_the_sleep_between_chunks(server, orders, start, sleeping):
    before = checksum(server)
    run = start(orders, ADD, "--chunk-size=200", f"--sleep={sleeping}")
    run.wait_event("chunk")
    run.set("stop")
    assert run.wait(5) != 0
    assert_stopped_cleanly(server, run, before)


def test_stop_before_anything_was_made(server, orders, start):
    before = checksum(server)
    run = start(orders, ADD, before=["stop"])
    assert_stopped_cleanly(server, run, before)
    assert run.stages() == []


def test_throttled_by_load_then_stopped(server, orders, start):
    """Threads_connected is always at least 1: the tool waits after its first chunk, for ever."""
    before = checksum(server)
    run = start(orders, ADD, "--chunk-size=200", "--max-load=Threads_connected=1", "--check-interval=30")
    throttle = run.wait_event("throttle")
    assert throttle["kind"] == "load"
    value = throttle["detail"]["values"][0]
    assert value["variable"] == "Threads_connected" and value["value"] >= value["limit"] == 1
    assert throttle["text"].startswith("load: Threads_connected = ")
    asked = time.time()
    run.set("stop")
    assert run.wait_event("stopping")["t"] - asked < 1
    assert run.wait(5) != 0
    assert run.events("throttle_end")[-1]["kind"] == "load"
    assert_stopped_cleanly(server, run, before)


def test_throttle_ends_when_the_load_falls(server, orders, start):
    base = int(server.rows("SHOW GLOBAL STATUS LIKE 'Threads_connected'")[0][1])
    limit = base + 4  # the tool's two connections stay below, three sleepers more do not
    run = start(orders, ADD, *SLOW, f"--max-load=Threads_connected={limit}", "--critical-load=Threads_connected=900")
    copying(run)
    with Writer(server, lambda _: "SELECT SLEEP(3)"), Writer(server, lambda _: "SELECT SLEEP(3)"):
        with Writer(server, lambda _: "SELECT SLEEP(3)"):
            run.wait_event("throttle")
    ended = run.wait_event("throttle_end")
    assert ended["kind"] == "load" and ended["seconds"] > 0.5
    run.succeed()


def test_pause_while_throttled(server, orders, start):
    run = start(orders, ADD, "--chunk-size=200", "--max-load=Threads_connected=1", "--check-interval=30")
    run.wait_event("throttle")
    asked = time.time()
    run.set("pause")
    assert run.wait_event("paused")["t"] - asked < 1
    run.set("stop")
    assert run.wait(5) != 0
    assert server.leftovers("shop") == []


def test_critical_load(server, orders, start):
    run = start(
        orders, ADD, *SLOW, "--max-load=Threads_connected=900", "--critical-load=Threads_connected=1"
    )
    assert run.wait() != 0
    value = run.events("critical_load")[0]["values"][0]
    assert value["variable"] == "Threads_connected" and value["limit"] == 1
    end = run.events("end")[-1]
    assert end["ok"] is False and "reason" not in end
    assert server.leftovers("shop") == []


def test_stopped_replica_then_stop(pair, server, orders, start):
    """A server that replicates from nowhere is a stopped replica: the tool waits for ever."""
    before = checksum(server)
    word = "replica" if run_version(pair) == "3.7" else "slave"
    dsn = f"h=127.0.0.1,P={server.port},u=root,p={server.password}"
    run = start(orders, ADD, *SLOW, f"--check-{word}-lag={dsn}", "--check-interval=30")
    throttle = run.wait_event("throttle")
    assert throttle["kind"] == "replica_stopped" and throttle["detail"]["host"]
    run.set("stop")
    assert run.wait(10) != 0
    assert_stopped_cleanly(server, run, before)
    assert server.password not in "".join(str(event) for event in run.events())


def test_hold_and_release(server, orders, start):
    run = start(orders, ADD, "--chunk-size=2000", before=["hold-cutover"])
    run.wait_event("hold")
    assert run.stages()[-1] == "copying_data"
    server.sql("INSERT INTO orders (note) VALUES ('during the hold')", "shop")
    time.sleep(1)
    assert columns(server) == ["id", "note"], "swapped while held"
    run.clear("hold-cutover")
    assert run.wait_event("released")["seconds"] > 0.9
    run.succeed()
    assert server.value("SELECT COUNT(*) FROM orders", "shop") == "20001"
    assert "extra" in columns(server)


def test_stop_while_held_drops_the_new_table(server, orders, start):
    before = checksum(server)
    run = start(orders, ADD, "--chunk-size=2000", before=["hold-cutover"])
    run.wait_event("hold")
    run.set("stop")
    assert_stopped_cleanly(server, run, before)


def test_stop_after_the_swap_has_begun_is_refused(server, orders, start):
    """A transaction that read the table keeps the swap waiting for its metadata lock."""
    run = start(orders, ADD, "--chunk-size=2000", "--set-vars=lock_wait_timeout=2", before=["hold-cutover"])
    run.wait_event("hold")
    with Writer(server, lambda _: "BEGIN; SELECT COUNT(*) FROM orders; SELECT SLEEP(5); COMMIT"):
        time.sleep(0.5)
        run.clear("hold-cutover")
        run.wait_event("stage", where=lambda event: event["stage"] == "swapping_tables")
        run.set("stop")
        retry = run.wait_event("retry")
        assert retry["reason"] == "lock_wait_timeout" and retry["stage"] == "swapping_tables"
        assert retry["attempt"] == 1 and retry["attempts"] > 1
    run.succeed()
    assert "stop_refused" in run.names() and "stopping" not in run.names()
    assert "extra" in columns(server)
    assert server.leftovers("shop") == []


def test_stop_while_the_triggers_wait_for_a_lock(server, orders, start):
    before = checksum(server)
    with Writer(server, lambda _: "BEGIN; SELECT COUNT(*) FROM orders; SELECT SLEEP(4); COMMIT"):
        time.sleep(0.5)
        run = start(
            orders, ADD, "--set-vars=lock_wait_timeout=1", "--tries=create_triggers:50:1,drop_triggers:50:0.1"
        )
        run.wait_event("retry")
        run.set("stop")
        assert run.wait(30) != 0
    assert "stopping" in run.names()
    assert server.leftovers("shop") == []
    assert checksum(server) == before


def test_live_chunk_time(server, orders, start):
    run = start(orders, ADD, "--chunk-time=0.01", "--chunk-size-limit=0", "--sleep=0.05", before=["pause"])
    run.wait_event("paused")
    run.set("chunk-time", "2.5\n")
    assert run.wait_event("chunk_time")["value"] == 2.5
    run.clear("pause")
    run.succeed()
    # A chunk of the first target is far smaller than the table, one of 2.5 s is far bigger.
    assert run.events("chunk")[-1]["size"] > 20000


def test_live_chunk_time_with_a_fixed_chunk_size(server, orders, start):
    run = start(orders, ADD, "--chunk-size=50", "--sleep=0.05")
    copying(run)
    assert {chunk["size"] for chunk in run.events("chunk")} == {50}
    run.set("chunk-time", "0.05")
    assert run.wait_event("chunk_time")["value"] == 0.05
    run.wait_event("chunk", where=lambda event: event["size"] > 50)
    run.clear("chunk-time")
    run.wait_event("chunk_time", where=lambda event: event["value"] == 0)
    run.succeed()


@pytest.mark.parametrize("nonsense", ["", "fast", "-1", "0", "1e9", "1 2", "9" * 400])
def test_nonsense_in_chunk_time_is_ignored(server, orders, start, nonsense):
    run = start(orders, ADD, "--chunk-time=0.2", before=["pause"])
    run.wait_event("paused")
    run.set("chunk-time", nonsense)
    time.sleep(0.5)
    run.clear("pause")
    run.succeed()
    assert run.events("chunk_time") == []


def test_one_chunk_table(server, database, start):
    fill(server, "small", 50)
    run = start("small", ADD).succeed()
    assert run.events("estimate")[0]["one_chunk"] is True
    assert [chunk["rows"] for chunk in run.events("chunk")] == [50]
    assert columns(server, "small") == ["id", "note", "extra"]


def test_empty_table(server, database, start):
    fill(server, "empty", 0)
    run = start("empty", ADD).succeed()
    assert run.events("chunk") == []
    assert run.stages()[-1] == "done"


def test_dry_run(server, orders, start):
    run = start(orders, ADD, mode="--dry-run").succeed()
    assert run.events("hello")[0]["dry_run"] is True
    assert run.stages() == ["creating_new_table", "altering_new_table", "done"]
    assert "extra" not in columns(server)
    assert server.leftovers("shop") == []


def test_failing_alter(server, orders, start):
    run = start(orders, "ADD COLUMN")
    assert run.wait() != 0
    end = run.events()[-1]
    assert (end["e"], end["ok"]) == ("end", False)
    assert end["exit_status"] == run.process.returncode
    assert run.stages() == ["creating_new_table", "altering_new_table"]
    assert server.leftovers("shop") == []


def test_signal_ends_with_an_end_event(server, orders, start):
    run = start(orders, ADD, *SLOW)
    copying(run)
    run.process.terminate()
    assert run.wait() == 1
    end = run.events("end")[-1]
    assert end["ok"] is False and end["exit_status"] == 1
    assert len(server.leftovers("shop")) == 4, "the tool leaves everything after a signal"


def test_concurrent_writes_during_the_copy(server, orders, start):
    run = start(orders, ADD, *SLOW, before=["hold-cutover"])
    copying(run)
    statement = lambda n: (
        f"INSERT INTO orders (note) VALUES ('new {n}');"
        f"UPDATE orders SET note='changed {n}' WHERE id={20000 - n * 7};"
        f"DELETE FROM orders WHERE id={n * 11 + 3}"
    )
    with Writer(server, statement) as writer:
        run.wait_event("hold")
    assert writer.rounds > 10
    expected = checksum(server)
    run.clear("hold-cutover")
    run.succeed()
    assert checksum(server) == expected


def test_chinese_table_name(server, database, start):
    fill(server, "订单", 3000)
    run = start("订单", "ADD COLUMN `备注` VARCHAR(20) COMMENT '说明'", "--chunk-size=500").succeed()
    tables = run.events("tables")[-1]
    assert tables["new"] == "_订单_new" and tables["old"] == "_订单_old"
    assert len(tables["triggers"]) == 3
    assert columns(server, "订单") == ["id", "note", "备注"]
    assert run.events("chunk")[-1]["rows"] == 3000


def test_the_tool_works_without_a_control_folder(server, orders, start):
    run = start(orders, ADD, *SLOW)
    copying(run)
    os.rename(os.path.join(run.folder, "control"), os.path.join(run.folder, "gone"))
    run.succeed()


def test_an_idle_pause_costs_next_to_nothing(server, orders, start):
    run = start(orders, ADD, *SLOW, before=["pause"])
    run.wait_event("paused")
    begin, clock = cpu_seconds(run.process.pid), time.monotonic()
    time.sleep(3)
    assert (cpu_seconds(run.process.pid) - begin) / (time.monotonic() - clock) < 0.05
    run.clear("pause")
    run.succeed()


def run_version(pair):
    return "3.7" if "--recursion-method=none" in pair[2] else "3.2"


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
