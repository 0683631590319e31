"""Changes that fire no trigger and leave the definition as it is: the rows that were copied are no
longer the table's. And the tool's own triggers, without which writes during the copy are lost."""

import time

import pytest
from conftest import fill
from observed_run import Writer
from processes import wait_for
from test_changed_table import ADD, assert_refused

DURING = "the table was changed by somebody else during the copy"
JUST_BEFORE = "the table was changed by somebody else just before the swap"
REPLACED = "it was truncated, rebuilt or replaced by another table"
PARTITIONED = (
    "CREATE TABLE parts (id INT PRIMARY KEY AUTO_INCREMENT, note INT) PARTITION BY RANGE (id)"
    " (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN MAXVALUE)"
)
AWAY = "RENAME TABLE {t} TO away; CREATE TABLE {t} LIKE away; INSERT INTO {t} SELECT * FROM away"
EXCHANGE = (
    "CREATE TABLE other LIKE {t}; ALTER TABLE other REMOVE PARTITIONING;"
    "INSERT INTO other VALUES (1, 1); ALTER TABLE {t} EXCHANGE PARTITION p0 WITH TABLE other"
)
# what is done: table, statements, words of the refusal
CHANGES = {
    "truncate": ("orders", "TRUNCATE TABLE {t}", REPLACED),
    "truncate and refill": ("orders", "TRUNCATE {t}; INSERT INTO {t} VALUES (30000, 'x')", REPLACED),
    "truncate partition": ("parts", "ALTER TABLE {t} TRUNCATE PARTITION p0", "exchanged: p0"),
    "truncate all partitions": ("parts", "TRUNCATE TABLE {t}", "exchanged: p0, p1"),
    "exchange partition": ("parts", EXCHANGE, "exchanged: p0"),
    "rename": ("orders", AWAY, "gone: the tool's TRIGGER pt_osc_shop_orders_del"),
    "optimize": ("orders", "OPTIMIZE TABLE {t}", REPLACED),  # no loss, but looks the same
}
HARMLESS = {
    "analyze": "ANALYZE TABLE {t}",
    "flush": "FLUSH TABLES {t}",
    "writes": "INSERT INTO {t} (note) SELECT 5 FROM {t}; UPDATE {t} SET note = 6; DELETE FROM {t} WHERE id < 9",
    "rename away and back": "RENAME TABLE {t} TO away; RENAME TABLE away TO {t}",
    "check": "CHECK TABLE {t}; CHECKSUM TABLE {t}",
}


@pytest.fixture
def parts(server, database):
    server.sql(PARTITIONED, "shop")
    server.sql("INSERT INTO parts (note) VALUES (1), (2), (3)", "shop")
    server.sql("INSERT INTO parts VALUES (100, 1), (101, 1)", "shop")
    return "parts"


@pytest.fixture
def other_account(server, database):
    """What an option of the tool needs to log in without PROCESS."""
    server.sql("DROP USER IF EXISTS lim@'%', lim@localhost")
    for host in ("%", "localhost"):
        server.sql(f"CREATE USER lim@'{host}' IDENTIFIED BY 'Aa1-limited'")
        server.sql(f"GRANT ALL ON shop.* TO lim@'{host}'; GRANT REPLICATION CLIENT ON *.* TO lim@'{host}'")
    yield ("--user=lim", "--password=Aa1-limited")
    server.sql("DROP USER lim@'%', lim@localhost")


def held(start, table, *options):
    run = start(table, ADD, "--chunk-size=5000", *options, before=["hold-cutover"])
    run.wait_event("hold")
    return run


@pytest.mark.parametrize("change", CHANGES)
def test_other_data_during_the_hold_end_the_run(server, orders, parts, start, change):
    table, statements, words = CHANGES[change]
    run = held(start, table)
    server.sql(statements.format(t=table), "shop")
    rows = server.rows(f"SELECT * FROM {table} ORDER BY id", "shop")
    run.clear("hold-cutover")
    assert_refused(server, run, words)
    assert server.leftovers("shop") == []
    assert server.rows(f"SELECT * FROM {table} ORDER BY id", "shop") == rows


def test_a_truncation_during_the_copy_ends_the_run(server, orders, start):
    run = start(orders, ADD, "--chunk-size=1000", before=["pause", "hold-cutover"])
    run.wait_event("paused")
    server.sql("TRUNCATE TABLE orders; INSERT INTO orders VALUES (19999, 'x'), (20000, 'y')", "shop")
    run.clear("pause")
    assert_refused(server, run, REPLACED)
    assert "hold" not in run.names()
    assert server.value("SELECT COUNT(*) FROM orders", "shop") == "2"


@pytest.mark.parametrize("change", HARMLESS)
@pytest.mark.parametrize("table", ["orders", "parts"])
def test_what_keeps_the_data_is_no_change(server, orders, parts, start, table, change):
    run = held(start, table)
    server.sql(HARMLESS[change].format(t=table), "shop")
    run.clear("hold-cutover")
    run.succeed()
    assert "refused" not in run.names()
    assert server.leftovers("shop") == []


