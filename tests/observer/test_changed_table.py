"""What others change about a table while it is copied is not lost in the swap: the run ends instead."""

import pytest
from conftest import fill
from observed_run import Writer
from processes import wait_for

ADD = "ADD COLUMN extra INT NOT NULL DEFAULT 7"
TRIGGER = "CREATE TRIGGER {} BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = '{}'"
CHANGES = {
    "column": ("ALTER TABLE orders ADD COLUMN z INT DEFAULT 7; UPDATE orders SET z = 9", "new: `z` int"),
    "index": ("CREATE INDEX zi ON orders (note)", "new: KEY `zi` (`note`)"),
    "type": ("ALTER TABLE orders MODIFY note VARCHAR(81)", "gone: `note` varchar(80)"),
    "comment": ("ALTER TABLE orders COMMENT '说明'", "COMMENT='说明'"),
    "trigger": (TRIGGER.format("mytrig", "x"), "new: TRIGGER mytrig BEFORE INSERT"),
}


def definition(server):
    """The table as it is, with all its triggers."""
    return server.sql("SHOW CREATE TABLE orders; SHOW TRIGGERS LIKE 'orders'", "shop")


def assert_refused(server, run, expected, words="the table was changed by somebody else during the copy"):
    assert run.wait() != 0
    (refused,) = run.events("refused")
    assert refused["text"].startswith(f"oscar: {words}"), refused
    assert expected in refused["text"]
    assert "\noscar: " + words in run.text()
    assert "swapping" not in run.names() and "swapped" not in run.names()
    assert run.events("end")[-1]["ok"] is False
    assert "`extra`" not in server.sql("SHOW CREATE TABLE orders", "shop")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_during_the_hold_ends_the_run(server, orders, start, change):
    sql, words = CHANGES[change]
    run = start(orders, ADD, "--chunk-size=5000", before=["hold-cutover"])
    run.wait_event("hold")
    server.sql(sql, "shop")
    run.clear("hold-cutover")
    assert_refused(server, run, words)
    assert server.leftovers("shop") == []
    now = definition(server)
    assert "pt_osc_" not in now
    if change == "column":
        assert server.value("SELECT MIN(z) FROM orders", "shop") == "9"
    if change == "trigger":
        assert "mytrig" in now


def test_a_change_during_the_copy_ends_the_run_before_it_is_held(server, orders, start):
    run = start(orders, ADD, "--chunk-size=1000", before=["pause", "hold-cutover"])
    run.wait_event("paused")
    server.sql("CREATE INDEX zi ON orders (note)", "shop")
    run.clear("pause")
    assert_refused(server, run, "zi")
    assert "hold" not in run.names()
    assert server.leftovers("shop") == []


def test_a_trigger_made_anew_under_its_name_ends_the_run(server, orders, start):
    server.sql(TRIGGER.format("mytrig", "x"), "shop")
    run = start(orders, ADD, "--preserve-triggers", before=["hold-cutover"])
    run.wait_event("hold")
    server.sql("DROP TRIGGER mytrig; " + TRIGGER.format("mytrig", "y"), "shop")
    run.clear("hold-cutover")
    assert_refused(server, run, "mytrig")
    assert "'y'" in definition(server)


@pytest.mark.parametrize("change", ["column", "trigger"])
def test_a_change_that_the_swap_waited_for_keeps_the_old_table(server, orders, start, change):
    """An ALTER that waits for a transaction: nothing is to be seen of it until both have ended."""
    run = start(orders, ADD, before=["hold-cutover"])
    run.wait_event("hold")
    sql, words = CHANGES[change]
    with Writer(server, lambda _: "BEGIN; SELECT COUNT(*) FROM orders; SELECT SLEEP(5); COMMIT") as reader:
        wait_for(lambda: "SLEEP" in server.sql("SHOW PROCESSLIST"), 10, "the transaction")
        reader._stop.set()
        with Writer(server, lambda _: sql.split(";")[0]) as other:
            wait_for(lambda: "metadata lock" in server.sql("SHOW PROCESSLIST"), 10, "the change")
            other._stop.set()
            run.clear("hold-cutover")
            run.wait_event("swapping")
            assert reader.rounds == 0, "too late"
    assert run.wait() != 0
    assert run.names().index("swapped") < run.names().index("refused")
    (refused,) = run.events("refused")
    assert refused["text"].startswith(
        "oscar: the table was changed by somebody else just before the swap"
    )
    assert words in refused["text"] and "gone:" not in refused["text"]
    assert run.events("end")[-1]["ok"] is False and run.process.returncode == 1
    assert "dropping_old_table" not in run.stages()
    old = server.sql("SHOW CREATE TABLE _orders_old; SHOW TRIGGERS LIKE '\\_orders\\_old'", "shop")
    assert ("`z`" if change == "column" else "mytrig") in old
    assert "`extra`" in server.sql("SHOW CREATE TABLE orders", "shop")


def test_a_definition_that_cannot_be_read_ends_the_run(server, orders, start):
    run = start(orders, ADD, before=["hold-cutover"])
    run.wait_event("hold")
    server.sql(f"KILL {run.events('session')[-1]['id']}")
    run.clear("hold-cutover")
    assert_refused(server, run, "", "cannot read the definition of the table before the swap")


def test_a_table_that_is_gone_ends_the_run(server, orders, start):
    run = start(orders, ADD, before=["hold-cutover"])
    run.wait_event("hold")
    server.sql("RENAME TABLE orders TO orders2", "shop")
    run.clear("hold-cutover")
    try:
        assert run.wait() != 0
        (refused,) = run.events("refused")
        assert "cannot read the definition" in refused["text"] and "swapping" not in run.names()
    finally:
        server.sql("RENAME TABLE orders2 TO orders", "shop")


