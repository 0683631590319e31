"""One real pt-online-schema-change process with the observer, in a run directory of its own."""

import json
import os
import secrets
import threading

import lab
from processes import end, spawn, tail, wait_for

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "host", "observer")


def source(name):
    with open(os.path.join(SOURCES, name), encoding="utf-8") as file:
        return file.read()


def observer_module():
    """The observer as the host puts it into a run directory: its parts in one file."""
    return source("oscar_observer.pm") + source("oscar_events.pm") + source("oscar_table_watch.pm")


class ObservedRun:
    def __init__(self, server, tool, database, table, alter, options, folder, before=(), mode="--execute", files=None):
        """`before`: names of control files that exist from the start; `files`: name to content, of
        files beside the observer (None: not even the one that is there otherwise)."""
        self.folder = folder
        self.mark = secrets.token_hex(16)
        self.start_of_event = f"#oscar {self.mark} {{"
        self.log = os.path.join(folder, "output.log")
        os.makedirs(os.path.join(folder, "control"))
        with open(os.path.join(folder, "observer.pm"), "w", encoding="utf-8") as file:
            file.write(observer_module())
        defaults = os.path.join(folder, "my.cnf")
        lab.write_private(defaults, f"[client]\nuser=root\npassword={server.password}\n")
        for name in before:
            self.set(name)
        for name, text in {"event_mark": self.mark, **(files or {})}.items():
            if text is not None:
                lab.write_private(os.path.join(folder, name), text)
        dsn = f"F={defaults},h=127.0.0.1,P={server.port},D={database},t={table},A=utf8mb4"
        argv = ["perl", tool, "--alter", alter, mode, "--no-version-check"]
        argv += ["--progress=time,1", "--plugin", os.path.join(folder, "observer.pm")]
        argv += list(options) + [dsn]
        self.process = spawn(argv, self.log, env=dict(os.environ, HOME=folder))

    def set(self, name, text=""):
        path = os.path.join(self.folder, "control", name)
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".tmp", path)

    def clear(self, name):
        os.unlink(os.path.join(self.folder, "control", name))

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def events(self, name=None):
        """The events so far. Every line that mentions the mark must be one whole event."""
        found = []
        for line in self.text().splitlines(keepends=True):
            if self.start_of_event[:-1] not in line:
                continue
            if not line.endswith("\n"):
                continue  # being written
            assert line.startswith(self.start_of_event), line
            event = json.loads(line[len(self.start_of_event) - 1 :])
            assert event["t"] > 1_600_000_000, line
            if name is None or event["e"] == name:
                found.append(event)
        return found

    def names(self):
        return [event["e"] for event in self.events()]

    def stages(self):
        return [event["stage"] for event in self.events("stage")]

    def wait_event(self, name, timeout_s=30, where=lambda event: True):
        def look():
            matching = [event for event in self.events(name) if where(event)]
            if matching:
                return matching[0]
            assert self.process.poll() is None, f"ended before {name}:\n{tail(self.log, 60)}"
            return None

        return wait_for(look, timeout_s, f"event {name}")

    def wait(self, timeout_s=60):
        return self.process.wait(timeout_s)

    def succeed(self, timeout_s=60):
        status = self.wait(timeout_s)
        assert status == 0, tail(self.log, 60)
        assert self.events("end")[-1]["ok"] is True
        return self

    def kill(self):
        end(self.process, 0.1)


class Writer:
    """Writes to a table from a connection of its own until it is told to stop."""

    def __init__(self, server, statement):
        self._server, self._statement = server, statement
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.rounds = 0
        self.error = None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(30)
        assert self.error is None, self.error

    def _work(self):
        while not self._stop.is_set():
            try:
                self._server.sql(self._statement(self.rounds), "shop")
            except AssertionError as error:
                self.error = error
                return
            self.rounds += 1
