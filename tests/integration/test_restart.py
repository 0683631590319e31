"""Nothing is lost when any process dies."""

import os
import time

from scenario import (
    SLOW, all_lines, detail, output_lines, submit, tool_pids, wait_copying, wait_final,
    wait_gone,
)


def test_kill9_in_the_middle_of_a_copy(make_oscard, target):
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=20_000)
    before = target.checksum(table)
    execution = submit(
        admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW
    )
    seen = wait_copying(admin, execution["id"], rows=2000)
    run = oscard.live_runs()[0]

    oscard.kill9()
    time.sleep(2)
    assert oscard.live_runs() == [run], "the run must outlive oscard"
    oscard.start()

    again = wait_copying(admin, execution["id"], rows=seen["processed_rows"])
    assert again["status"] == "running"
    output = None
    while detail(admin, execution["id"])["status"] == "running":
        if os.path.exists(os.path.join(run, "output.log")):
            output = output_lines(oscard, run)
        time.sleep(0.05)
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert target.checksum(table) == before
    lines = all_lines(admin, execution["id"])
    assert output, "the run folder was never seen"
    # The folder may be removed at the end; what it held until then must be there, once, in order.
    tool_lines = [line for line in lines if line in set(output)]
    assert tool_lines[: len(output)] == output
    assert sum("Swapped original and new tables OK" in line for line in lines) == 1


def test_many_kills(make_oscard, target):
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=12_000)
    execution = submit(
        admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW
    )
    wait_copying(admin, execution["id"])
    for _ in range(5):
        oscard.kill9()
        oscard.start()
        time.sleep(0.3)
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    lines = all_lines(admin, execution["id"])
    for text in ("Created new table", "Created triggers OK", "Copied rows OK", "Dropped triggers OK"):
        assert sum(text in line for line in lines) == 1, text


def test_run_that_ends_while_oscard_is_dead(make_oscard, target):
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=4_000)
    execution = submit(
        admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW
    )
    wait_copying(admin, execution["id"])
    oscard.kill9()
    assert wait_gone(oscard.live_runs, 60) == []
    oscard.start()
    ended = wait_final(admin, execution["id"], 30)
    assert ended["status"] == "completed", ended["error_message"]
    assert ended["processed_rows"] == 4_000
    assert sum("Successfully altered" in line for line in all_lines(admin, execution["id"])) == 1


def test_run_that_is_killed_is_told_and_cleaned_up(make_oscard, target):
    """kill -9 of pt-osc itself leaves triggers; oscard says what happened and removes them."""
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=20_000)
    execution = submit(
        admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW
    )
    wait_copying(admin, execution["id"])
    for pid in tool_pids(oscard.live_runs()[0]):
        os.kill(pid, 9)
    ended = wait_final(admin, execution["id"], 60)
    assert ended["status"] == "failed"
    assert ended["error_message"]
    assert wait_gone(target.leftovers) == []
    assert target.columns(table)[-1] == "created_at"


def test_orderly_end_leaves_runs_alone(make_oscard, target):
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=6_000)
    execution = submit(
        admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW
    )
    wait_copying(admin, execution["id"])
    assert oscard.stop() == 0
    assert len(oscard.live_runs()) == 1
    oscard.start()
    assert wait_final(admin, execution["id"])["status"] == "completed"
