"""The real oscard as a process of a test: own data folder, own port, killed and started at will.

    with Oscard(build, folder) as oscard:
        oscard.admin().post("/api/v1/connections", {...})
        oscard.kill9(); oscard.start()
"""

import glob
import json
import os
import secrets
import time
import urllib.error
import urllib.request

from lab import write_private
from openapi_contract import Contract
from processes import end, free_port, spawn, tail, wait_for
from rest_client import RestClient
from ws_client import WebSocket

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def build_dir():
    """Where ./test has built the product."""
    return os.environ.get("OSCAR_BUILD_DIR", os.path.join(ROOT, "build"))


def memory_bound(kib):
    """`kib` for the ordinary build; none for the sanitized one, most of whose memory is not its own."""
    return float("inf") if "sanitize" in build_dir() else kib


class Oscard:
    """`store_url` is "sqlite" or mysql://user@host:port/database; `tool` a pt-online-schema-change
    other than the one in PATH; `settings` sections to merge into the configuration file."""

    _contract = None  # read once: it is large
    _started = []  # every process that a test believes to be alive

    def __init__(self, folder, store_url="sqlite", store_password="", tool=None, settings=None):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        self.port = free_port()
        self.log_path = os.path.join(folder, "oscard.log")
        # The policy asks for letters and digits.
        self.admin_password = "Adm1-" + secrets.token_hex(10)
        self.store_password = store_password
        self.process = None
        self.config_path = os.path.join(folder, "oscar.yaml")
        self._write_config(store_url, tool, settings or {})

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    @property
    def pid(self):
        return self.process.pid

    @classmethod
    def contract(cls):
        if Oscard._contract is None:
            Oscard._contract = Contract(os.path.join(ROOT, "host/api/openapi.yaml"))
        return Oscard._contract

    def start(self):
        """Starts the program and waits until it is healthy."""
        self.launch()
        wait_for(self._healthy, 30, "oscard is healthy", 0.02)
        return self

    def launch(self):
        """Starts the program without waiting."""
        env = dict(os.environ)
        env["OSCAR_ADMIN_PASSWORD"] = self.admin_password
        if self.store_password:
            env["OSCAR_STORE_PASSWORD"] = self.store_password
        argv = [os.path.join(build_dir(), "bin", "oscard"), "--config", self.config_path]
        argv += ["--data", self.data, "--port", str(self.port)]
        self.process = spawn(argv, self.log_path, env)
        Oscard._started.append(self)

    @staticmethod
    def assert_none_died():
        """AssertionError with the end of the log of any oscard that ended by itself."""
        Oscard._started = [one for one in Oscard._started if one.process]
        for one in Oscard._started:
            status = one.process.poll()
            if status is not None:
                one.process = None
                raise AssertionError(f"oscard died with {status}\n{tail(one.log_path, 40)}")

    def stop(self, grace_s=30):
        """SIGTERM and wait; returns the exit status."""
        status = end(self.process, grace_s)
        self.process = None
        return status

    def kill9(self):
        self.process.kill()
        self.process.wait(10)
        self.process = None

    def close(self):
        """Ends the program and asks what still runs detached to stop by itself."""
        self.stop()
        for run in self.live_runs():
            with open(os.path.join(run, "control", "stop"), "w", encoding="utf-8"):
                pass
        deadline = time.monotonic() + 20
        while self.live_runs() and time.monotonic() < deadline:
            time.sleep(0.1)

    def live_runs(self):
        """The folders of runs that have not ended."""
        folders = glob.glob(os.path.join(self.data, "runs", "*", ""))
        return [run for run in folders if not os.path.exists(os.path.join(run, "exit"))]

    def client(self, token=None, language="en"):
        return RestClient(self.port, self.contract(), token, language)

    def admin(self):
        """A new client that is logged in as admin."""
        return self.client().login("admin", self.admin_password)

    def user(self, role, name=None):
        """Makes a user of this role and returns a client that is logged in as it."""
        name = name or f"{role}-{secrets.token_hex(3)}"
        password = "Us3r-" + secrets.token_hex(8)
        body = {"username": name, "password": password, "role": role}
        self.admin().post("/api/v1/users", body).ok()
        client = self.client().login(name, password)
        client.username, client.password = name, password
        return client

    def websocket(self, client, execution_id, from_line=None, **more):
        """The push channel of an execution, authenticated by the bearer subprotocol."""
        path = f"/ws/execution/{execution_id}"
        path += f"?from_line={from_line}" if from_line is not None else ""
        return WebSocket(self.port, path, ["oscar.v1", f"bearer.{client.token}"], **more)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def memory_kib(self):
        """Resident memory."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(next(line.split()[1] for line in file if line.startswith("VmRSS")))

    def connections(self):
        """How many sockets the process has open."""
        links = glob.glob(f"/proc/{self.pid}/fd/*")
        return sum(1 for link in links if _target(link).startswith("socket:"))

    def _healthy(self):
        if self.process.poll() is not None:
            raise AssertionError(
                f"oscard ended with {self.process.returncode}\n{tail(self.log_path, 30)}"
            )
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _write_config(self, store_url, tool, settings):
        sections = {
            "store": {"url": store_url},
            # Passwords of the tests have an entropy that needs no slow hash.
            # All tests come from one address, which wrong logins would otherwise lock out.
            "auth": {"bcrypt_cost": 10, "max_failures": 1000},
            "log": {"level": "debug"},
        }
        if tool:
            sections["plugins"] = {"configuration": {"backend_local": {"tool": tool}}}
        for name, values in settings.items():
            sections.setdefault(name, {}).update(values)
        # JSON is YAML, and needs no library to be written.
        write_private(self.config_path, json.dumps(sections, indent=1))


def _target(link):
    try:
        return os.readlink(link)
    except OSError:
        return ""  # closed in between
