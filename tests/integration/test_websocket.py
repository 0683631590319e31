"""WS /ws/execution/:id: who may watch, what is pushed, and what a bad client can do."""

import struct
import time

import pytest

from processes import wait_for
from scenario import SLOW, Target, all_lines, detail, submit, wait_copying, wait_final
from ws_client import BINARY, CLOSE, PING, PONG, TEXT, Closed, Refused, WebSocket

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def place(sqlite_oscard, mariadb):
    """(oscard, admin, target, connection, a finished execution)"""
    target = Target(mariadb)
    admin = sqlite_oscard.admin()
    connection = target.connect(admin)
    table = target.make_table("done", rows=50)
    ended = wait_final(admin, submit(admin, connection, target, table, "ADD COLUMN b INT")["id"])
    assert ended["status"] == "completed", ended["error_message"]
    return sqlite_oscard, admin, target, connection, ended


@pytest.fixture
def running(place):
    """A slow execution, stopped afterwards."""
    _, admin, target, connection, _ = place
    table = target.make_table(f"slow{time.monotonic_ns()}", rows=20_000)
    execution = submit(admin, connection, target, table, "ADD COLUMN b INT", execution_params=SLOW)
    wait_copying(admin, execution["id"])
    yield execution
    admin.post(f"/api/v1/executions/{execution['id']}/stop")
    wait_final(admin, execution["id"])


def path_of(execution, **query):
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return f"/ws/execution/{execution['id']}" + (f"?{text}" if text else "")


def test_nobody_watches_without_authentication(place):
    oscard, admin, _, _, ended = place
    for protocols in ([], ["oscar.v1"], ["oscar.v1", "bearer.x.y.z"], ["oscar.v1", "bearer."]):
        with pytest.raises(Refused) as refused:
            WebSocket(oscard.port, path_of(ended), protocols)
        assert refused.value.status == 401, protocols
    with pytest.raises(Refused) as refused:
        WebSocket(oscard.port, path_of(ended, ticket="x" * 40))
    assert refused.value.status == 401
    with pytest.raises(Refused):
        WebSocket(oscard.port, path_of(ended, token=admin.token))


def test_ticket_works_once(place):
    oscard, admin, _, _, ended = place
    ticket = admin.post("/api/v1/auth/ws-ticket").ok().data["ticket"]
    with WebSocket(oscard.port, path_of(ended, ticket=ticket)) as socket:
        assert socket.next_json(10)["type"] == "snapshot"
    with pytest.raises(Refused) as refused:
        WebSocket(oscard.port, path_of(ended, ticket=ticket))
    assert refused.value.status == 401


def test_bearer_is_not_echoed(place):
    oscard, admin, _, _, ended = place
    with oscard.websocket(admin, ended["id"]) as socket:
        assert socket.protocol == "oscar.v1"


@pytest.mark.parametrize("origin, allowed", [
    ("http://evil.example", False), ("null", False), ("http://127.0.0.1:1", False), (None, True),
    ("own", True),
])
def test_origin_is_checked(place, origin, allowed):
    oscard, admin, _, _, ended = place
    if origin == "own":
        origin = f"http://127.0.0.1:{oscard.port}"
    headers = [("Origin", origin)] if origin else []
    protocols = ["oscar.v1", f"bearer.{admin.token}"]
    if allowed:
        WebSocket(oscard.port, path_of(ended), protocols, headers).close()
        return
    with pytest.raises(Refused) as refused:
        WebSocket(oscard.port, path_of(ended), protocols, headers)
    assert refused.value.status == 403


def test_unknown_execution_and_wrong_query(place):
    oscard, admin, _, _, ended = place
    for path, status in ((f"/ws/execution/{NOBODY}", 404), (path_of(ended, from_line="x"), 400),
                         ("/ws/nothing", 404)):
        with pytest.raises(Refused) as refused:
            WebSocket(oscard.port, path, ["oscar.v1", f"bearer.{admin.token}"])
        assert refused.value.status == status, path


def test_plain_request_gets_no_stream(place):
    _, admin, _, _, ended = place
    assert admin.get(path_of(ended)).status in (400, 404, 426)


def test_viewers_see_the_same_and_no_line_twice(place, running):
    oscard, admin, _, _, _ = place
    viewer = oscard.user("viewer")
    early = oscard.websocket(viewer, running["id"], from_line=1)
    time.sleep(1)
    late = oscard.websocket(admin, running["id"], from_line=4)
    silent = oscard.websocket(admin, running["id"])
    assert [s.next_json(10)["type"] for s in (early, late, silent)] == ["snapshot"] * 3
    admin.post(f"/api/v1/executions/{running['id']}/stop").ok()
    lines = {}
    for name, socket in (("early", early), ("late", late), ("silent", silent)):
        messages = list(socket.messages(40))
        assert messages[-1]["type"] == "end" and messages[-1]["data"]["status"] == "cancelled"
        lines[name] = [line for m in messages if m["type"] == "log" for line in m["data"]["lines"]]
    stored = all_lines(admin, running["id"])
    assert [line["text"] for line in lines["early"]] == stored
    assert [line["number"] for line in lines["late"]] == list(range(4, len(stored) + 1))


