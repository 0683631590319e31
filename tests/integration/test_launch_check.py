"""No row is lost between submission and swap: what is checked again at the launch, and what is
counted before the swap, and what is searched after it."""

import threading

import pytest

from processes import wait_for
from scenario import SLOW, Target, detail, submit, wait_copying, wait_final, wait_gone


@pytest.fixture(scope="module")
def queue(make_oscard):
    """An oscard that runs one execution at a time."""
    return make_oscard(settings={"executions": {"max_concurrent": 1}}).admin()


class Place:
    def __init__(self, admin, target):
        self.admin, self.target = admin, target
        self.connection = target.connect(admin)
        self.confirm = target.database + "."

    def submit(self, table, ddl, **more):
        return submit(self.admin, self.connection, self.target, table, ddl,
                      confirm_text=self.confirm + table, **more)

    def behind_another(self, table, ddl):
        """Submits while another execution holds the queue; gives both."""
        blocker = self.target.make_table("blocker", rows=20_000)
        first = submit(self.admin, self.connection, self.target, blocker, "ADD COLUMN b INT",
                       execution_params=SLOW)
        wait_copying(self.admin, first["id"])
        waiting = self.submit(table, ddl)
        assert detail(self.admin, waiting["id"])["status"] == "pending"
        return first, waiting

    def let_go(self, first):
        self.admin.post(f"/api/v1/executions/{first['id']}/stop").ok()
        assert wait_final(self.admin, first["id"])["status"] == "cancelled"


@pytest.fixture
def place(queue, target):
    return Place(queue, target)


def refused_at_launch(place, waiting, table, before):
    ended = wait_final(place.admin, waiting["id"])
    assert ended["status"] == "failed", ended
    assert "since the submission" in ended["error_message"]
    assert place.target.rows(f"SHOW CREATE TABLE `{table}`") == before
    assert place.target.leftovers() == []
    return ended["error_message"]


def test_duplicates_that_came_while_it_waited(place):
    target = place.target
    table = target.make_table(rows=500)
    first, waiting = place.behind_another(table, "ADD UNIQUE KEY u (created_at)")
    target.sql(f"INSERT INTO `{table}` (customer_id, amount, created_at)"
               f" SELECT 1, 1, created_at FROM `{table}` WHERE id <= 3")
    before = target.rows(f"SHOW CREATE TABLE `{table}`")
    place.let_go(first)
    message = refused_at_launch(place, waiting, table, before)
    assert "more than once" in message
    assert target.value(f"SELECT COUNT(*) FROM `{table}`") == "503"


def test_a_column_that_changed_while_it_waited(place):
    target = place.target
    table = target.make_table(rows=500)
    first, waiting = place.behind_another(table, "MODIFY note VARCHAR(120)")
    target.sql(f"ALTER TABLE `{table}` MODIFY note VARCHAR(500)")
    target.sql(f"UPDATE `{table}` SET note = REPEAT('x', 400) WHERE id = 5")
    before = target.rows(f"SHOW CREATE TABLE `{table}`")
    place.let_go(first)
    assert "note" in refused_at_launch(place, waiting, table, before)
    assert target.value(f"SELECT LENGTH(note) FROM `{table}` WHERE id = 5") == "400"


