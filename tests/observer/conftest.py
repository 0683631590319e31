"""Fixtures of the observer's tests: one private MariaDB, both versions of the tool."""

import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import lab  # noqa: E402
from observed_run import ObservedRun  # noqa: E402


# Each version of the tool with a server of its age. The options are what Oscar passes for that pair:
# 3.7 asks MariaDB in words that it does not know, MySQL 9.7 explains in a format no tool can read.
PAIRS = {
    "3.2-mariadb": ("3.2", lab.MariaDb, ("--max-lag=1",)),
    "3.7-mysql": (
        "3.7",
        lab.Mysql97,
        ("--recursion-method=none", "--set-vars=explain_format='TRADITIONAL'"),
    ),
}


@pytest.fixture(scope="session", params=PAIRS)
def pair(request):
    """(server, path of the tool, options that this pair needs)"""
    version, server_class, options = PAIRS[request.param]
    try:
        tool = lab.pt_osc(version)
        running = server_class().start()
    except lab.Unavailable as reason:
        pytest.skip(str(reason))
    yield running, tool, options
    running.close()


@pytest.fixture
def server(pair):
    return pair[0]


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
def start(pair, database, tmp_path):
    """Starts the tool on a table of `shop`; whatever still runs at the end is killed."""
    server, tool, needed = pair
    runs = []

    def start_run(table, alter, *options, **more):
        folder = str(tmp_path / f"run{len(runs)}")
        run = ObservedRun(
            server, tool, database, table, alter, merged(needed, options), folder, **more
        )
        runs.append(run)
        return run

    yield start_run
    for run in runs:
        run.kill()


def merged(needed, options):
    """Both lists of options; --set-vars of both become one, because the tool takes the last."""
    name = "--set-vars="
    variables = [o[len(name) :] for o in (*needed, *options) if o.startswith(name)]
    others = [o for o in (*needed, *options) if not o.startswith(name)]
    return others + ([name + ",".join(variables)] if variables else [])


def fill(server, table, rows):
    """A table of `rows` rows (at most 100 000) whose statistics are fresh."""
    server.sql(
        f"CREATE TABLE `{table}` (id BIGINT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(80))", "shop"
    )
    values = (f"({n},'row {n} {'x' * 40}')" for n in range(1, rows + 1))
    while chunk := ",".join(value for _, value in zip(range(5000), values)):
        server.sql(f"INSERT INTO `{table}` (id, note) VALUES {chunk}", "shop")
    server.sql(f"ANALYZE TABLE `{table}`", "shop")
