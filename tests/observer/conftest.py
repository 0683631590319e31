"""Fixtures of the observer's tests: one private MariaDB, both versions of the tool."""

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import lab  # noqa: E402
from observed_run import ObservedRun  # noqa: E402


@pytest.fixture(scope="session")
def server():
    try:
        # Two identities of one server: the tool takes 127.0.0.1 for the server, `replica` tests
        # give it the same server again as something to wait for.
        with lab.MariaDb(options=["--lock-wait-timeout=60"]) as running:
            yield running
    except lab.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session", params=["3.2", "3.7"])
def tool(request):
    try:
        return lab.pt_osc(request.param)
    except lab.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def database(server):
    server.sql("DROP DATABASE IF EXISTS shop; CREATE DATABASE shop CHARACTER SET utf8mb4")
    return "shop"


@pytest.fixture
def orders(server, database):
    """shop.orders with 20 000 rows in two columns, statistics fresh."""
    fill(server, "orders", 20000)
    return "orders"


@pytest.fixture
def start(server, tool, database, tmp_path):
    """Starts the tool on a table of `shop`; whatever still runs at the end is killed."""
    runs = []

    def start_run(table, alter, *options, **more):
        run = ObservedRun(
            server, tool, database, table, alter, options, str(tmp_path / f"run{len(runs)}"), **more
        )
        runs.append(run)
        return run

    yield start_run
    for run in runs:
        run.kill()


def fill(server, table, rows):
    server.sql(
        f"CREATE TABLE `{table}` (id BIGINT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(80));"
        f"INSERT INTO `{table}` (id, note) SELECT seq, CONCAT('row ', seq, RPAD('', 40, 'x'))"
        f" FROM seq_1_to_{max(rows, 1)} WHERE {rows} > 0; ANALYZE TABLE `{table}`;",
        "shop",
    )
