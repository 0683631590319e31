"""./run itself: one command, the sandbox, the main job at once, and Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from oscard import ROOT, build_dir
from processes import free_port, port_answers, tail, wait_for
from rest_client import RestClient
from conftest import store_on
from scenario import SLOW, submit, wait_copying, wait_final


class RunScript:
    def __init__(self, folder, port, *options, env=None):
        self.env = dict(os.environ, **(env or {}))
        self.data = os.path.join(folder, "data")
        self.port = port
        self.log_path = os.path.join(folder, "run.log")
        self.argv = [os.path.join(ROOT, "run"), "--port", str(port), "--data", self.data, *options]

    def start(self):
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, env=self.env,
            )
        wait_for(self._ready, 240, "./run is ready", 0.1)
        return self

    def output(self):
        return tail(self.log_path, 200)

    def password(self):
        found = re.search(r"first password: (\S+)", self.output())
        return found[1] if found else None

    def stop(self, number=signal.SIGINT):
        """The signal that a terminal's Ctrl-C sends, to the script alone."""
        self.process.send_signal(number)
        return self.process.wait(120)

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"./run ended with {self.process.returncode}\n{self.output()}")
        return "Stop:  Ctrl-C" in self.output()


@pytest.fixture
def script(tmp_path):
    if "sanitize" in build_dir():
        pytest.skip("./run starts the ordinary build")
    made = RunScript(str(tmp_path), free_port())
    yield made
    if made.process.poll() is None:
        made.stop()


def sandbox_port(script):
    with open(os.path.join(script.data, "sandbox", "port"), encoding="ascii") as file:
        return int(file.read())


