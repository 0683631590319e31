"""Bad answers, hanging parts and deaths at bad moments: the run is found, goes on and is told."""

import json
import os
import signal
import time
from datetime import datetime

from oscard import build_dir
from processes import wait_for
from scenario import (
    SLOW, all_lines, detail, submit, wait_copying, wait_final, wait_gone,
)

REAL_RUNNER = os.path.join(build_dir(), "plugins", "backend_local", "oscar-runner")


def with_runner(make_oscard, folder, script, **more):
    """An oscard whose runs are started by a shell script instead of oscar-runner."""
    path = os.path.join(str(folder), "runner")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\n{script}\n")
    os.chmod(path, 0o700)
    plugins = {"configuration": {"backend_local": {"runner": path}}}
    return make_oscard(settings={"plugins": plugins, **more})


def begin(oscard, target, rows):
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=rows)
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW)
    return admin, table, execution


def plugin(admin, plugin_id):
    """A plugin as GET /plugins shows it."""
    plugins = admin.get("/api/v1/plugins").ok().data["items"]
    return next(each for each in plugins if each["id"] == plugin_id)


def local_backend(admin):
    """The capability of backend_local."""
    return plugin(admin, "backend_local")["capabilities"][0]


# The run begins, and what the starter hears is no "ok".
BAD_ANSWER = f"""{REAL_RUNNER} "$1" 3>/dev/null
while [ ! -s "$1/pid" ]; do sleep 0.02; done
printf 'the answer was lost' >&3"""


def test_start_that_answers_badly_is_found_and_goes_on(make_oscard, target, tmp_path):
    oscard = with_runner(make_oscard, tmp_path, BAD_ANSWER)
    admin, table, execution = begin(oscard, target, 4_000)
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert target.columns(table)[-1] == "b"
    lines = all_lines(admin, execution["id"])
    assert sum("Created new table" in line for line in lines) == 1
    assert "start failed, looking for the run" in oscard.log()


def test_kill9_while_a_run_is_being_started(make_oscard, target, tmp_path):
    """The run lives, and the oscard that started it never heard of it."""
    slow = f"""{REAL_RUNNER} "$1" 3>/dev/null
while [ ! -s "$1/pid" ]; do sleep 0.02; done
sleep 4
printf ok >&3"""
    oscard = with_runner(make_oscard, tmp_path, slow)
    admin, table, execution = begin(oscard, target, 8_000)
    wait_for(
        lambda: [run for run in oscard.live_runs() if os.path.exists(os.path.join(run, "pid"))],
        30, "the run is there", 0.02,
    )
    runs = oscard.live_runs()
    oscard.kill9()
    oscard.start()
    ended = wait_final(admin, execution["id"])
    assert ended["status"] == "completed", ended["error_message"]
    assert len(runs) == 1
    assert target.columns(table)[-1] == "b"
    assert sum("Created new table" in line for line in all_lines(admin, execution["id"])) == 1
    assert wait_gone(target.leftovers) == []


def test_run_that_ended_while_oscard_was_away_has_its_own_end_time(make_oscard, target):
    oscard = make_oscard()
    admin, _, execution = begin(oscard, target, 4_000)
    wait_copying(admin, execution["id"])
    run = oscard.live_runs()[0]
    oscard.kill9()
    assert wait_gone(oscard.live_runs, 60) == []
    with open(os.path.join(run, "exit"), encoding="ascii") as file:
        ended_at = json.load(file)["ended_at"] / 1000
    time.sleep(4)
    oscard.start()
    ended = wait_final(admin, execution["id"], 30)
    assert ended["status"] == "completed", ended["error_message"]
    assert abs(seconds(ended["end_time"]) - ended_at) <= 1
    assert abs(ended["duration_seconds"] - (ended_at - seconds(ended["start_time"]))) <= 1


def seconds(time_text):
    """Unix time of a time in an answer."""
    return datetime.fromisoformat(time_text.replace("Z", "+00:00")).timestamp()


def test_call_that_hangs_is_shown_and_stops_nothing_else(make_oscard, target):
    """The run's pid file becomes a pipe that nobody writes to: who reads it hangs."""
    oscard = make_oscard(settings={"executions": {"stop_grace_seconds": 1}})
    admin, table, execution = begin(oscard, target, 20_000)
    wait_copying(admin, execution["id"])
    run = oscard.live_runs()[0]
    pid_file = os.path.join(run, "pid")
    with open(pid_file, encoding="ascii") as file:
        tool = int(file.read().split()[0])
    os.kill(tool, signal.SIGSTOP)  # so that it does not obey before it must be pressed
    os.rename(pid_file, pid_file + ".real")
    os.mkfifo(pid_file)
    try:
        admin.post(f"/api/v1/executions/{execution['id']}/stop").ok()
        wait_for(
            lambda: "does not answer" in (local_backend(admin)["reason"] or ""),
            30, "the backend is shown as not answering", 0.2,
        )
        assert not local_backend(admin)["ready"]
        assert detail(admin, execution["id"])["status"] == "running"
        assert "stop did not return within 5000 ms" in oscard.log()
    finally:
        os.rename(pid_file, pid_file + ".pipe")
        os.rename(pid_file + ".real", pid_file)
        release(pid_file + ".pipe")
        os.kill(tool, signal.SIGCONT)
    wait_for(lambda: local_backend(admin)["ready"], 30, "the backend answers again", 0.2)
    ended = wait_final(admin, execution["id"], 60)
    assert ended["status"] == "cancelled", ended["error_message"]
    assert target.columns(table)[-1] == "created_at"
    assert wait_gone(target.leftovers) == []


def release(pipe):
    """Lets go everybody who waits for a writer."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return  # nobody waits any more
        time.sleep(0.05)


def test_configuration_of_a_plugin_that_is_not_there_is_shown(make_oscard):
    oscard = make_oscard(
        settings={"plugins": {"configuration": {"backend_locla": {"tool": "/opt/tool"}}}}
    )
    misspelt = plugin(oscard.admin(), "backend_locla")
    assert misspelt["state"] == "absent"
    assert "plugins.configuration.backend_locla has no effect" in misspelt["reason"]
    assert "backend_locla" in oscard.log()
