"""Keys by which pt-osc would lose rows: refused, on a server whose clock is set back in autumn."""

import pytest

from lab import MariaDb
from scenario import Target, request_body, submit, wait_final

TABLES = {
    "by_double": "a INT NOT NULL, at DOUBLE NOT NULL, v INT, PRIMARY KEY (a, at)",
    "by_set": "a INT NOT NULL, s SET('z','a','m') NOT NULL, v INT, PRIMARY KEY (a, s)",
    "by_bit": "a BIT(8) NOT NULL PRIMARY KEY, v INT",
    "by_enum": "e ENUM('z','a') NOT NULL, a INT NOT NULL, v INT, PRIMARY KEY (e, a)",
    "by_timestamp": "id INT NOT NULL, at TIMESTAMP NOT NULL DEFAULT '2020-01-01', v INT, "
                    "PRIMARY KEY (at, id)",
}


@pytest.fixture(scope="module")
def berlin():
    patch = pytest.MonkeyPatch()
    with patch.context() as environment:
        environment.setenv("TZ", "Europe/Berlin")
        server = MariaDb().start()
    yield Target(server)
    server.close()


@pytest.mark.parametrize("table", TABLES)
def test_unfit_keys_are_refused(sqlite_oscard, berlin, table):
    admin = sqlite_oscard.admin()
    connection = berlin.connect(admin)
    berlin.sql(f"CREATE TABLE {table} ({TABLES[table]})")
    body = request_body(connection, berlin, table, "ADD COLUMN b INT")
    answer = admin.post("/api/v1/executions", body)
    assert answer.status == 409, answer
    assert "chunk_key" in [finding["code"] for finding in answer.data["findings"]], answer


def test_another_index_keeps_every_row(sqlite_oscard, berlin):
    admin = sqlite_oscard.admin()
    connection = berlin.connect(admin)
    berlin.sql(
        "CREATE TABLE two (id INT NOT NULL, at DOUBLE NOT NULL PRIMARY KEY, UNIQUE KEY by_id (id));"
        "INSERT INTO two SELECT seq, 1700000000 + seq / 3e0 FROM seq_1_to_20000")
    execution = submit(admin, connection, berlin, "two", "ADD COLUMN b INT",
                       execution_params={"chunk_size": 97, "extra": {"chunk-index": "by_id"}})
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert berlin.value("SELECT COUNT(*) FROM two") == "20000"
