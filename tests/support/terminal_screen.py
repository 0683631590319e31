"""A program on a pseudo terminal, and what a person sees there."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata

_TOKEN = re.compile(r"\x1b\[(\d*)([A-Za-z])|([\r\n])|([^\x1b\r\n])", re.S)


def display_width(text):
    """Columns that text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Screen:
    """Just enough of a terminal for lines that are written again in place."""

    def __init__(self, columns):
        self.columns, self.row, self.column, self.lines = columns, 0, 0, [[]]

    def feed(self, text):
        for match in _TOKEN.finditer(text):
            count, command, control, character = match.groups()
            if command == "A":
                self.row = max(0, self.row - int(count or 1))
            elif command == "J":
                self._cut()
                del self.lines[self.row + 1:]
            elif command == "K":
                self._cut()
            elif control == "\r":
                self.column = 0
            elif control == "\n":
                self._down()
            elif character:
                self._put(character)

    def text(self):
        """The lines from top to bottom, without spaces at their ends."""
        return "\n".join("".join(line).rstrip() for line in self.lines)

    def _cut(self):
        del self.lines[self.row][self.column:]

    def _down(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])

    def _put(self, character):
        width = display_width(character)
        if self.column + width > self.columns:
            self.column = 0
            self._down()
        line = self.lines[self.row]
        line.extend(" " * (self.column - len(line)))
        line[self.column:self.column + width] = [character] + [""] * (width - 1)
        self.column += width


class OnTerminal:
    """Runs `argv` on a terminal of so many columns. Use with `with`."""

    def __init__(self, argv, columns, env):
        self.screen, self.raw = Screen(columns), ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def type(self, text):
        """As if a person typed it; "\\x03" is Ctrl-C."""
        os.write(self._master, text.encode())

    def until(self, condition, timeout_s=60):
        """Reads until condition(screen text) or the end of the program; returns the text."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not condition(self.screen.text()):
            if select.select([self._master], [], [], 0.1)[0] and not self._read():
                break
        return self.screen.text()

    def finish(self, timeout_s=60):
        """Reads to the end of the program; returns its exit status."""
        self.until(lambda _: False, timeout_s)
        return self.process.wait(timeout=5)

    def _read(self):
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program has ended
            return False
        text = self._decoder.decode(data)
        self.raw += text
        self.screen.feed(text)
        return bool(data)