def test_what_did_not_change_runs(place):
    target = place.target
    table = target.make_table(rows=500)
    first, waiting = place.behind_another(table, "ADD UNIQUE KEY u (created_at), DROP COLUMN note")
    target.sql(f"INSERT INTO `{table}` (customer_id, amount, created_at) VALUES (1, 1, '1999-01-01')")
    place.let_go(first)
    ended = wait_final(place.admin, waiting["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert target.value(f"SELECT COUNT(*) FROM `{table}`") == "501"


@pytest.mark.parametrize("server_name", ["mariadb", "mysql"])
def test_a_duplicate_that_comes_during_the_copy(sqlite_oscard, request, server_name):
    place = Place(sqlite_oscard.admin(), Target(request.getfixturevalue(server_name)))
    target = place.target
    table = target.make_table(rows=10_000)
    execution = place.submit(table, "ADD UNIQUE KEY u (created_at)", execution_params=SLOW)
    wait_copying(place.admin, execution["id"], rows=400)
    target.sql(f"INSERT INTO `{table}` (customer_id, amount, created_at)"
               f" SELECT 1, 1, created_at FROM `{table}` WHERE id = 9000")
    before = target.checksum(table)
    ended = wait_final(place.admin, execution["id"])
    assert ended["status"] == "failed", ended
    assert "1 rows would have been lost" in ended["error_message"]
    assert "Resolve the duplicates" in ended["error_message"]
    assert target.checksum(table) == before and before[0] == "10001"
    assert wait_gone(target.leftovers) == []
    assert target.value(
        "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE INDEX_NAME = 'u'"
        f" AND TABLE_SCHEMA = '{target.database}'"
    ) == "0"


@pytest.mark.parametrize("server_name", ["mariadb", "mysql"])
def test_a_duplicate_between_count_and_swap_keeps_the_old_table(sqlite_oscard, request, server_name):
    place = Place(sqlite_oscard.admin(), Target(request.getfixturevalue(server_name)))
    target = place.target
    table = target.make_table(rows=3000)
    # Time enough behind the last chunk to write what is committed only when the RENAME waits.
    params = {"chunk_size": 1500, "extra": {"sleep": "3"}}
    execution = place.submit(table, "ADD UNIQUE KEY u (created_at)", execution_params=params)
    wait_copying(place.admin, execution["id"], rows=3000)
    writer = threading.Thread(
        target=target.sql,
        args=(f"BEGIN; INSERT INTO `{table}` (customer_id, amount, created_at) SELECT 1, 1, created_at"
              f" FROM `{table}` WHERE id = 50; SELECT SLEEP(9); COMMIT",),
    )
    writer.start()

    def swapping():
        found = detail(place.admin, execution["id"])
        assert found["status"] == "running", found
        assert writer.is_alive(), f"committed too early: {found['stage']}"
        return found["stage"] == "swapping_tables"

    wait_for(swapping, 60, "the swap")
    writer.join()
    ended = wait_final(place.admin, execution["id"])
    assert ended["status"] == "failed", ended
    assert "the change is in effect" in ended["error_message"]
    assert "1 values of the unique key u" in ended["error_message"]
    assert f"_{table}_old was kept" in ended["attention"]
    assert target.leftovers() == [f"_{table}_old"], "no triggers, and nobody dropped the old table"
    assert target.value(f"SELECT COUNT(*) FROM `_{table}_old`") == "3001"
    assert target.value(f"SELECT COUNT(*) FROM `{table}`") == "3000"


def test_a_stop_while_the_launch_is_checked_cancels(make_oscard, target):
    """The search for duplicates waits behind a lock; the execution is cancelled all the same."""
    oscard = make_oscard(settings={"executions": {"max_concurrent": 1}})
    place = Place(oscard.admin(), target)
    table = target.make_table(rows=500)
    first, waiting = place.behind_another(table, "ADD UNIQUE KEY u (created_at)")
    lock = threading.Thread(
        target=target.sql, args=(f"LOCK TABLES `{table}` WRITE; SELECT SLEEP(6); UNLOCK TABLES",)
    )
    lock.start()
    wait_for(lambda: "SLEEP" in target.sql("SHOW PROCESSLIST"), 5, "the lock")
    place.let_go(first)
    wait_for(lambda: detail(place.admin, waiting["id"])["status"] == "running", 20, "the launch")
    place.admin.post(f"/api/v1/executions/{waiting['id']}/stop").ok()
    lock.join()
    ended = wait_final(place.admin, waiting["id"])
    assert ended["status"] == "cancelled", ended
    assert target.leftovers() == []
