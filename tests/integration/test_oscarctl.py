"""oscarctl against the real oscard: the main job in a terminal, --json, and exit statuses."""

import json
import os
import subprocess

import pytest

from oscard import build_dir
from scenario import SLOW, Target, submit, wait_copying, wait_final


class Ctl:
    """oscarctl with a home folder of its own, so that its session file is private too."""

    def __init__(self, home):
        self.home = home

    def __call__(self, *arguments, password=None, timeout_s=120):
        env = dict(os.environ, HOME=self.home, XDG_CONFIG_HOME=self.home, LANG="C.UTF-8")
        if password:
            env["OSCAR_PASSWORD"] = password
        return subprocess.run(
            [os.path.join(build_dir(), "bin", "oscarctl"), *arguments], env=env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False,
        )

    def json(self, *arguments):
        done = self(*arguments, "--json")
        assert done.returncode == 0, done
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def place(sqlite_oscard, mariadb, tmp_path_factory):
    target = Target(mariadb)
    admin = sqlite_oscard.admin()
    target.connect(admin, name="shop-" + target.database)
    ctl = Ctl(str(tmp_path_factory.mktemp("home")))
    url = f"http://127.0.0.1:{sqlite_oscard.port}"
    done = ctl("login", url, password=sqlite_oscard.admin_password)
    assert done.returncode == 0, done
    assert sqlite_oscard.admin_password not in done.stdout + done.stderr
    return sqlite_oscard, admin, target, ctl, "shop-" + target.database


def test_session_file_is_private(place):
    *_, ctl, _ = place
    files = [os.path.join(base, n) for base, _, names in os.walk(ctl.home) for n in names]
    assert files and all(os.stat(path).st_mode & 0o077 == 0 for path in files)


def test_connections_are_listed(place):
    *_, ctl, name = place
    assert name in ctl("connections").stdout
    assert name in json.dumps(ctl.json("connections"))


def test_run_and_watch(place):
    _, _, target, ctl, name = place
    target.make_table("orders", rows=5_000)
    done = ctl("run", name, "orders", "ADD COLUMN b INT", "--watch")
    assert done.returncode == 0, done
    assert "5,000" in done.stdout + done.stderr or "5000" in done.stdout + done.stderr
    assert target.columns("orders")[-1] == "b"
    history = ctl.json("history")
    number = str(history["items"][0]["number"])
    assert "completed" in json.dumps(ctl.json("status", number))
    assert "Successfully altered" in ctl("logs", number).stdout


def test_failure_is_the_exit_status(place):
    _, _, target, ctl, name = place
    target.make_table("fails", rows=10)
    ddl = "ADD COLUMN a VARCHAR(16000) NOT NULL, ADD COLUMN b VARCHAR(16000) NOT NULL"
    done = ctl("run", name, "fails", ddl, "--watch")
    assert done.returncode != 0, done
    assert "Row size too large" in done.stdout + done.stderr


def test_danger_is_refused_and_explained(place):
    _, _, target, ctl, name = place
    target.make_table("danger", rows=10)
    done = ctl("run", name, "danger", "DROP COLUMN note")
    assert done.returncode != 0
    assert f"{target.database}.danger" in done.stdout + done.stderr


def test_stop(place):
    _, admin, target, ctl, name = place
    connection = admin.get("/api/v1/connections", keyword=name).ok().data["items"][0]["id"]
    target.make_table("halt", rows=20_000)
    execution = submit(admin, connection, target, "halt", "ADD COLUMN b INT", execution_params=SLOW)
    wait_copying(admin, execution["id"])
    assert ctl("stop", str(execution["number"])).returncode == 0
    assert wait_final(admin, execution["id"])["status"] == "cancelled"


def test_usage_errors_and_no_server(place, tmp_path):
    *_, ctl, _ = place
    assert ctl("no-such-command").returncode != 0
    assert ctl("status").returncode != 0
    assert ctl("--help").returncode == 0
    stranger = Ctl(str(tmp_path))
    assert stranger("connections").returncode != 0
    nowhere = stranger("login", "http://127.0.0.1:1", password="x")
    assert nowhere.returncode != 0 and "127.0.0.1:1" in nowhere.stderr
