"""The store locked, full or gone during a run: the run goes on and nothing of it is lost."""

import os
import sqlite3
import subprocess
import time

import pytest

from lab import MariaDb
from oscard import Oscard
from processes import wait_for
from scenario import SLOW, all_lines, submit, wait_copying, wait_final

ONCE = ("Created new table", "Created triggers OK", "Copied rows OK", "Dropped triggers OK",
        "Successfully altered")


def check_complete(admin, target, table, execution):
    ended = wait_final(admin, execution["id"], 90)
    assert ended["status"] == "completed", ended["error_message"]
    assert ended["processed_rows"] == int(target.value(f"SELECT COUNT(*) FROM {table}"))
    lines = all_lines(admin, execution["id"])
    for text in ONCE:
        assert sum(text in line for line in lines) == 1, text
    assert target.leftovers() == []


def begin(oscard, target, rows=8_000):
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=rows)
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW)
    wait_copying(admin, execution["id"], rows=400)
    return admin, table, execution


def test_sqlite_locked_by_another_process(make_oscard, target):
    oscard = make_oscard()
    admin, table, execution = begin(oscard, target)
    path = next(os.path.join(oscard.data, n) for n in os.listdir(oscard.data) if n.endswith(".db"))
    other = sqlite3.connect(path, isolation_level=None, timeout=10)
    other.execute("BEGIN EXCLUSIVE")
    time.sleep(12)
    assert oscard.process.poll() is None
    # What can be read still may be old, and the answer says so.
    one = f"/api/v1/executions/{execution['id']}"
    assert admin.get(one).headers.get("X-Oscar-Store") == "unavailable"
    other.execute("ROLLBACK")
    other.close()
    wait_for(lambda: admin.get(one).headers.get("X-Oscar-Store") is None, 20, "the store is back")
    check_complete(admin, target, table, execution)


def test_sqlite_disk_full(tmp_path, target):
    """Store and run folders on one small file system, filled to the last byte during the run: the
    room for the run's output was reserved when it began."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a small tmpfs")
    folder = str(tmp_path / "small")
    os.makedirs(folder)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine allows no mount: " + mounted.stderr.decode().strip())
    try:
        with Oscard(folder) as oscard:
            admin, table, execution = begin(oscard, target)
            filler = os.path.join(folder, "filler")
            with open(filler, "wb") as file:
                try:
                    while file.write(b"\0" * 65536):
                        file.flush()
                except OSError:
                    pass
            time.sleep(5)
            assert oscard.process.poll() is None
            os.remove(filler)
            check_complete(admin, target, table, execution)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_mysql_store_goes_away_and_comes_back(tmp_path, target):
    with MariaDb() as store:
        store.sql("CREATE DATABASE oscar; CREATE USER o@'%' IDENTIFIED BY 'pw'; GRANT ALL ON oscar.* TO o@'%'")
        url = f"mysql://o@127.0.0.1:{store.port}/oscar"
        with Oscard(str(tmp_path), store_url=url, store_password="pw") as oscard:
            admin, table, execution = begin(oscard, target)
            store.kill9()
            answer = admin.get("/api/v1/executions")
            assert answer.status == 503, answer
            time.sleep(5)
            store.start()
            wait_for(lambda: admin.get("/api/v1/executions").status == 200, 30, "the store is back")
            check_complete(admin, target, table, execution)


def test_store_that_is_newer_than_the_program(make_oscard):
    """A downgrade is refused in words, not by a crash."""
    oscard = make_oscard()
    oscard.stop()
    path = next(os.path.join(oscard.data, n) for n in os.listdir(oscard.data) if n.endswith(".db"))
    with sqlite3.connect(path) as store:
        store.execute(
            "INSERT INTO schema_migrations SELECT 9999, 'from_the_future', checksum, 1, applied_at"
            " FROM schema_migrations LIMIT 1"
        )
    oscard.launch()
    assert oscard.process.wait(20) != 0
    assert "9999" in oscard.log()
    oscard.process = None
