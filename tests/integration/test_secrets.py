"""Passwords are in no file, argument, log or answer; the run's option file is 0600 and goes."""

import glob
import os
import stat

from scenario import SLOW, submit, wait_copying, wait_final, wait_gone


def test_passwords_leak_nowhere(make_oscard, target):
    # Plain enough to be found by its bytes wherever it might appear, however it is quoted.
    target.password = "Fi9ndMe77Secret"
    target.server.sql(f"ALTER USER {target.user}@'%' IDENTIFIED BY '{target.password}'")
    oscard = make_oscard()
    admin = oscard.admin()
    connection = target.connect(admin)
    table = target.make_table(rows=8_000)
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW)
    wait_copying(admin, execution["id"])
    secrets = [target.password.encode(), oscard.admin_password.encode(), admin.token.encode()]

    run = oscard.live_runs()[0]
    option_file = os.path.join(run, "my.cnf")
    assert stat.S_IMODE(os.stat(option_file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(run).st_mode) == 0o700
    assert _files_with(oscard.data, secrets) == [option_file]
    assert _command_lines_with(secrets) == []
    assert _environments_with([secrets[0]]) == []

    assert wait_final(admin, execution["id"])["status"] == "completed"
    assert wait_gone(lambda: _files_with(oscard.data, secrets)) == []
    assert not any(secret.decode() in oscard.log() for secret in secrets)
    for path in (f"/executions/{execution['id']}", f"/executions/{execution['id']}/logs",
                 "/executions", "/connections", f"/connections/{connection}", "/audit-logs",
                 "/plugins", "/users"):
        assert not any(s in admin.get("/api/v1" + path).ok().raw for s in secrets), path


def test_data_folder_is_private(make_oscard):
    oscard = make_oscard()
    open_to_others = [
        path
        for path in glob.glob(os.path.join(oscard.data, "*"))
        if os.path.isfile(path) and os.stat(path).st_mode & 0o077
    ]
    assert [os.path.basename(path) for path in open_to_others] in ([], ["node"])
    assert stat.S_IMODE(os.stat(oscard.data).st_mode) == 0o700


def _files_with(folder, secrets):
    found = []
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            try:
                with open(path, "rb") as file:
                    content = file.read()
            except FileNotFoundError:
                continue
            if any(secret in content for secret in secrets):
                found.append(path)
    return found


def _command_lines_with(secrets):
    return _processes_with("cmdline", secrets)


def _environments_with(secrets):
    """The password of a target is in no environment either. The test's own process knows it only
    in memory."""
    return _processes_with("environ", secrets)


def _processes_with(part, secrets):
    found = []
    for path in glob.glob(f"/proc/[0-9]*/{part}"):
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            continue
        if any(secret in content for secret in secrets):
            found.append(path)
    return found