def test_progress_is_timely(place, running):
    oscard, admin, _, _, _ = place
    with oscard.websocket(admin, running["id"]) as socket:
        socket.next_json(10)
        rows = []
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            message = socket.next_json(5)
            if message["type"] == "progress":
                rows.append(message["data"]["processed_rows"])
                assert message["data"]["stage"] == "copying_data"
                assert message["data"]["current_stage"] == "copying_data"
    assert len(set(rows)) >= 5 and rows == sorted(rows)


BAD = {
    "unmasked": lambda s: s.send_frame(TEXT, b"{}", mask=False),
    "reserved opcode": lambda s: s.send_frame(3, b"x"),
    "reserved bits": lambda s: s.send_raw(b"\xf1\x80abcd"),
    "huge length": lambda s: s.send_frame(TEXT, b"x", length=1 << 62),
    "long control frame": lambda s: s.send_frame(PING, b"x" * 200),
    "fragmented control frame": lambda s: s.send_frame(PING, b"x", final=False),
    "continuation of nothing": lambda s: s.send_frame(0, b"x"),
    "big text": lambda s: s.send_frame(TEXT, b"x" * 2_000_000),
    "broken close": lambda s: s.send_frame(CLOSE, b"x"),
    "nonsense": lambda s: s.send_raw(b"GET / HTTP/1.1\r\n\r\n" * 50),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_frames_close_this_socket_alone(place, running, name):
    oscard, admin, _, _, _ = place
    good = oscard.websocket(admin, running["id"])
    bad = oscard.websocket(admin, running["id"])
    bad.next_json(10)
    try:
        BAD[name](bad)
        with pytest.raises(Closed):
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                bad.next_json(10)
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert good.next_json(10)["type"] == "snapshot"
    assert good.next_json(10)["seq"] > 0
    good.close()
    bad.close()


def test_ping_half_frames_and_close(place, running):
    oscard, admin, _, _, _ = place
    with oscard.websocket(admin, running["id"]) as socket:
        socket.next_json(10)
        # A frame that comes byte by byte holds nobody up, this viewer included.
        for byte in b"\x89\x82abcd" + bytes([ord("h") ^ ord("a"), ord("i") ^ ord("b")]):
            socket.send_raw(bytes([byte]))
            time.sleep(0.02)
        deadline = time.monotonic() + 10
        while True:
            opcode, payload = socket.next_frame(deadline)
            if opcode == PONG:
                assert payload == b"hi"
                break
        socket.send_frame(CLOSE, struct.pack("!H", 1000))
        with pytest.raises(Closed) as closed:
            while True:
                socket.next_json(10)
        assert closed.value.code in (1000, None)


def test_clients_cannot_publish(place, running):
    oscard, admin, _, _, _ = place
    with oscard.websocket(admin, running["id"]) as one, oscard.websocket(admin, running["id"]) as two:
        two.next_json(10)
        for kind, text in ((TEXT, b'{"type":"end"}'), (TEXT, b"not json"), (BINARY, b"\x00\xff")):
            one.send_frame(kind, text)
        seen = [two.next_json(10)["type"] for _ in range(5)]
        assert "end" not in seen
    assert detail(admin, running["id"])["status"] == "running"


def test_viewer_that_reads_nothing_stops_no_other(place, running):
    oscard, admin, _, _, _ = place
    stuck = [oscard.websocket(admin, running["id"], from_line=1) for _ in range(20)]
    with oscard.websocket(admin, running["id"]) as good:
        times = []
        for _ in range(10):
            started = time.monotonic()
            good.next_json(10)
            times.append(time.monotonic() - started)
    for socket in stuck:
        socket.close()
    assert max(times) < 3


def test_hundred_viewers_come_and_go(place, running):
    oscard, admin, _, _, _ = place
    sockets = [oscard.websocket(admin, running["id"]) for _ in range(100)]
    assert {socket.next_json(20)["type"] for socket in sockets} == {"snapshot"}
    threads = _threads(oscard)
    for socket in sockets:
        socket.close()
    assert threads < 80, "viewers are parked, not held by a thread each"
    wait_for(lambda: admin.get("/api/v1/auth/profile").status == 200, 10, "requests are served")


def _threads(oscard):
    with open(f"/proc/{oscard.pid}/status", encoding="ascii") as file:
        return int(next(line.split()[1] for line in file if line.startswith("Threads")))
