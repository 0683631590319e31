"""Chinese names and text, and tables in other character sets, arrive byte for byte."""

import pytest

from scenario import Target, all_lines, submit, wait_final

# (server, tool): every pair of a server's and a tool's generation.
PLACES = [("mariadb", None), ("mariadb", "3.7"), ("mysql", None), ("mysql", "3.7")]

# name: (character set of the table, texts of its rows)
TABLES = {
    "utf8mb4": ("utf8mb4", ("订单", "🚚🚀", "龘", "plain")),
    "gbk": ("gbk", ("订单", "测试", "中文", "plain")),
    "latin1": ("latin1", ("é", "ü€", "ñ", "plain")),
}

ALTER = "ADD COLUMN `渠道` VARCHAR(20) CHARACTER SET utf8mb4 DEFAULT '网店' COMMENT '渠道''说明'"


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: "-".join(map(str, place)))
def place(request, make_oscard):
    """(admin, target whose database has a Chinese name) for one pair."""
    server, tool = request.param
    more = {"tool": request.getfixturevalue("tool37")} if tool else {}
    target = Target(request.getfixturevalue(server), database="数据库" + (tool or "").replace(".", ""))
    yield make_oscard(**more).admin(), target
    target.server.sql(f"DROP DATABASE `{target.database}`")


def make_table(target, kind):
    """A table `订单_<kind>` whose key is text, so that the borders of the chunks are text as well."""
    charset, texts = TABLES[kind]
    table = f"订单_{kind}"
    rows = ",".join(
        f"('{texts[n % len(texts)]}{n:04}','{texts[n * 7 % len(texts)]}')" for n in range(1200)
    )
    target.sql(
        f"CREATE TABLE `{table}` (`编号` VARCHAR(30) PRIMARY KEY,"
        " `备注` VARCHAR(30) DEFAULT 'x' COMMENT '状态；说明')"
        f" CHARSET={charset} COMMENT='订单表'; INSERT INTO `{table}` VALUES {rows};"
        f"ANALYZE TABLE `{table}`"
    )
    return table


def stored(target, table):
    """All bytes of the first two columns, and what is said about them."""
    data = target.rows(f"SELECT HEX(`编号`), HEX(`备注`) FROM `{table}` ORDER BY HEX(`编号`)")
    facts = target.rows(
        "SELECT column_name, column_type, character_set_name, column_comment"
        " FROM information_schema.columns WHERE table_schema = DATABASE()"
        f" AND table_name = '{table}' AND ordinal_position <= 2 ORDER BY ordinal_position"
    )
    comment = target.value(
        "SELECT table_comment FROM information_schema.tables WHERE table_schema = DATABASE()"
        f" AND table_name = '{table}'"
    )
    return data, facts, comment


@pytest.mark.parametrize(
    "kind, charset", [("utf8mb4", "utf8mb4"), ("utf8mb4", "gbk"), ("gbk", "gbk"), ("latin1", "utf8")]
)
def test_nothing_is_changed_but_what_was_asked(place, kind, charset):
    """`charset` is the connection's: whichever it is, nothing is lost or turned into mojibake."""
    admin, target = place
    connection = target.connect(admin, charset=charset)
    table = make_table(target, kind)
    before = stored(target, table)

    execution = submit(
        admin, connection, target, table, ALTER, execution_params={"chunk_size": 200}
    )
    ended = wait_final(admin, execution["id"])

    assert ended["status"] == "completed", ended["error_message"]
    assert stored(target, table) == before
    assert target.columns(table) == ["编号", "备注", "渠道"]
    assert target.value(f"SELECT COUNT(*) FROM `{table}` WHERE `渠道` = '网店'") == "1200"
    assert target.value(
        "SELECT column_comment FROM information_schema.columns WHERE table_schema = DATABASE()"
        f" AND table_name = '{table}' AND column_name = '渠道'"
    ) == "渠道'说明"
    assert ended["processed_rows"] == 1200
    assert target.leftovers() == []
    lines = all_lines(admin, execution["id"])
    assert any(f"`{target.database}`.`{table}`" in line for line in lines)
    assert not any("\ufffd" in line for line in lines)
    target.sql(f"DROP TABLE `{table}`")
