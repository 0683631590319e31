"""A small WebSocket client (RFC 6455) for the tests, able to send what a good client never would."""

import base64
import hashlib
import json
import os
import socket
import struct
import time

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refused(Exception):
    """The server did not upgrade; `status` and `body` say what it answered."""

    def __init__(self, status, body):
        super().__init__(f"HTTP {status}: {body[:300]!r}")
        self.status = status
        self.body = body


class Closed(Exception):
    """The server closed; `code` is the one of its close frame, or None without one."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code = code


class WebSocket:
    def __init__(self, port, path, protocols=(), headers=(), timeout_s=30):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout_s)
        self._buffer = b""
        self._timeout_s = timeout_s
        key = base64.b64encode(os.urandom(16))
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket"]
        lines += ["Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {key.decode()}"]
        lines += [f"Sec-WebSocket-Protocol: {', '.join(protocols)}"] if protocols else []
        lines += [f"{name}: {value}" for name, value in headers]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.protocol = self._handshake(key)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def next_json(self, timeout_s=None):
        """The next text message, decoded. Answers pings; raises Closed or TimeoutError."""
        deadline = time.monotonic() + (timeout_s or self._timeout_s)
        while True:
            opcode, payload = self.next_frame(deadline)
            if opcode == TEXT:
                return json.loads(payload.decode("utf-8"))
            if opcode == PING:
                self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None
                raise Closed(code, payload[2:].decode("utf-8", "replace"))

    def messages(self, timeout_s=60):
        """Yields messages until the server closes; timeout_s bounds the whole."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                yield self.next_json(max(0.01, deadline - time.monotonic()))
            except Closed as closed:
                self.closed = closed
                return

    def next_frame(self, deadline):
        """(opcode, payload) of one frame; servers of ours do not fragment."""
        first, second = self._read(2, deadline)
        assert first & 0x80, "a fragmented message"
        assert not second & 0x80, "a server must not mask"
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", self._read(2, deadline))[0]
        elif length == 127:
            length = struct.unpack("!Q", self._read(8, deadline))[0]
        return first & 0x0F, self._read(length, deadline)

    def send_frame(self, opcode, payload=b"", final=True, mask=True, length=None):
        """Any frame, right or wrong. `length` lies about the payload's size."""
        head = bytes([(0x80 if final else 0) | opcode])
        size = len(payload) if length is None else length
        flag = 0x80 if mask else 0
        if size < 126:
            head += bytes([flag | size])
        elif size < 1 << 16:
            head += bytes([flag | 126]) + struct.pack("!H", size)
        else:
            head += bytes([flag | 127]) + struct.pack("!Q", size)
        if mask:
            key = os.urandom(4)
            payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
            head += key
        self.send_raw(head + payload)

    def send_raw(self, data):
        self._socket.sendall(data)

    def _handshake(self, key):
        deadline = time.monotonic() + self._timeout_s
        while b"\r\n\r\n" not in self._buffer:
            self._fill(deadline)
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        fields = {k.strip().lower(): v.strip() for k, v in (x.split(":", 1) for x in lines[1:])}
        if status != 101:
            raise Refused(status, self._rest(fields))
        expected = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        assert fields["sec-websocket-accept"] == expected
        return fields.get("sec-websocket-protocol")

    def _rest(self, fields):
        body = self._buffer
        wanted = int(fields.get("content-length", 0))
        deadline = time.monotonic() + 5
        try:
            while len(self._buffer) < wanted:
                self._fill(deadline)
            body = self._buffer
        except (Closed, TimeoutError):
            pass
        self._socket.close()
        return body

    def _read(self, size, deadline):
        while len(self._buffer) < size:
            self._fill(deadline)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no message in time")
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(65536)
        except socket.timeout:
            raise TimeoutError("no message in time") from None
        except ConnectionResetError:
            raise Closed() from None
        if not data:
            raise Closed()
        self._buffer += data
