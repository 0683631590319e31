"""What a run leaves when it, its server or its output does not end as it should."""

import os
import signal
import subprocess
import threading
import time

import pytest

from lab import MariaDb
from processes import wait_for
from scenario import (
    FINAL, SLOW, Target, detail, submit, tool_pids, wait_copying, wait_final, wait_gone,
)


class Holder:
    """A transaction that has read `table` and holds its metadata lock until commit()."""

    def __init__(self, target, table):
        server = target.server
        argv = ["mariadb", "--no-defaults", "--protocol=tcp", f"--host={server.host}"]
        argv += [f"--port={server.port}", "--user=root", "--batch", "--unbuffered"]
        argv += ["--skip-column-names", "--skip-ssl", f"--database={target.database}"]
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, MYSQL_PWD=server.password),
        )
        self._say(f"BEGIN; SELECT COUNT(*) FROM `{table}` WHERE id = 1;")
        self.process.stdout.readline()

    def _say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def commit(self):
        self._say("COMMIT;")
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.commit()


def wait_statement(target, start):
    """Waits until a session of the target's account executes a statement that begins so."""
    query = (
        "SELECT COUNT(*) FROM information_schema.processlist"
        f" WHERE user='{target.user}' AND state LIKE '%metadata lock%' AND info LIKE '{start}%'"
    )
    wait_for(lambda: target.value(query) != "0", 40, f"{start} waits for its lock", 0.05)


def hold_cutover(oscard, held):
    path = os.path.join(oscard.live_runs()[0], "control", "hold-cutover")
    if held:
        with open(path, "w", encoding="utf-8"):
            pass
    else:
        os.remove(path)


def old_tables(target):
    return [name for name in target.leftovers() if name.endswith("_old")]


def triggers(target):
    return [name for name in target.leftovers() if name.startswith("pt_osc_")]


def test_stop_while_a_trigger_waits_for_its_lock(make_oscard, target):
    """The server would create the trigger long after its client was killed."""
    oscard = make_oscard(settings={"executions": {"stop_grace_seconds": 1}})
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=1_000)
    with Holder(target, table) as holder:
        execution = submit(admin, connection, target, table, "ADD COLUMN b INT",
                           execution_params={"lock_wait_timeout": 300})
        wait_statement(target, "CREATE TRIGGER")
        admin.post(f"/api/v1/executions/{execution['id']}/stop").ok()
        ended = wait_final(admin, execution["id"], 30)
        assert ended["status"] == "cancelled", ended["error_message"]
        assert ended["attention"] is None
        holder.commit()
    target.sql(f"DELETE FROM `{table}` WHERE id = 1")
    time.sleep(1)
    target.sql(f"DELETE FROM `{table}` WHERE id = 2")
    assert target.leftovers() == []


def submit_held(oscard, target, table):
    """An execution that is held before its swap, everything copied."""
    admin = oscard.admin()
    execution = submit(admin, target.connect(admin), target, table, "ADD COLUMN b INT",
                       execution_params={**SLOW, "lock_wait_timeout": 300})
    wait_copying(admin, execution["id"])
    hold_cutover(oscard, True)
    wait_for(lambda: detail(admin, execution["id"])["stage"] == "awaiting_cutover", 30, "a hold")
    return execution


def release_into_wait(oscard, target):
    """Lets the swap begin; returns once its RENAME waits for the table's lock."""
    hold_cutover(oscard, False)
    wait_statement(target, "RENAME TABLE")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_signal_while_the_rename_waits(make_oscard, target, how):
    """Whichever way the RENAME goes, the outcome says what is so, and the table can be used."""
    oscard = make_oscard()
    admin = oscard.admin()
    table = target.make_table(rows=2_000)
    before = target.checksum(table)
    execution = submit_held(oscard, target, table)
    run = oscard.live_runs()[0]
    with Holder(target, table) as holder:
        release_into_wait(oscard, target)
        for pid in tool_pids(run):
            os.kill(pid, how)
        holder.commit()
    ended = wait_final(admin, execution["id"], 40)
    assert ended["status"] == "failed"
    assert triggers(target) == []
    assert target.checksum(table) == before
    swapped = "b" in target.columns(table)
    if how == signal.SIGTERM:
        assert swapped, "the statement was under way and pt-osc had not ended"
    if swapped:
        old = old_tables(target)
        assert "the change is in effect" in ended["error_message"]
        assert len(old) == 1 and old[0] in ended["attention"]
        target.sql(f"DROP TABLE `{old[0]}`")
    else:
        assert "in effect" not in ended["error_message"]
        assert ended["attention"] is None
    target.sql(f"DELETE FROM `{table}` WHERE id = 1")
    assert target.leftovers() == []