def test_main_job_at_once_then_ctrl_c(script):
    script.start()
    password = script.password()
    assert password
    with open(os.path.join(script.data, "log", "oscard.log"), encoding="utf-8") as log:
        assert password not in log.read()
    admin = RestClient(script.port).login("admin", password)
    connections = admin.get("/api/v1/connections").ok().data["items"]
    assert [item["name"] for item in connections] == ["sandbox"]
    body = {"connection_id": connections[0]["id"], "database_name": "shop", "table_name": "orders",
            "ddl_type": "custom", "original_ddl": "ADD COLUMN channel VARCHAR(20)"}
    ended = wait_final(admin, admin.post("/api/v1/executions", body).ok().data["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert ended["processed_rows"] == 200_000

    # Ctrl-C in the middle of another one: it is asked to stop, and leaves nothing behind.
    body["original_ddl"] = "ADD COLUMN later INT"
    again = admin.post("/api/v1/executions", {**body, "execution_params": SLOW}).ok().data
    wait_copying(admin, again["id"])
    port = sandbox_port(script)
    assert script.stop() == 0
    assert not port_answers(script.port) and not port_answers(port)

    # The second start is quick, shows no password, and knows everything.
    started = time.monotonic()
    script.start()
    assert time.monotonic() - started < 20
    assert script.password() is None
    assert "ninja" not in script.output() and "globbed" not in script.output()
    admin = RestClient(script.port).login("admin", password)
    assert wait_final(admin, again["id"], 30)["status"] == "cancelled"
    tables = admin.get(f"/api/v1/tools/tables/{connections[0]['id']}/shop").ok().data["items"]
    assert sorted(item["name"] for item in tables) == ["customers", "order_items", "orders"]
    assert script.stop(signal.SIGTERM) == 0
    assert not port_answers(script.port) and not port_answers(port)


def test_killed_oscard_is_started_again_and_its_run_goes_on(script):
    script.start()
    password = script.password()
    admin = RestClient(script.port).login("admin", password)
    connection = admin.get("/api/v1/connections").ok().data["items"][0]["id"]
    body = {"connection_id": connection, "database_name": "shop", "table_name": "order_items",
            "ddl_type": "custom", "original_ddl": "ADD COLUMN later INT",
            "execution_params": {"chunk_size": 1000, "extra": {"sleep": "0.1"}}}
    execution = admin.post("/api/v1/executions", body).ok().data["id"]
    wait_copying(admin, execution)
    with open(os.path.join(script.data, "oscard.pid"), encoding="ascii") as file:
        os.kill(int(file.read().split()[0]), signal.SIGKILL)
    wait_for(lambda: "starting it again" in script.output() and port_answers(script.port), 30,
             "oscard is started again", 0.1)
    ended = wait_final(RestClient(script.port).login("admin", password), execution, 90)
    assert ended["status"] == "completed", ended["error_message"]
    assert script.stop() == 0


def test_the_sandbox_lives_in_a_folder_with_a_space(tmp_path):
    if "sanitize" in build_dir():
        pytest.skip("./run starts the ordinary build")
    folder = tmp_path / "with 空格"
    folder.mkdir()
    made = RunScript(str(folder), free_port())
    try:
        made.start()
        admin = RestClient(made.port).login("admin", made.password())
        connection = admin.get("/api/v1/connections").ok().data["items"][0]["id"]
        body = {"connection_id": connection, "database_name": "shop", "table_name": "customers",
                "ddl_type": "custom", "original_ddl": "ADD COLUMN a INT"}
        execution = admin.post("/api/v1/executions", body).ok().data["id"]
        ended = wait_final(admin, execution, 90)
        assert ended["status"] == "completed", ended["error_message"]
    finally:
        if made.process.poll() is None:
            assert made.stop() == 0


def test_killed_script_is_cleared_up_by_the_next(script):
    script.start()
    password = script.password()
    script.stop(signal.SIGKILL)
    assert port_answers(script.port), "kill -9 gives the script no chance"
    script.start()
    RestClient(script.port).login("admin", password)
    assert script.stop() == 0
    assert not port_answers(script.port)


def test_second_start_says_where_the_first_runs(script):
    script.start()
    second = subprocess.run(script.argv, capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 0
    assert f"http://127.0.0.1:{script.port}" in second.stdout


def test_deleted_sandbox_connection_comes_back_with_the_password(script):
    script.start()
    password = script.password()
    admin = RestClient(script.port).login("admin", password)
    admin.delete(f"/api/v1/connections/{admin.get('/api/v1/connections').data['items'][0]['id']}").ok()
    assert script.stop() == 0
    script.env["OSCAR_ADMIN_PASSWORD"] = password
    script.start()
    admin = RestClient(script.port).login("admin", password)
    items = admin.get("/api/v1/connections").ok().data["items"]
    assert [item["name"] for item in items] == ["sandbox"]
    assert admin.post(f"/api/v1/connections/{items[0]['id']}/test").ok()
    assert script.stop() == 0
    script.start()  # it is there now, which is nothing to speak of
    assert "curl" not in script.output() and "connection `sandbox`" not in script.output()
    assert script.stop() == 0


def test_runs_on_other_servers_are_named_at_the_end(script, target):
    script.start()
    admin = RestClient(script.port).login("admin", script.password())
    table = target.make_table(rows=4_000)
    execution = submit(admin, target.connect(admin), target, table, "ADD COLUMN b INT",
                       execution_params=SLOW)
    wait_copying(admin, execution["id"])
    assert script.stop() == 0
    named = f"{target.database}.{table} on 127.0.0.1:{target.server.port}"
    assert named in script.output()


def test_a_store_with_an_administrator_gives_no_password(tmp_path, mariadb):
    """The store is asked, not the data folder: a new folder, and a store that others have filled."""
    url, store_password = store_on(mariadb)
    env = {"OSCAR_STORE_URL": url, "OSCAR_STORE_PASSWORD": store_password}
    first = RunScript(str(tmp_path / "a"), free_port(), "--no-sandbox", env=env)
    second = RunScript(str(tmp_path / "b"), free_port(), "--no-sandbox", env=env)
    for made in (first, second):
        os.makedirs(os.path.dirname(made.data))
        made.start()
        assert made.stop() == 0
    assert first.password() and second.password() is None


def test_no_sandbox_and_own_password(tmp_path):
    port = free_port()
    made = RunScript(str(tmp_path), port, "--no-sandbox", env={"OSCAR_ADMIN_PASSWORD": "Own1password"})
    made.start()
    try:
        assert made.password() is None
        RestClient(port).login("admin", "Own1password")
        assert not os.path.exists(os.path.join(made.data, "sandbox"))
    finally:
        assert made.stop() == 0


def test_taken_port_is_named(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c",
         "import socket,time; s=socket.create_server(('127.0.0.1', 0));"
         "print(s.getsockname()[1], flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE, text=True,
    )
    try:
        port = holder.stdout.readline().strip()
        done = subprocess.run(
            [os.path.join(ROOT, "run"), "--port", port, "--data", str(tmp_path / "d"), "--no-sandbox"],
            capture_output=True, text=True, timeout=120, check=False,
        )
    finally:
        holder.kill()
        holder.wait()
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr


@pytest.mark.parametrize("options", [["--port"], ["--port", "0"], ["--port", "70000"],
                                     ["--port", "x"], ["--data"], ["--data", ""], ["--wrong"]])
def test_wrong_options_are_named(options):
    done = subprocess.run([os.path.join(ROOT, "run"), *options], capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == 1
    assert options[0] in done.stderr
