"""oscarctl against the real oscard: the main job in a terminal, --json, and exit statuses."""

import json
import os
import re
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

from oscard import Oscard, build_dir
from scenario import SLOW, Target, detail, submit, wait_copying, wait_final
from terminal_screen import OnTerminal, display_width


class Ctl:
    """oscarctl with a home folder of its own, so that its session file is private too."""

    def __init__(self, home):
        self.home = home

    def env(self, **more):
        return dict(os.environ, HOME=self.home, XDG_CONFIG_HOME=self.home, LANG="C.UTF-8", **more)

    def __call__(self, *arguments, password=None, timeout_s=120, **more):
        env = self.env(**more)
        if password:
            env["OSCAR_PASSWORD"] = password
        return subprocess.run(
            [os.path.join(build_dir(), "bin", "oscarctl"), *arguments], env=env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s, check=False,
        )

    def on_terminal(self, columns, *arguments):
        argv = [os.path.join(build_dir(), "bin", "oscarctl"), *arguments]
        return OnTerminal(argv, columns, self.env())

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
    ddl = "ADD COLUMN a VARCHAR(16000) NOT NULL DEFAULT '', ADD COLUMN b VARCHAR(16000) NOT NULL DEFAULT ''"
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
    wait_final(admin, execution["id"])
    assert ctl("stop", str(execution["number"])).returncode == 4
    audited = admin.get("/api/v1/audit-logs", action="execution.stop",
                        resource_id=execution["id"]).ok().data["items"]
    assert len(audited) == 2, "by its id, also what was refused and asked for by number"
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


def test_preview_tells_by_its_exit_status(place):
    _, _, target, ctl, name = place
    target.make_table("looks", rows=10)
    fine = ctl("preview", name, "looks", "ADD COLUMN b INT")
    assert fine.returncode == 0 and "--alter" in fine.stdout, fine
    danger = ("preview", name, "looks", "DROP COLUMN note")
    assert ctl(*danger).returncode == 4
    assert ctl(*danger, "--json").returncode == 4
    assert ctl(*danger, "--confirm", f"{target.database}.looks").returncode == 0
    target.sql("CREATE TABLE bare (id INT); CREATE TABLE orders_p (id INT PRIMARY KEY);")
    refused = ctl("preview", name, "bare", "ADD COLUMN b INT")  # no key that pt-osc could copy by
    assert refused.returncode == 4 and "\nX " in refused.stdout, refused
    assert ctl("parse", "ADD COLUMN b INT").returncode == 0
    wrong = ctl("parse", "ADD COLUM b INT")
    assert wrong.returncode == 4 and wrong.stdout.startswith("1:"), wrong


def test_exit_statuses_are_what_the_help_says(place, tmp_path):
    *_, ctl, name = place
    shown = ctl("help").stdout
    for number in range(6):
        assert f"\n  {number}  " in shown, shown
    for words in (["status"], ["status", "abc"], ["logs", "1x"], ["stop", "#"], ["status", "1", "2"]):
        assert ctl(*words).returncode == 2, words
    assert ctl("run", name, "looks", "DROP COLUMN note", "--fragment", "--json").returncode == 2
    for words in (["status", "999999"], ["logs", "#999999"], ["tables", "no-such"], ["user", "nobody"]):
        assert ctl(*words).returncode == 4, words
    assert Ctl(str(tmp_path))("history").returncode == 5


def test_tables_and_help_speak_the_language(place):
    *_, ctl, _ = place
    assert ctl("connections").stdout.startswith("NAME")
    assert ctl("connections", "--lang", "zh").stdout.startswith("名称")
    assert ctl("history", OSCAR_LANG="zh_CN.UTF-8").stdout.startswith("编号")
    assert "退出码" in ctl("help", "--lang=zh").stdout
    assert "未知选项" in ctl("history", "--nope", "--lang", "zh").stderr
    assert ctl("history", "--lang", "fr").returncode == 2


def test_every_operation_has_a_command(place, tmp_path):
    oscard, _, target, ctl, name = place
    secret = "Pa55-word-x"
    assert ctl("user-add", "eve", "--role", "viewer", OSCAR_NEW_PASSWORD=secret).returncode == 0
    assert ctl("user-update", "eve", "--role", "operator", "--email", "e@x.cn").returncode == 0
    assert ctl.json("user", "eve")["role"] == "operator"
    assert "eve" in ctl("users").stdout
    eve = Ctl(str(tmp_path))
    assert eve("login", f"http://127.0.0.1:{oscard.port}", "-u", "eve", password=secret).returncode == 0
    path = tmp_path / "secret"
    path.write_text("Other-5ecret\n")
    changed = eve("password", password=secret, OSCAR_NEW_PASSWORD_FILE=str(path))
    assert changed.returncode == 0, changed
    assert ctl("user-update", "eve", "--disable").returncode == 0
    assert eve("whoami").returncode == 5

    mysql = {"OSCAR_CONNECTION_PASSWORD": target.password}
    place_of = ["--port", str(target.server.port), "-u", target.user, "-d", target.database]
    assert ctl("connection-test", *place_of, **mysql).returncode == 0
    assert ctl("connection-add", "second", *place_of, **mysql).returncode == 0
    assert ctl("connection-update", "second", "--description", "备用").returncode == 0
    assert ctl.json("connection", "second")["description"] == "备用"
    assert ctl("connection-test", "second").returncode == 0
    assert target.database in ctl("databases", "second").stdout
    assert ctl("connection-delete", "second").returncode == 2  # nobody can be asked
    assert ctl("connection-delete", "second", "--yes").returncode == 0
    assert "connection.delete" in ctl("audit", "-n", "200").stdout

    assert "local" in ctl("plugins").stdout
    assert ctl.json("defaults")["backend"] == "local"
    assert ctl("health").stdout.startswith("ok")
    assert ctl("openapi").stdout.startswith("openapi:")
    assert ctl.json("statistics")["total"] == ctl.json("history", "-n", "1")["total"]