def test_rename_that_is_carried_out_while_nobody_watches(make_oscard, target):
    """pt-osc and oscard die together; the RENAME happens; the next oscard sees it at the server."""
    oscard = make_oscard()
    table = target.make_table(rows=2_000)
    execution = submit_held(oscard, target, table)
    run = oscard.live_runs()[0]
    with Holder(target, table) as holder:
        release_into_wait(oscard, target)
        oscard.kill9()
        for pid in tool_pids(run):
            os.kill(pid, signal.SIGKILL)
        holder.commit()
    wait_for(lambda: "b" in target.columns(table), 20, "the swap")
    oscard.start()
    ended = wait_final(oscard.admin(), execution["id"], 40)
    assert ended["status"] == "failed"
    assert "the change is in effect" in ended["error_message"]
    assert f"_{table}_old" in ended["attention"]
    assert triggers(target) == []
    assert target.leftovers() == [f"_{table}_old"]
    target.sql(f"DROP TABLE `_{table}_old`")


def test_server_that_dies_during_the_copy_is_cleaned_up_when_it_is_back(make_oscard):
    with MariaDb() as server:
        target = Target(server)
        oscard = make_oscard()
        admin = oscard.admin()
        connection = target.connect(admin)
        table = target.make_table(rows=20_000)
        execution = submit(admin, connection, target, table, "ADD COLUMN b INT",
                           execution_params=SLOW)
        wait_copying(admin, execution["id"])
        server.kill9()

        def waits():
            found = detail(admin, execution["id"])
            assert found["status"] not in FINAL, found
            return found["attention"] and "Waiting" in found["attention"]

        wait_for(waits, 40, "the execution tells what it waits for", 0.1)
        started = time.monotonic()
        assert oscard.stop() == 0
        assert time.monotonic() - started < 5
        oscard.start()
        admin = oscard.admin()
        assert detail(admin, execution["id"])["status"] == "running"
        server.start()
        ended = wait_final(admin, execution["id"], 40)
        assert ended["status"] == "failed" and ended["error_message"]
        assert ended["attention"] is None
        assert target.leftovers() == []
        assert target.columns(table)[-1] == "created_at"
        oscard.close()


def test_output_that_was_cut_off_is_said(make_oscard, target):
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=4_000)
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT",
                       execution_params=SLOW)
    wait_copying(admin, execution["id"], rows=400)
    run = oscard.live_runs()[0]
    oscard.kill9()
    os.truncate(os.path.join(run, "output.log"), 0)
    oscard.start()
    admin = oscard.admin()
    told = wait_for(lambda: detail(admin, execution["id"])["attention"], 20, "attention", 0.05)
    assert "output" in told
    assert wait_gone(oscard.live_runs, 60) == []
    ended = wait_final(admin, execution["id"], 30)
    assert ended["status"] == "failed"
    assert "b" in target.columns(table)
    assert "most likely the change is in effect" in ended["error_message"]
    assert "no longer complete" in ended["error_message"]
    assert "unchanged" not in ended["error_message"]
    assert ended["attention"]


def test_signal_from_outside_is_named(make_oscard, target):
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=20_000)
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT",
                       execution_params=SLOW)
    wait_copying(admin, execution["id"])
    for pid in tool_pids(oscard.live_runs()[0]):
        os.kill(pid, signal.SIGTERM)
    ended = wait_final(admin, execution["id"], 40)
    assert ended["status"] == "failed"
    assert "from outside" in ended["error_message"]
    assert ended["attention"] is None
    assert target.leftovers() == []


# Holds the table's metadata lock from the moment at which pt-osc has moved the first trigger.
HOLD_ONCE_MOVED = """CREATE PROCEDURE hold_once_moved() BEGIN
  REPEAT SELECT COUNT(*) INTO @moved FROM information_schema.triggers
    WHERE trigger_schema = DATABASE() AND event_object_table = '_orders_new'
      AND trigger_name LIKE 'app\\\\_%'; UNTIL @moved > 0 END REPEAT;
  START TRANSACTION; SELECT COUNT(*) FROM orders; SELECT SLEEP(8); COMMIT;
END"""


def test_triggers_that_were_moved_to_the_new_table_are_not_dropped_with_it(make_oscard, target):
    """--preserve-triggers: a lock comes in between, pt-osc dies, and the only copy is on `_new`."""
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=2_000)
    names = ["app_a", "app_b", "app_c"]
    for name, when in zip(names, ["BEFORE INSERT", "BEFORE UPDATE", "BEFORE DELETE"]):
        target.sql(f"CREATE TRIGGER {name} {when} ON `{table}` FOR EACH ROW SET @{name} = 1")
    target.sql(f"DELIMITER //\n{HOLD_ONCE_MOVED}//\nDELIMITER ;")
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params={
        "lock_wait_timeout": 2, "extra": {"preserve-triggers": "true"}})
    holder = threading.Thread(target=target.sql, args=("CALL hold_once_moved()",))
    holder.start()
    ended = wait_final(admin, execution["id"], 60)
    holder.join()
    found = dict(target.rows("SELECT trigger_name, event_object_table FROM"
                             " information_schema.triggers WHERE trigger_schema = DATABASE()"))
    moved = [name for name in names if found.get(name) == f"_{table}_new"]
    assert ended["status"] == "failed" and moved, (ended, found)
    assert set(found) >= set(names), "a trigger is lost"
    for words in (*moved, f"_{table}_new", "SHOW CREATE TRIGGER"):
        assert words in ended["attention"]
    assert triggers(target) == []
    target.sql(f"DROP PROCEDURE hold_once_moved; DROP TABLE `_{table}_new`")
