"""The REST contract, on both stores. Every answer is also checked against openapi.yaml."""

import base64
import json
import re
import secrets

import pytest

from scenario import Target

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def place(oscard, mariadb):
    target = Target(mariadb)
    target.make_table(rows=500)
    admin = oscard.admin()
    return oscard, admin, target, target.connect(admin)


def test_envelope_of_success_and_failure(place):
    oscard, admin, _, _ = place
    good = admin.get("/api/v1/auth/profile").ok().json
    assert list(good) == ["code", "message", "data", "timestamp"]
    assert (good["code"], good["message"]) == (200, "success")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", good["timestamp"])
    bad = oscard.client().get("/api/v1/auth/profile")
    assert (bad.status, bad.code) == (401, 401)
    assert bad.headers["X-Request-Id"]


def test_messages_follow_the_language(place):
    oscard, _, _, _ = place
    english = oscard.client(language="en").get("/api/v1/auth/profile").message
    chinese = oscard.client(language="zh-CN").get("/api/v1/auth/profile").message
    assert english.isascii() and not chinese.isascii()


def test_page_and_health(place):
    oscard, _, _, _ = place
    page = oscard.client().get("/")
    assert page.status == 200 and "/api/v1" in page.text and "Oscar" in page.text
    assert oscard.client().get("/healthz").status == 200
    assert "openapi: 3" in oscard.client().get("/api/v1/openapi.yaml").text
    assert oscard.client().get("/api/v1/nothing").status == 404
    wrong_method = oscard.client().request("DELETE", "/healthz")
    assert wrong_method.status == 405 and "GET" in wrong_method.headers["Allow"]


# --- authentication ---------------------------------------------------------------------------


def test_token_dies_with_the_session(place):
    oscard, _, _, _ = place
    one, other = oscard.admin(), oscard.admin()
    one.post("/api/v1/auth/logout").ok()
    assert one.get("/api/v1/auth/profile").status == 401
    assert other.get("/api/v1/auth/profile").ok().data["role"] == "admin"


def test_forged_tokens_are_refused(place):
    oscard, admin, _, _ = place
    head, body, signature = admin.token.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    wrong = [f"{none}.{body}.", f"{head}.{body}.{signature[:-4]}AAAA", f"{none}.{body}.{signature}",
             "x", "a.b.c", admin.token + "x", ""]
    for token in wrong:
        client = oscard.client(token=token or " ")
        assert client.get("/api/v1/auth/profile").status == 401, token