def test_log_is_saved_to_a_file(place, tmp_path):
    _, _, target, ctl, name = place
    target.make_table("kept", rows=10)
    assert ctl("run", name, "kept", "ADD COLUMN b INT", "--watch").returncode == 0
    number = str(ctl.json("history", "-n", "1")["items"][0]["number"])
    file = tmp_path / "log.txt"
    assert ctl("logs", number, "--download", str(file)).returncode == 0
    assert file.read_text() == ctl("logs", number).stdout
    assert ctl("logs", number, "-o", "-").stdout == file.read_text()
    assert ctl("logs", number, "-o", str(tmp_path / "no" / "such")).returncode == 1


def test_watch_says_once_that_the_link_is_lost(mariadb, tmp_path):
    with Oscard(str(tmp_path / "own")) as oscard:
        target, admin = Target(mariadb), oscard.admin()
        connection = target.connect(admin)
        target.make_table("far", rows=20_000)
        ctl = Ctl(str(tmp_path))
        url = f"http://127.0.0.1:{oscard.port}"
        assert ctl("login", url, password=oscard.admin_password).returncode == 0
        execution = submit(admin, connection, target, "far", "ADD COLUMN b INT", execution_params=SLOW)
        wait_copying(admin, execution["id"])
        argv = [os.path.join(build_dir(), "bin", "oscarctl"), "watch", str(execution["number"])]
        with subprocess.Popen(
            argv, env=ctl.env(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as watching:
            time.sleep(1)
            oscard.kill9()
            time.sleep(4)  # several attempts, a second apart
            oscard.start()
            assert oscard.admin().post(f"/api/v1/executions/{execution['id']}/stop").ok()
            said = watching.communicate(timeout=60)[1].splitlines()
        assert watching.returncode == 3, said
        assert len([line for line in said if line.startswith("link lost")]) == 1, said
        assert "connected again" in said, said


FIGURES = {
    "en": ["copying data", r"\d %", r"[\d,]+ / [\d,]+ rows", r"[\d,]+ rows/s", r"ETA [\d hms]+s"],
    "zh": ["复制数据", r"\d %", r"[\d,]+ / [\d,]+ 行", r"[\d,]+ 行/秒", r"剩余 [\d 时分秒]+秒"],
}


@pytest.mark.parametrize("columns", [80, 60])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_progress_is_all_there_and_ctrl_c_says_what_goes_on(place, columns, language):
    _, admin, target, ctl, name = place
    table = target.make_table(f"narrow_{columns}_{language}", rows=60_000)
    words = ["--set", "sleep=0.1", "--chunk-size", "200", "--watch", "--lang", language]
    with ctl.on_terminal(columns, "run", name, table, "ADD COLUMN b INT", *words) as terminal:

        def complete(text):
            return all(re.search(figure, text) for figure in FIGURES[language])

        shown = terminal.until(complete)
        assert complete(shown), shown
        assert all(display_width(line) < columns for line in shown.splitlines()), shown
        time.sleep(1)
        terminal.until(lambda _: False, timeout_s=1)
        # Written in place: the stage stands there once, however often it was drawn.
        again = terminal.screen.text()
        assert again.count(FIGURES[language][0]) == 1 < terminal.raw.count(FIGURES[language][0]), again
        number = re.search(r"#(\d+)", again).group(1)
        terminal.type("\x03")
        assert terminal.finish() == 130, terminal.screen.text()
        last = terminal.screen.text().rstrip().splitlines()
        goes_on = f"#{number} goes on" if language == "en" else f"#{number} 仍在继续"
        said = "".join(last[-2:])
        assert goes_on in said and f"oscarctl watch {number}" in said, last
        assert f"oscarctl stop {number}" in said, last
    execution = ctl.json("history", "-t", table)["items"][0]
    assert execution["status"] == "running"
    assert admin.post(f"/api/v1/executions/{execution['id']}/stop").ok()
    assert wait_final(admin, execution["id"])["status"] == "cancelled"
    ended = ctl("status", number, "--lang", language)
    assert ended.returncode == 3
    assert "dropping triggers" not in ended.stdout and "删除触发器" not in ended.stdout, ended.stdout


def test_json_of_a_refusal_is_the_servers_answer(place):
    _, _, target, ctl, name = place
    target.make_table("refused", rows=10)
    drop = ("run", name, "refused", "DROP COLUMN note")
    done = ctl(*drop, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 4 and answer["code"] == 400, done
    assert answer["data"]["confirm_text"] == f"{target.database}.refused"
    reasons = [finding["text"] for finding in answer["data"]["findings"]]
    said = ctl(*drop).stderr
    assert all(said.count(reason) == 1 for reason in reasons if f"- {reason}" in said), said
    assert said.count("\n  - ") >= 1, said
    for words in (["status", "999999"], ["tables", "no-such"], ["user", "nobody"]):
        done = ctl(*words, "--json")
        assert done.returncode == 4 and json.loads(done.stdout)["code"] == 404, done
    assert ctl("status", "999999").stdout == ""


def test_times_are_local_and_periods_too(place):
    _, admin, target, ctl, name = place
    connection = admin.get("/api/v1/connections", keyword=name).ok().data["items"][0]["id"]
    target.make_table("dated", rows=10)
    execution = submit(admin, connection, target, "dated", "ADD COLUMN b INT")
    wait_final(admin, execution["id"])
    created = datetime.fromisoformat(execution["created_at"].replace("Z", "+00:00"))
    for zone, hours in (("CST-8", 8), ("EST5", -5)):
        local = created.astimezone(timezone(timedelta(hours=hours)))
        shown = local.strftime("%Y-%m-%d %H:%M:%S")
        listed = ctl("history", "-t", "dated", TZ=zone).stdout
        assert shown in listed and listed.endswith("1 of 1, page 1 / 1\n"), listed
        assert f"{shown} {hours:+03d}:00" in ctl("status", str(execution["number"]), TZ=zone).stdout
        day, later = local.strftime("%Y-%m-%d"), (local + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S")
        for period, found in ((["--from", day, "--to", day], 1), (["--from", later], 0), (["--to", later], 1)):
            listed = ctl("history", "-t", "dated", *period, "--json", TZ=zone)
            assert json.loads(listed.stdout)["total"] == found, (zone, period)
    assert ctl("audit", "--from", "yesterday").returncode == 2
    assert "添加列" in ctl("history", "-t", "dated", "--lang", "zh").stdout


def test_history_of_one_connection(place):
    _, admin, target, ctl, name = place
    other = target.connect(admin, name="other-" + target.database)
    target.make_table("elsewhere", rows=10)
    execution = submit(admin, other, target, "elsewhere", "ADD COLUMN b INT")
    wait_final(admin, execution["id"])
    for command in ("history", "statistics"):
        assert ctl.json(command, "--connection", "other-" + target.database)["total"] == 1
    assert ctl("history", "-c", "no-such").returncode == 4
    assert ctl("connection-delete", "other-" + target.database, "-y").returncode == 0
    assert ctl.json("history", "--connection", other)["total"] == 1
    assert detail(admin, execution["id"])["status"] == "completed"


def test_connection_has_all_its_fields(place):
    _, _, target, ctl, _ = place
    server = ["--port", str(target.server.port), "-u", target.user, "-d", target.database]
    more = ["--charset", "gbk", "--connect-timeout", "7"]
    added = ctl("connection-add", "fields", *server, *more, OSCAR_CONNECTION_PASSWORD=target.password)
    assert added.returncode == 0, added
    shown = ctl("connection", "fields").stdout
    for words in (r"charset +gbk\n", r"connect timeout +7 s\n", r"TLS +no\n", r"created by +admin\n"):
        assert re.search(words, shown), shown
    refused = ctl("connection-update", "fields", "--ssl-verify", "never", "--json")
    assert refused.returncode == 4 and "ssl_verify" in refused.stdout, refused
    for answer, status, said in (("\n", 3, "nothing was deleted"), ("y\n", 0, "deleted connection")):
        with ctl.on_terminal(80, "connection-delete", "fields", "--lang", "en") as terminal:
            assert "[y/N]" in terminal.until(lambda text: "[y/N]" in text)
            terminal.type(answer)
            assert terminal.finish() == status and said in terminal.screen.text()


def test_help_and_mistakes_are_short(place):
    *_, ctl, _ = place
    assert re.fullmatch(r"oscarctl \d+\.\d+\.\d+\n", ctl("--version").stdout)
    assert ctl("help", "run").stdout == ctl("run", "--help").stdout
    assert ctl("help", "nope").returncode == 2
    unknown = ctl("hsitory")
    assert unknown.returncode == 2 and unknown.stderr.count("\n") == 1
    assert "did you mean history?" in unknown.stderr
    missing = ctl("run", "shop")
    assert missing.returncode == 2 and "missing: [DATABASE.]TABLE\n" in missing.stderr, missing


def test_the_end_is_said_once(place):
    _, _, target, ctl, name = place
    target.make_table("once", rows=500)
    done = ctl("run", name, "once", "ADD COLUMN b INT", "--watch", "--lang", "en")
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"#\d+ completed  500 rows", lines[-1]), lines
    assert not [line for line in lines if line.startswith("done")], lines