@pytest.mark.parametrize("table", ["orders", "parts"])
def test_a_truncation_that_the_swap_waited_for_keeps_the_old_table(server, orders, parts, start, table):
    run = held(start, table)
    reader = f"BEGIN; SELECT COUNT(*) FROM {table}; SELECT SLEEP(5); COMMIT"
    with Writer(server, lambda _: reader) as reading:
        wait_for(lambda: "SLEEP" in server.sql("SHOW PROCESSLIST"), 10, "the transaction")
        reading._stop.set()
        with Writer(server, lambda _: f"TRUNCATE TABLE {table}") as other:
            wait_for(lambda: "metadata lock" in server.sql("SHOW PROCESSLIST"), 10, "the change")
            other._stop.set()
            run.clear("hold-cutover")
            run.wait_event("swapping")
            assert reading.rounds == 0, "too late"
    assert run.wait() == 1
    assert run.names().index("swapped") < run.names().index("refused")
    (refused,) = run.events("refused")
    assert refused["text"].startswith(f"oscar: {JUST_BEFORE}, its data: "), refused
    assert "dropping_old_table" not in run.stages()
    assert server.value(f"SELECT COUNT(*) FROM _{table}_old", "shop") == "0"
    assert "pt_osc_" not in server.sql(f"SHOW TRIGGERS LIKE '%{table}%'", "shop")


@pytest.mark.parametrize("name", ["订单", "é-Ñ Я#P#x", "a%b_c", "t`|$"])
def test_names_as_innodb_keeps_them(server, database, start, name):
    quoted = "`" + name.replace("`", "``") + "`"
    make = f"CREATE TABLE {quoted} (id INT PRIMARY KEY, note INT)"
    server.sql(f"{make}; INSERT INTO {quoted} VALUES (1, 1), (2, 2)", "shop")
    server.sql(f"CREATE TABLE axb1c LIKE {quoted}; CREATE TABLE `{name.replace('`', '')}#p` LIKE axb1c", "shop")
    run = held(start, name)
    server.sql("TRUNCATE TABLE axb1c", "shop")  # another one, whatever its name looks like
    run.clear("hold-cutover")
    run.succeed()
    run = start(name, "ADD COLUMN more INT", before=["hold-cutover"])
    run.wait_event("hold")
    server.sql(f"TRUNCATE TABLE {quoted}", "shop")
    run.clear("hold-cutover")
    assert run.wait() != 0
    assert REPLACED in run.events("refused")[0]["text"]


@pytest.mark.parametrize(
    "change, words",
    [("TRUNCATE TABLE orders", REPLACED), ("ANALYZE TABLE orders", None), ("DELETE FROM orders", None)],
)
def test_without_process_what_can_be_had(server, orders, start, other_account, change, words):
    run = held(start, orders, *other_account, "--recursion-method=none")
    time.sleep(1.1)
    server.sql(change, "shop")
    run.clear("hold-cutover")
    if words:
        assert_refused(server, run, words)
    else:
        run.succeed()


def own_trigger(server, ending):
    return server.value(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'"
        f" AND TRIGGER_NAME LIKE 'pt%\\_{ending}'"
    )


@pytest.mark.parametrize("ending", ["del", "upd", "ins"])
def test_a_trigger_of_the_tool_that_somebody_dropped_ends_the_run(server, orders, start, ending):
    run = held(start, orders)
    name = own_trigger(server, ending)
    server.sql(f"DROP TRIGGER {name}; DELETE FROM orders WHERE id < 500", "shop")
    run.clear("hold-cutover")
    assert_refused(server, run, f"gone: the tool's TRIGGER {name}")
    assert server.leftovers("shop") == []
    assert server.value("SELECT COUNT(*) FROM orders", "shop") == "19501"


def test_a_trigger_of_the_tool_that_was_made_anew_ends_the_run(server, orders, start):
    run = held(start, orders)
    name = own_trigger(server, "del")
    row = server.rows(f"SHOW CREATE TRIGGER {name}", "shop")[0]
    server.sql(f"DROP TRIGGER {name}; DELETE FROM orders WHERE id < 500", "shop")
    time.sleep(1.1)
    server.sql(f"DELIMITER //\n{row[2]} //\nDELIMITER ;", "shop")
    run.clear("hold-cutover")
    assert_refused(server, run, f"new: the tool's TRIGGER {name}")


@pytest.mark.parametrize("name", ["pt_osc_mine", "pt_osc_mine_del"])
def test_a_trigger_of_others_is_theirs_whatever_its_name(server, orders, start, name):
    run = held(start, orders)
    server.sql(f"CREATE TRIGGER {name} BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'x'", "shop")
    run.clear("hold-cutover")
    assert_refused(server, run, f"new: TRIGGER {name}")
    assert name in server.sql("SHOW TRIGGERS LIKE 'orders'", "shop")
    server.sql(f"DROP TRIGGER {name}", "shop")


def test_such_a_trigger_from_before_is_kept_with_the_others(server, orders, start):
    server.sql("CREATE TRIGGER pt_osc_mine_del BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'x'", "shop")
    start(orders, ADD, "--preserve-triggers").succeed()
    assert "pt_osc_mine_del" in server.sql("SHOW TRIGGERS LIKE 'orders'", "shop")
