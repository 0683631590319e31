"""Stop, retry and the queue."""

import time

import pytest

from oscard import memory_bound
from processes import wait_for
from scenario import (
    FINAL, SLOW, Target, detail, submit, wait_copying, wait_final, wait_gone,
)


@pytest.mark.parametrize("server_name", ["mariadb", "mysql"])
def test_stop_in_the_middle_leaves_nothing(sqlite_oscard, request, server_name):
    target = Target(request.getfixturevalue(server_name))
    admin = sqlite_oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=20_000)
    before = target.checksum(table)
    execution = submit(
        admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW
    )
    wait_copying(admin, execution["id"], rows=400)
    started = time.monotonic()
    assert admin.post(f"/api/v1/executions/{execution['id']}/stop").ok().data["stop_requested"]
    ended = wait_final(admin, execution["id"], 30)
    assert time.monotonic() - started < 15
    assert ended["status"] == "cancelled"
    assert wait_gone(target.leftovers) == []
    assert target.checksum(table) == before
    assert target.columns(table)[-1] == "created_at"
    again = admin.post(f"/api/v1/executions/{execution['id']}/stop")
    assert again.status == 409


def test_retry_runs_the_same_again(sqlite_oscard, target):
    admin = sqlite_oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=10_000)
    first = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW)
    wait_copying(admin, first["id"])
    assert admin.post(f"/api/v1/executions/{first['id']}/retry").status == 409
    admin.post(f"/api/v1/executions/{first['id']}/stop").ok()
    assert wait_final(admin, first["id"])["status"] == "cancelled"
    again = admin.post(f"/api/v1/executions/{first['id']}/retry").ok().data
    assert again["id"] != first["id"] and again["number"] > first["number"]
    assert again["retry_of"] == first["id"]
    ended = wait_final(admin, again["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert "b" in target.columns(table)


def test_second_change_of_the_same_table_is_refused(sqlite_oscard, target):
    admin = sqlite_oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=10_000)
    first = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW)
    body = {"connection_id": connection, "database_name": target.database, "table_name": table,
            "ddl_type": "custom", "original_ddl": "ADD COLUMN c INT"}
    second = admin.post("/api/v1/executions", body)
    assert second.status == 409, second
    admin.post(f"/api/v1/executions/{first['id']}/stop").ok()
    assert wait_final(admin, first["id"])["status"] == "cancelled"


def test_ten_at_once(make_oscard, target):
    """Twelve are submitted, ten run, and all complete."""
    oscard = make_oscard(settings={"executions": {"max_per_server": 20}})
    admin = oscard.admin()
    connection = target.connect(admin)
    tables = [target.make_table(f"t{i}", rows=3_000) for i in range(12)]
    before = {table: target.checksum(table) for table in tables}
    ids = [
        submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW)["id"]
        for table in tables
    ]
    most = 0

    def all_ended():
        nonlocal most
        # One query, so that what ends and what begins meanwhile are not counted both.
        most = max(most, admin.get("/api/v1/executions", status="running").ok().data["total"])
        return all(detail(admin, one)["status"] in FINAL for one in ids)

    wait_for(all_ended, 200, "all executions end", 0.2)
    assert most == 10
    assert [detail(admin, one)["error_message"] for one in ids] == [None] * 12
    assert {detail(admin, one)["status"] for one in ids} == {"completed"}
    assert {table: target.checksum(table) for table in tables} == before
    assert target.leftovers() == []
    assert oscard.memory_kib() < memory_bound(128 * 1024)


def test_waiting_execution_says_what_for_and_can_be_cancelled(make_oscard, target):
    oscard = make_oscard(settings={"executions": {"max_per_server": 1}})
    admin = oscard.admin()
    connection = target.connect(admin)
    first = submit(admin, connection, target, target.make_table("a", rows=20_000),
                   "ADD COLUMN b INT", execution_params=SLOW)
    wait_copying(admin, first["id"])
    second = submit(admin, connection, target, target.make_table("b", rows=10), "ADD COLUMN b INT")
    waiting = wait_for(lambda: detail(admin, second["id"])["waiting_for"], 10, "a reason to wait")
    assert waiting
    stopped = admin.post(f"/api/v1/executions/{second['id']}/stop").ok().data
    assert stopped["status"] == "cancelled"
    admin.post(f"/api/v1/executions/{first['id']}/stop").ok()
    assert wait_final(admin, first["id"])["status"] == "cancelled"
    assert target.columns("b")[-1] == "created_at"


def test_throttled_run_says_why_and_still_stops(sqlite_oscard, target):
    admin = sqlite_oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=20_000)
    # One running thread is the query that asks: the limit is always exceeded.
    params = {"chunk_size": 200, "max_load": "Threads_connected=1", "critical_load": "Threads_running=5000"}
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=params)
    reason = wait_for(lambda: detail(admin, execution["id"])["throttled_by"], 30, "a throttle reason")
    assert "Threads_connected" in reason
    admin.post(f"/api/v1/executions/{execution['id']}/stop").ok()
    assert wait_final(admin, execution["id"], 40)["status"] == "cancelled"
    assert wait_gone(target.leftovers) == []
