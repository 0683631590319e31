"""Clients that hold connections without finishing their requests: nobody else has to wait for them."""

import contextlib
import socket
import time

import pytest

from oscard import memory_bound
from processes import wait_for
from scenario import Target, submit

HALF_HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Half: "
HALF_BODY = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{"
HALF_CHUNK = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"


@contextlib.contextmanager
def half_sent(oscard, *requests, count):
    """`count` connections for each of the beginnings of requests, open until the end."""
    with contextlib.ExitStack() as stack:
        for beginning in requests:
            for _ in range(count):
                peer = stack.enter_context(socket.create_connection(("127.0.0.1", oscard.port), 10))
                peer.sendall(beginning)
        yield


def slowest_answer(client, path, seconds):
    """The longest time in seconds that this GET took, asked again and again on new connections."""
    worst, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        client.request("GET", path, timeout_s=20).ok()
        worst = max(worst, time.monotonic() - started)
        time.sleep(0.02)
    return worst


def test_half_sent_requests_hold_nobody_up(make_oscard, mariadb):
    oscard = make_oscard()
    target, admin = Target(mariadb), oscard.admin()
    connection, table = target.connect(admin), target.make_table(rows=100)
    execution = submit(admin, connection, target, table, "ADD COLUMN a INT")
    before = oscard.memory_kib()
    with oscard.websocket(admin, execution["id"], from_line=1) as viewer:
        assert viewer.messages(20)
        with half_sent(oscard, HALF_HEAD, HALF_BODY, count=200):
            assert slowest_answer(admin, "/api/v1/auth/profile", 12) < 2
            assert oscard.memory_kib() - before < memory_bound(40_000)
    wait_for(lambda: oscard.connections() < 20, 20, "the half-sent ones are dropped")


def test_more_half_sent_requests_than_connections(make_oscard):
    """Beyond what the server holds open, the oldest unfinished ones give way."""
    oscard = make_oscard()
    admin = oscard.admin()
    with half_sent(oscard, HALF_BODY, HALF_CHUNK, count=300):
        time.sleep(1.5)
        assert slowest_answer(admin, "/api/v1/auth/profile", 4) < 2


def test_half_sent_bodies_end_before_the_request_timeout(make_oscard):
    """A body of 5000 bytes has 10 seconds, not the 30 of the largest one."""
    oscard = make_oscard()
    with socket.create_connection(("127.0.0.1", oscard.port), 10) as peer:
        peer.sendall(HALF_BODY)
        peer.settimeout(15)
        started = time.monotonic()
        while peer.recv(65536):
            pass
        assert 8 < time.monotonic() - started < 13


def test_large_bodies_at_once_are_bounded(make_oscard):
    """Each may be a megabyte; a few are taken, the others are told to come back, small ones pass."""
    oscard = make_oscard()
    admin = oscard.admin()
    head = b"POST /api/v1/tools/ddl/parse HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    with half_sent(oscard, head + b" " * 60_000, count=16):
        wait_for(lambda: _large_body_status(oscard) == 503, 5, "the 17th is refused")
        assert admin.post("/api/v1/tools/ddl/parse", {"ddl": "ADD COLUMN a INT"}).status == 200
    wait_for(lambda: _large_body_status(oscard) == 401, 5, "the places are free again")


def _large_body_status(oscard):
    return oscard.client().request("POST", "/api/v1/tools/ddl/parse", raw=b" " * 50_000).status


RAW = {
    "length": (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    "negative": (b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
    "header": (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", 400),
    "many": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n", 400),
    "too large": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
}


@pytest.mark.parametrize("name", RAW)
def test_what_cannot_be_read_is_answered_all_the_same(sqlite_oscard, name):
    raw, status = RAW[name]
    with socket.create_connection(("127.0.0.1", sqlite_oscard.port), 10) as peer:
        peer.sendall(raw)
        answer = b""
        while piece := peer.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer[:500]
    assert b'"code":%d' % status in body and b"request_id" in body


def test_a_websocket_address_asks_for_an_upgrade(sqlite_oscard):
    for client in (sqlite_oscard.client(), sqlite_oscard.admin()):
        answer = client.get("/ws/execution/1")
        assert answer.status == 426 and answer.headers["Upgrade"] == "websocket"
        assert answer.code == 426 and "WebSocket" in answer.message
    assert sqlite_oscard.client().get("/ws/other").status == 404


@pytest.mark.parametrize("language, words", [("en", "line 2, column 3"), ("zh-CN", "第 2 行第 3 列")])
def test_malformed_json_says_where(sqlite_oscard, language, words):
    client = sqlite_oscard.admin()
    client.language = language
    answer = client.request("POST", "/api/v1/tools/ddl/parse", raw='{\n  ddl: 1\n}'.encode())
    assert answer.status == 400 and words in answer.message
    assert (answer.data["line"], answer.data["column"], answer.data["offset"]) == (2, 3, 4)


def test_a_locked_user_does_not_lock_out_others_at_the_address(make_oscard):
    oscard = make_oscard(settings={"auth": {"max_failures": 3}})
    viewer, other = oscard.user("viewer"), oscard.user("viewer")
    wrong = {"username": viewer.username, "password": "wrong1wrong"}
    statuses = [oscard.client().post("/api/v1/auth/login", wrong).status for _ in range(5)]
    assert statuses == [401] * 3 + [429] * 2
    oscard.client().login(other.username, other.password)


def test_logout_and_disabling_take_effect_at_once(make_oscard):
    """Although a token's owner is remembered for two seconds."""
    oscard = make_oscard()
    admin = oscard.admin()
    viewer = oscard.user("viewer")
    user_id = viewer.get("/api/v1/auth/profile").ok().data["id"]
    second = oscard.client().login(viewer.username, viewer.password)
    second.get("/api/v1/executions").ok()
    second.post("/api/v1/auth/logout").ok()
    assert second.get("/api/v1/executions").status == 401
    viewer.get("/api/v1/executions").ok()
    admin.put(f"/api/v1/users/{user_id}", {"role": "operator"}).ok()
    ddl = {"ddl": "ADD COLUMN a INT"}
    fresh = oscard.client().login(viewer.username, viewer.password)
    assert fresh.post("/api/v1/tools/ddl/parse", ddl).status == 200
    admin.put(f"/api/v1/users/{user_id}", {"role": "viewer"}).ok()
    assert fresh.post("/api/v1/tools/ddl/parse", ddl).status in (401, 403)
    last = oscard.client().login(viewer.username, viewer.password)
    last.get("/api/v1/executions").ok()
    admin.put(f"/api/v1/users/{user_id}", {"is_active": False}).ok()
    assert last.get("/api/v1/executions").status == 401
