"""Shell metacharacters, quotes, newlines and option-like text reach only their place in argv."""

import glob
import os

import pytest

from scenario import SLOW, Target, detail, submit, wait_copying, wait_final

HOSTILE = [
    "$(touch {mark})", "`touch {mark}`", "; touch {mark} #", "| touch {mark}", "&& touch {mark}",
    "' ; touch {mark} '", "\" ; touch {mark} \"", "\n touch {mark} \n", "--execute --plugin={mark}",
    "-h {mark}", "%s%n{{run_dir}}", "\\'; DROP TABLE orders; --", "*/ DROP TABLE orders /*",
    "a,b=c,F={mark}", "〈☃〉'`\"", "${{IFS}}touch{mark}",
]


@pytest.fixture(scope="module")
def place(sqlite_oscard, mariadb):
    target = Target(mariadb)
    target.make_table("orders", rows=20)
    admin = sqlite_oscard.admin()
    return sqlite_oscard, admin, target, target.connect(admin)


@pytest.fixture
def mark(tmp_path):
    """A file that any of the texts would make if a shell ever read it."""
    path = str(tmp_path / "mark")
    yield path
    assert not os.path.exists(path)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_request_field(place, mark, hostile):
    _, admin, target, connection = place
    text = hostile.format(mark=mark)
    good = {"connection_id": connection, "database_name": target.database, "table_name": "orders",
            "ddl_type": "custom", "original_ddl": "ADD COLUMN b INT", "backend": "local"}
    for field in ("connection_id", "database_name", "table_name", "ddl_type", "original_ddl",
                  "backend"):
        assert admin.post("/api/v1/executions", {**good, field: text}).status >= 400, field
    drop = {**good, "original_ddl": "DROP COLUMN note", "confirm_text": text}
    assert admin.post("/api/v1/executions", drop).status == 400
    for field in ("max_load", "critical_load", "charset"):
        params = {"execution_params": {field: text}}
        assert admin.post("/api/v1/tools/ddl/preview", {**good, **params}).status == 400, field
    for extra in ({text: "1"}, {"set-vars": text}, {"tries": text}, {"max-lag": text},
                  {"recursion-method": text}, {"chunk-index": text}):
        params = {"execution_params": {"extra": extra}}
        answer = admin.post("/api/v1/tools/ddl/preview", {**good, **params})
        assert answer.status >= 400 or text in answer.data["argv"] or any(
            part.endswith("=" + text) for part in answer.data["argv"]
        ), extra


@pytest.mark.parametrize("number, hostile", list(enumerate(HOSTILE)))
def test_table_and_comment_that_really_have_such_names(place, mark, number, hostile):
    """What MySQL allows as a name either works or is refused by name; it never does anything else."""
    _, admin, target, connection = place
    text = hostile.format(mark=mark).replace("/", "_").strip()[:50].strip()
    table = f"t{number}"
    target.make_table(table, rows=20)
    quoted = text.replace("`", "``")
    comment = hostile.format(mark=mark).replace("\\", "\\\\").replace("'", "''")
    ddl = f"ADD COLUMN `{quoted.replace(chr(10), ' ')}` INT COMMENT '{comment}'"
    body = {"connection_id": connection, "database_name": target.database, "table_name": table,
            "ddl_type": "custom", "original_ddl": ddl}
    answer = admin.post("/api/v1/executions", body)
    if answer.status >= 400:
        assert answer.status in (400, 409, 422), answer
        return
    ended = wait_final(admin, answer.data["id"])
    assert ended["original_ddl"] == ddl
    assert ended["status"] == "completed" or ended["error_message"]
    assert target.value(f"SELECT COUNT(*) FROM {table}") == "20"
    assert target.leftovers() == []
    if ended["status"] == "completed":
        stored = target.rows(
            "SELECT HEX(column_comment) FROM information_schema.columns WHERE table_schema="
            f"'{target.database}' AND table_name='{table}' ORDER BY ordinal_position DESC LIMIT 1"
        )[0][0]
        assert bytes.fromhex(stored).decode() == hostile.format(mark=mark)


@pytest.mark.parametrize("table", ["a,b", "a=b", "or der", "x'y", 'x"y', "a`b", "-h", "#t", "t;t", "订单"])
def test_awkward_table_names(place, table):
    _, admin, target, connection = place
    escaped = table.replace("`", "``")
    target.make_table(escaped, rows=30)
    body = {"connection_id": connection, "database_name": target.database, "table_name": table,
            "ddl_type": "custom", "original_ddl": "ADD COLUMN b INT"}
    answer = admin.post("/api/v1/executions", body)
    if answer.status >= 400:
        assert answer.status == 400 and "table_name" in answer.fields, answer
        return
    ended = wait_final(admin, answer.data["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert target.columns(escaped)[-1] == "b"


def test_argv_of_the_process_is_the_previewed_one(place):
    oscard, admin, target, connection = place
    table = target.make_table("argv_t", rows=4_000)
    ddl = "ADD COLUMN `a b` VARCHAR(40) DEFAULT '$(id) `id` \"x\" ; -- --execute'"
    body = {"connection_id": connection, "database_name": target.database, "table_name": table,
            "ddl_type": "custom", "original_ddl": ddl, "execution_params": SLOW}
    argv = admin.post("/api/v1/tools/ddl/preview", body).ok().data["argv"]
    execution = submit(admin, connection, target, table, ddl, execution_params=SLOW)
    wait_copying(admin, execution["id"])
    run = next(r for r in oscard.live_runs() if _uses(r, table))
    running = [part.replace(run.rstrip("/"), "{run_dir}") for part in _process_argv(run)]
    assert running[-len(argv) + 1:] == argv[1:]
    assert detail(admin, execution["id"])["status"] == "running"
    admin.post(f"/api/v1/executions/{execution['id']}/stop").ok()
    wait_final(admin, execution["id"])


def _uses(run, table):
    with open(os.path.join(run, "argv"), "rb") as file:
        return f"t={table}".encode() in file.read()


def _process_argv(run):
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            continue
        if f"{run}observer.pm".encode() in content:
            return content.decode().split("\0")[:-1]
    raise AssertionError("the process is not there")
