"""The project's files as the architecture tests see them: paths relative to the top."""

import functools
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


@functools.cache
def every_file():
    """What git has, and what it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\n")
    return sorted({name for name in listed if name and os.path.isfile(os.path.join(ROOT, name))})


def files(prefix, *endings):
    """The files below `prefix` with one of these endings; all, when none is given."""
    return [n for n in every_file() if n.startswith(prefix) and (not endings or n.endswith(endings))]


@functools.cache
def text(name):
    with open(os.path.join(ROOT, name), encoding="utf-8", errors="replace") as file:
        return file.read()


@functools.cache
def includes(name):
    """The header names of the #include lines."""
    return tuple(_INCLUDE.findall(text(name)))