ODD = """CREATE TABLE odd (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, a TINYINT(1) NOT NULL DEFAULT -1, b BIT(5) DEFAULT b'101',
  c DECIMAL(20,6) DEFAULT 0.5, d DOUBLE, e FLOAT, f DATE DEFAULT '2020-02-29', g TIME(3),
  h DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  i TIMESTAMP NULL DEFAULT NULL, j YEAR, k CHAR(3) CHARACTER SET latin1 COLLATE latin1_bin,
  l VARCHAR(40) DEFAULT 'it''s, \\n AUTO_INCREMENT=5', m BINARY(3), n VARBINARY(9) DEFAULT 'x', o TEXT,
  p BLOB, q MEDIUMTEXT, r LONGBLOB, s ENUM('a','b,c','d''e') DEFAULT 'b,c', t SET('x','y'), u JSON,
  `v``w` INT AS (a + 1) VIRTUAL, `列` INT COMMENT ') ENGINE=x AUTO_INCREMENT=9 ,', y INT AS (a * 2) STORED,
  parent BIGINT UNSIGNED, other BIGINT UNSIGNED, z INT CHECK (z < 10), CHECK (a < 100), FOREIGN KEY (other) REFERENCES parents (id),
  PRIMARY KEY (id), UNIQUE KEY uk (l, id), KEY pre (o(7), n(3)), KEY dsc (c, d), FULLTEXT KEY ft (q),
  CONSTRAINT up FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE SET NULL
) ENGINE=InnoDB AUTO_INCREMENT=77 DEFAULT CHARSET=utf8mb4 ROW_FORMAT=DYNAMIC STATS_PERSISTENT=1
  COMMENT='it''s AUTO_INCREMENT=3 列'"""


@pytest.mark.parametrize("triggers", [False, True], ids=["plain", "preserve-triggers"])
def test_an_odd_table_that_nobody_changes_is_swapped(server, database, start, triggers):
    server.sql("CREATE TABLE parents (id BIGINT UNSIGNED PRIMARY KEY)", "shop")
    server.sql(ODD, "shop")
    server.sql("INSERT INTO odd (a, o) VALUES (1, 'x'), (2, 'y'), (3, 'z')", "shop")
    for _ in range(9):
        server.sql("INSERT INTO odd (a, o) SELECT a, o FROM odd", "shop")
    if triggers:
        server.sql("CREATE TRIGGER own BEFORE UPDATE ON odd FOR EACH ROW SET NEW.l = 'a\nb'", "shop")
    options = ("--preserve-triggers",) if triggers else ()
    slow = ("--chunk-size=50", "--sleep=0.02")
    run = start("odd", "ADD COLUMN extra INT", *slow, *options, before=["hold-cutover"])
    run.wait_event("chunk")
    with Writer(server, lambda n: "INSERT INTO odd (a, o) VALUES (4, 'w'); ANALYZE TABLE odd") as writer:
        run.wait_event("hold")
        wait_for(lambda: writer.rounds > 2, 30, "three rounds of writes")
    run.clear("hold-cutover")
    run.succeed()
    assert "refused" not in run.names()
    made = server.sql("SHOW CREATE TABLE odd", "shop")
    assert "`extra`" in made and "`列`" in made
    assert ("own" in server.sql("SHOW TRIGGERS LIKE 'odd'", "shop")) == triggers
    assert server.leftovers("shop") == []


def test_foreign_keys_are_no_change(server, orders, start):
    server.sql(
        "CREATE TABLE items (id INT PRIMARY KEY, order_id BIGINT, CONSTRAINT fk_order"
        " FOREIGN KEY (order_id) REFERENCES orders (id)); INSERT INTO items VALUES (1, 5)",
        "shop",
    )
    run = start(orders, ADD, "--chunk-size=2000", "--alter-foreign-keys-method=rebuild_constraints").succeed()
    assert run.names().count("swapped") == 1
    server.sql("SET foreign_key_checks = 0; DROP TABLE items", "shop")


def test_a_partitioned_table(server, database, start):
    server.sql(
        "CREATE TABLE parts (id INT PRIMARY KEY AUTO_INCREMENT, note INT) PARTITION BY RANGE (id)"
        " (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN MAXVALUE)",
        "shop",
    )
    server.sql("INSERT INTO parts (note) VALUES (1), (2), (3)", "shop")
    start("parts", "ADD COLUMN extra INT").succeed()
    run = start("parts", "ADD COLUMN more INT", before=["hold-cutover"])
    run.wait_event("hold")
    server.sql(
        "ALTER TABLE parts REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (200),"
        " PARTITION p2 VALUES LESS THAN MAXVALUE)",
        "shop",
    )
    run.clear("hold-cutover")
    assert run.wait() != 0
    assert "p2" in run.events("refused")[0]["text"]
    assert server.leftovers("shop") == []


def test_a_chinese_table_name(server, database, start):
    fill(server, "订单", 500)
    run = start("订单", "ADD COLUMN extra INT", before=["hold-cutover"])
    run.wait_event("hold")
    server.sql("ALTER TABLE `订单` ADD `备注` VARCHAR(20) COMMENT '说明'", "shop")
    run.clear("hold-cutover")
    assert run.wait() != 0
    assert "new: `备注` varchar(20)" in run.events("refused")[0]["text"]
    assert server.leftovers("shop") == []
