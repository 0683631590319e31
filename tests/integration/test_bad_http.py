"""Requests that no good client sends: refused, logged, and nothing leaks."""

import glob
import socket
import time

import pytest

from oscard import memory_bound
from processes import wait_for


@pytest.fixture(scope="module")
def place(sqlite_oscard):
    return sqlite_oscard, sqlite_oscard.admin()


BROKEN_JSON = [b"", b"{", b"[]", b"null", b'"x"', b"{'a':1}", b'{"ddl":"a"}}', b'{"ddl":"a","ddl":"b"}',
               b"\xff\xfe", b'{"ddl":"\xc3"}', b"[" * 100_000, b'{"ddl": NaN}', b'{"ddl":"\x00"}']


@pytest.mark.parametrize("raw", BROKEN_JSON, ids=lambda raw: repr(raw[:12]))
def test_malformed_json(place, raw):
    _, admin = place
    answer = admin.request("POST", "/api/v1/tools/ddl/parse", raw=raw)
    assert answer.status == 400, answer


def test_huge_body_is_refused_without_being_read(place):
    oscard, admin = place
    before = oscard.memory_kib()
    with socket.create_connection(("127.0.0.1", oscard.port), 10) as peer:
        head = ("POST /api/v1/tools/ddl/parse HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n"
                f"Authorization: Bearer {admin.token}\r\nContent-Type: application/json\r\n\r\n")
        peer.sendall(head.encode())
        answer = peer.recv(65536)
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert oscard.memory_kib() - before < memory_bound(20_000)


def test_huge_chunked_body_is_cut_off(place):
    oscard, admin = place
    before = oscard.memory_kib()
    with socket.create_connection(("127.0.0.1", oscard.port), 10) as peer:
        head = ("POST /api/v1/tools/ddl/parse HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                f"Authorization: Bearer {admin.token}\r\nContent-Type: application/json\r\n\r\n")
        peer.sendall(head.encode())
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        answer = b""
        try:
            for _ in range(1600):
                peer.sendall(chunk)
            peer.sendall(b"0\r\n\r\n")
            answer = peer.recv(65536)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert answer == b"" or b" 413 " in answer.split(b"\r\n")[0]
    assert oscard.memory_kib() - before < memory_bound(20_000)
    admin.get("/api/v1/auth/profile").ok()


RAW = [
    b"GET\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
]


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: repr(raw[:24]))
def test_nonsense_on_the_wire(place, raw):
    oscard, admin = place
    with socket.create_connection(("127.0.0.1", oscard.port), 10) as peer:
        peer.settimeout(10)
        try:
            peer.sendall(raw)
            peer.shutdown(socket.SHUT_WR)
            answer = peer.recv(65536)
        except OSError:  # closed on us: as good as an answer
            answer = b""
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert b"root:" not in answer
    admin.get("/api/v1/auth/profile").ok()


def test_paths_do_not_escape_their_segment(place):
    _, admin = place
    for path in ("/api/v1/executions/..%2f..%2fusers", "/api/v1/executions/%2e%2e/users",
                 "/api/v1/executions/a%2Fb", "/api/v1/tools/tables/x/a%00b"):
        assert admin.get(path).status in (400, 404), path


def test_slow_clients_hold_nobody_up(make_oscard):
    oscard = make_oscard(settings={"http": {"request_timeout_seconds": 3}})
    peers = [socket.create_connection(("127.0.0.1", oscard.port), 10) for _ in range(100)]
    for peer in peers:
        peer.sendall(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
    try:
        started = time.monotonic()
        wait_for(lambda: _answers(oscard), 15, "another client is served")
        assert time.monotonic() - started < 12
    finally:
        for peer in peers:
            peer.close()
    # The slow ones are gone: their descriptors came back.
    wait_for(lambda: _descriptors(oscard) < 80, 20, "the slow clients are dropped")


def test_no_descriptor_leaks(place):
    oscard, admin = place
    for _ in range(20):
        admin.get("/api/v1/executions").ok()
    time.sleep(0.5)
    before = _descriptors(oscard)
    for _ in range(200):
        admin.request("POST", "/api/v1/tools/ddl/parse", raw=b"{")
        socket.create_connection(("127.0.0.1", oscard.port), 10).close()
    wait_for(lambda: _descriptors(oscard) <= before + 10, 15, "descriptors come back")


def _answers(oscard):
    try:
        return oscard.client().request("GET", "/healthz", timeout_s=2).status == 200
    except OSError:
        return False


def _descriptors(oscard):
    return len(glob.glob(f"/proc/{oscard.pid}/fd/*"))