def test_login_is_throttled(make_oscard):
    oscard = make_oscard(settings={"auth": {"max_failures": 5}})
    viewer = oscard.user("viewer")
    body = {"username": viewer.username, "password": "wrong1wrong"}
    statuses = [oscard.client().post("/api/v1/auth/login", body).status for _ in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    right = {"username": viewer.username, "password": viewer.password}
    answer = oscard.client().post("/api/v1/auth/login", right)
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0


def test_unknown_user_and_wrong_password_look_the_same(make_oscard):
    oscard = make_oscard()
    texts = [
        oscard.client().post("/api/v1/auth/login", {"username": name, "password": "wr0ngwrong"})
        for name in ("admin", "nobody")
    ]
    assert [answer.status for answer in texts] == [401, 401]
    assert texts[0].message == texts[1].message


@pytest.mark.parametrize("password", ["short1", "onlyletters", "1234567890", ""])
def test_password_policy(place, password):
    _, admin, _, _ = place
    body = {"username": "u" + secrets.token_hex(3), "password": password, "role": "viewer"}
    answer = admin.post("/api/v1/users", body)
    assert answer.status == 400 and "password" in answer.fields


def test_password_change_and_disabling(place):
    oscard, admin, _, _ = place
    user = oscard.user("operator")
    change = {"current_password": user.password, "new_password": "N3wpassword"}
    user.put("/api/v1/auth/password", change).ok()
    assert oscard.client().login(user.username, "N3wpassword").get("/api/v1/auth/profile").ok()
    users = admin.get("/api/v1/users", page_size=200).ok().data["items"]
    found = next(item for item in users if item["username"] == user.username)
    again = oscard.client().login(user.username, "N3wpassword")
    admin.put(f"/api/v1/users/{found['id']}", {"is_active": False}).ok()
    assert again.get("/api/v1/auth/profile").status == 401
    assert "password" not in json.dumps(users)


def test_last_admin_stays(place):
    _, admin, _, _ = place
    me = admin.get("/api/v1/auth/profile").ok().data
    me = me.get("user", me)
    for change in ({"is_active": False}, {"role": "viewer"}):
        assert admin.put(f"/api/v1/users/{me['id']}", change).status in (400, 409)


# --- roles ------------------------------------------------------------------------------------

# (method, path, the least role)
OPERATIONS = [
    ("GET", "/users", "admin"),
    ("POST", "/users", "admin"),
    ("GET", f"/users/{NOBODY}", "admin"),
    ("PUT", f"/users/{NOBODY}", "admin"),
    ("GET", "/audit-logs", "admin"),
    ("POST", "/connections", "admin"),
    ("POST", "/connections/test", "admin"),
    ("PUT", f"/connections/{NOBODY}", "admin"),
    ("DELETE", f"/connections/{NOBODY}", "admin"),
    ("POST", f"/connections/{NOBODY}/test", "operator"),
    ("POST", "/executions", "operator"),
    ("POST", f"/executions/{NOBODY}/stop", "operator"),
    ("POST", f"/executions/{NOBODY}/retry", "operator"),
    ("POST", "/tools/ddl/parse", "operator"),
    ("POST", "/tools/ddl/preview", "operator"),
    ("GET", "/connections", "viewer"),
    ("GET", f"/connections/{NOBODY}", "viewer"),
    ("GET", f"/tools/databases/{NOBODY}", "viewer"),
    ("GET", f"/tools/tables/{NOBODY}/db", "viewer"),
    ("GET", "/executions", "viewer"),
    ("GET", "/executions/statistics", "viewer"),
    ("GET", f"/executions/{NOBODY}", "viewer"),
    ("GET", f"/executions/{NOBODY}/logs", "viewer"),
    ("GET", "/plugins", "viewer"),
    ("GET", "/auth/profile", "viewer"),
]
RANK = {"viewer": 1, "operator": 2, "admin": 3}


@pytest.fixture(scope="module")
def users(place):
    return {role: place[0].user(role) for role in RANK}


@pytest.mark.parametrize("method, path, least", OPERATIONS)
def test_roles(place, users, method, path, least):
    oscard, _, _, _ = place
    body = {} if method in ("POST", "PUT") else None
    assert oscard.client().request(method, "/api/v1" + path, body).status == 401
    for role, client in users.items():
        status = client.request(method, "/api/v1" + path, body).status
        allowed = RANK[role] >= RANK[least]
        assert (status != 403) == allowed, (role, status)


# --- connections ------------------------------------------------------------------------------


def test_connection_life(place):
    _, admin, target, _ = place
    body = target.connection_body(environment="dev", description="说明 ☎")
    made = admin.post("/api/v1/connections", body).ok().data
    assert made["charset"] == "utf8mb4" and made["connect_timeout"] == 5
    assert target.password not in json.dumps(made, ensure_ascii=False)
    listed = admin.get("/api/v1/connections", environment="dev", page_size=200).ok().data["items"]
    assert made["id"] in [item["id"] for item in listed]
    assert {item["environment"] for item in listed} == {"dev"}
    tested = admin.post(f"/api/v1/connections/{made['id']}/test").ok().data
    assert "MariaDB" in json.dumps(tested) or "mariadb" in json.dumps(tested)
    change = {**body, "description": "neu"}
    assert admin.put(f"/api/v1/connections/{made['id']}", change).ok().data["description"] == "neu"
    assert admin.post("/api/v1/connections", body).status in (400, 409), "the name is taken"
    admin.delete(f"/api/v1/connections/{made['id']}").ok()
    assert admin.get(f"/api/v1/connections/{made['id']}").status == 404


# (change to a good body, a piece of the server's own words)
UNREACHABLE = [
    ({"port": 1}, "connect"),
    ({"password": "wr0ng"}, "Access denied"),
    ({"username": "nobody_here"}, "Access denied"),
    ({"database_name": "no_such_database"}, "no_such_database"),
]


@pytest.mark.parametrize("change, words", UNREACHABLE)
def test_saving_needs_a_successful_test(place, change, words):
    _, admin, target, _ = place
    body = target.connection_body(**change)
    answer = admin.post("/api/v1/connections", body)
    assert (answer.status, answer.code) == (502, 1001), answer
    assert words in answer.text
    listed = admin.get("/api/v1/connections", keyword=body["name"]).ok().data
    assert listed["items"] == []
    admin.post("/api/v1/connections", {**body, "skip_test": True}).ok()


def test_stored_password_never_goes_to_another_host(place):
    _, admin, target, connection = place
    body = admin.get(f"/api/v1/connections/{connection}").ok().data
    changed = {key: body[key] for key in ("name", "environment", "username", "database_name")}
    answer = admin.put(f"/api/v1/connections/{connection}",
                       {**changed, "host": "127.0.0.2", "port": target.server.port, "skip_test": True})
    assert answer.status == 400 and "password" in answer.fields, answer
    probe = {"id": connection, "host": "127.0.0.2", "port": target.server.port,
             "username": target.user, "database_name": target.database}
    answer = admin.post("/api/v1/connections/test", probe)
    assert answer.status == 400 and "password" in answer.fields, answer


# (field, a wrong value)
WRONG_CONNECTION = [
    ("name", ""), ("name", "x" * 51), ("name", 5), ("environment", "live"), ("host", ""),
    ("host", "a b"), ("host", "a,b"), ("port", 0), ("port", 65536), ("port", "3306"),
    ("port", 1.5), ("username", ""), ("charset", "klingon"), ("connect_timeout", 0),
    ("connect_timeout", 61), ("use_ssl", "yes"), ("ssl_verify", "maybe"), ("database_name", ""),
    ("description", "x" * 201), ("nonsense", 1), ("password", None),
]


@pytest.mark.parametrize("field, value", WRONG_CONNECTION)
def test_wrong_connection_fields_are_named(place, field, value):
    _, admin, target, _ = place
    answer = admin.post("/api/v1/connections", target.connection_body(**{field: value}))
    assert answer.status == 400, answer
    assert answer.fields == [field], answer


def test_all_wrong_fields_are_named_at_once(place):
    _, admin, target, _ = place
    body = target.connection_body(port="x", environment="y", nonsense=1)
    del body["host"]
    answer = admin.post("/api/v1/connections", body)
    assert answer.fields == ["environment", "host", "nonsense", "port"], answer


# --- tools ------------------------------------------------------------------------------------


def test_databases_and_tables(place):
    _, admin, target, connection = place
    databases = admin.get(f"/api/v1/tools/databases/{connection}").ok().text
    assert target.database in databases and "information_schema" not in databases
    found = admin.get(f"/api/v1/tools/tables/{connection}/{target.database}").ok().data["items"]
    table = next(item for item in found if item["name"] == "orders")
    assert table["engine"] == "InnoDB" and 400 <= table["rows"] <= 600
    assert table["size_bytes"] > 0 and table["data_free"] >= 0
    assert admin.get(f"/api/v1/tools/tables/{connection}/no_such").status in (404, 502)


# --- executions -------------------------------------------------------------------------------

WRONG_EXECUTION = [
    ({"connection_id": 7}, "connection_id"),
    ({"table_name": ""}, "table_name"),
    ({"table_name": ["a"]}, "table_name"),
    ({"ddl_type": "drop"}, "ddl_type"),
    ({"original_ddl": 5}, "original_ddl"),
    ({"nonsense": True}, "nonsense"),
    ({"execution_params": []}, "execution_params"),
    ({"execution_params": {"chunk_size": "many"}}, "execution_params.chunk_size"),
    ({"execution_params": {"chunk_size": 0}}, "execution_params.chunk_size"),
    ({"execution_params": {"chunk_size": -1}}, "execution_params.chunk_size"),
    ({"execution_params": {"chunk_time": -0.5}}, "execution_params.chunk_time"),
    ({"execution_params": {"lock_wait_timeout": 0}}, "execution_params.lock_wait_timeout"),
    ({"execution_params": {"max_load": "Threads_running=many"}}, "execution_params.max_load"),
    ({"execution_params": {"critical_load": "x;y=1"}}, "execution_params.critical_load"),
    ({"execution_params": {"charset": "utf8;--x"}}, "execution_params.charset"),
    ({"execution_params": {"speed": 1}}, "execution_params.speed"),
    ({"execution_params": {"extra": {"password": "x"}}}, "execution_params.extra.password"),
    ({"execution_params": {"extra": {"execute": True}}}, "execution_params.extra.execute"),
    ({"execution_params": {"extra": {"plugin": "/etc/passwd"}}}, "execution_params.extra.plugin"),
    ({"execution_params": {"extra": {"pid": "/tmp/x"}}}, "execution_params.extra.pid"),
    ({"execution_params": {"extra": {"config": "/etc/x"}}}, "execution_params.extra.config"),
    ({"execution_params": {"extra": {"max-lag": "soon"}}}, "execution_params.extra.max-lag"),
    ({"execution_params": {"extra": {"no-such": 1}}}, "execution_params.extra.no-such"),
]


@pytest.mark.parametrize("change, field", WRONG_EXECUTION)
def test_wrong_execution_fields_are_named(place, change, field):
    _, admin, target, connection = place
    body = {"connection_id": connection, "database_name": target.database, "table_name": "orders",
            "ddl_type": "custom", "original_ddl": "ADD COLUMN zz INT", **change}
    for path in ("/api/v1/tools/ddl/preview", "/api/v1/executions"):
        answer = admin.post(path, body)
        assert answer.status == 400, answer
        assert field in answer.fields, answer


def test_unknown_backend_is_told_with_the_known_ones(place):
    _, admin, target, connection = place
    body = {"connection_id": connection, "database_name": target.database, "table_name": "orders",
            "ddl_type": "custom", "original_ddl": "ADD COLUMN zz INT", "backend": "carrier-pigeon"}
    answer = admin.post("/api/v1/executions", body)
    assert answer.status == 400 and "backend" in answer.fields, answer
    assert "carrier-pigeon" in answer.message and "local" in answer.message


def test_lists_are_paged_and_filters_checked(place):
    _, admin, _, _ = place
    page = admin.get("/api/v1/executions", page=1, page_size=5).ok().data
    assert set(page) >= {"items", "total", "page", "page_size"}
    for query in ({"page": 0}, {"page_size": 201}, {"page_size": "x"}, {"status": "odd"},
                  {"ddl_type": "odd"}, {"from": "yesterday"}, {"nonsense": 1}):
        answer = admin.get("/api/v1/executions", **query)
        assert answer.status == 400 and answer.fields == [*query], answer
    statistics = admin.get("/api/v1/executions/statistics").ok().data
    assert statistics["total"] == page["total"]


# --- audit ------------------------------------------------------------------------------------


def test_every_change_is_audited_without_secrets(place):
    oscard, admin, target, _ = place
    body = target.connection_body(password="FindMeInAudit77", skip_test=True)
    made = admin.post("/api/v1/connections", body).ok().data
    viewer = oscard.user("viewer")
    viewer.post("/api/v1/executions", {"table_name": "x"})
    entries = admin.get("/api/v1/audit-logs", page_size=50).ok()
    assert "FindMeInAudit77" not in entries.text
    created = next(e for e in entries.data["items"] if e["resource_id"] == made["id"])
    assert created["username"] == "admin" and created["action"] == "connection.create"
    assert created["ip_address"] == "127.0.0.1" and created["execution_time_ms"] >= 0
    refused = [e for e in entries.data["items"] if e["username"] == viewer.username]
    assert any(e["action"] == "execution.submit" for e in refused), "refused ones count too"
    only = admin.get("/api/v1/audit-logs", action="connection.create").ok().data["items"]
    assert {e["action"] for e in only} == {"connection.create"}


# --- plugins ----------------------------------------------------------------------------------


def test_plugins_are_listed_with_their_state(place):
    _, admin, _, _ = place
    listed = admin.get("/api/v1/plugins").ok().data
    items = listed.get("items", listed)
    local = next(item for item in items if item["id"] == "backend_local")
    assert local["state"] == "active"
    assert local["capabilities"][0]["type"] == "local" and local["capabilities"][0]["ready"]


def test_missing_tool_is_told_with_the_remedy(make_oscard, target):
    oscard = make_oscard(tool="/nowhere/pt-online-schema-change")
    admin = oscard.admin()
    target.make_table(rows=10)
    body = {"connection_id": target.connect(admin), "database_name": target.database,
            "table_name": "orders", "ddl_type": "custom", "original_ddl": "ADD COLUMN b INT"}
    answer = admin.post("/api/v1/executions", body)
    assert answer.status == 503, answer
    assert "percona-toolkit" in answer.text
    local = next(item for item in admin.get("/api/v1/plugins").ok().data["items"]
                 if item["id"] == "backend_local")
    assert local["state"] == "not_ready" and "percona-toolkit" in local["reason"]
    assert "/nowhere" in admin.get("/api/v1/plugins").ok().text


# --- wrong fields -----------------------------------------------------------------------------


def fields_of(answer):
    assert answer.status == 400, answer
    return sorted(wrong["field"] for wrong in answer.data["fields"])


def test_one_answer_names_every_wrong_field(place):
    """Those of the wrong form and those that a rule refuses."""
    _, admin, _, _ = place
    connection = {"name": "n" * 51, "host": "127.0.0.1", "port": 70000, "username": "u",
                  "password": "p", "database_name": "d", "connect_timeout": 0,
                  "ssl_verify": "bad"}
    wrong = ["connect_timeout", "name", "port", "ssl_verify"]
    assert fields_of(admin.post("/api/v1/connections", connection)) == wrong
    assert fields_of(admin.post("/api/v1/connections/test", connection)) == wrong
    user = {"username": "a b", "password": "short", "email": "x", "role": "root"}
    answer = admin.post("/api/v1/users", user)
    assert fields_of(answer) == ["email", "password", "role", "username"]
    reasons = {wrong["field"]: wrong["message"] for wrong in answer.data["fields"]}
    assert reasons["password"] == "needs at least 8 characters"
    me = admin.get("/api/v1/auth/profile").ok().data["id"]
    change = {"email": "x", "password": "short", "role": "root"}
    assert fields_of(admin.put(f"/api/v1/users/{me}", change)) == ["email", "password", "role"]
