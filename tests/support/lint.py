"""The checks of ./test lint: clang-format, clang-tidy and shellcheck, one test case per file.

clang-tidy takes seconds per file, so a clean file is remembered by a digest of all that its verdict
depends on (the file, the project's headers it includes, its command and .clang-tidy) and is not
looked at again until one of them changes.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

STAMPS = os.path.join(
    os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")), "oscar-lab", "clang-tidy"
)


def tracked_files(root, *patterns):
    """The project's files of these patterns: those git knows, and new ones it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.split("\n")
    return sorted({name for name in listed if name and os.path.isfile(os.path.join(root, name))})


def check_format(root):
    """clang-format on every C and C++ file of ours."""
    files = tracked_files(root, "*.cpp", "*.hpp", "*.h", "*.c")
    return _each(files, lambda name: ["clang-format", "--dry-run", "--Werror", name], root)


def check_shell(root):
    """shellcheck on our bash scripts."""
    scripts = [name for name in tracked_files(root) if _is_shell(os.path.join(root, name))]
    return _each(scripts, lambda name: ["shellcheck", "-x", "--severity=warning", name], root)


def check_tidy(root, build):
    """clang-tidy on every source of host, sdk and plugins that the build compiles."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = {entry["file"]: entry for entry in reversed(json.load(file))}
    prefixes = tuple(os.path.join(root, part) + os.sep for part in ("host", "sdk", "plugins"))
    sources = sorted(name for name in entries if name.startswith(prefixes))
    includes = _IncludeDigests(root)
    os.makedirs(STAMPS, exist_ok=True)

    def check(source, database):
        digest = includes.of(source, entries[source]["command"])
        stamp = os.path.join(STAMPS, digest)
        name = os.path.relpath(source, root)
        if os.path.exists(stamp):
            return (name, "passed", "")
        done = subprocess.run(
            ["clang-tidy", "--quiet", "-p", database, source],
            capture_output=True, text=True, cwd=root, check=False,
        )
        if done.returncode == 0 and "warning:" not in done.stdout:
            with open(stamp, "w", encoding="utf-8"):
                pass
            return (name, "passed", "")
        return (name, "failed", done.stdout + done.stderr[-1000:])

    # A file that several targets compile has several commands; clang-tidy would run for each.
    with tempfile.TemporaryDirectory() as database:
        with open(os.path.join(database, "compile_commands.json"), "w", encoding="utf-8") as file:
            json.dump([entries[source] for source in sources], file)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(lambda source: check(source, database), sources))


def _each(files, command, root):
    def check(name):
        done = subprocess.run(command(name), cwd=root, capture_output=True, text=True, check=False)
        text = done.stdout + done.stderr
        return (name, "passed" if done.returncode == 0 else "failed", text)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(check, files))


def _is_shell(path):
    if path.endswith(".sh"):
        return True
    with open(path, "rb") as file:
        return re.match(rb"#!/bin/(ba)?sh\b", file.readline()) is not None


class _IncludeDigests:
    """Digests of a source with the project's own headers it reaches."""

    INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)

    def __init__(self, root):
        self._bases = [os.path.join(root, part) for part in ("host", "sdk/include", "plugins")]
        with open(os.path.join(root, ".clang-tidy"), encoding="utf-8") as file:
            version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True)
            self._common = file.read() + version.stdout.decode()
        self._read = {}

    def of(self, source, command):
        seen = set()
        self._reach(source, seen)
        digest = hashlib.sha256((self._common + command).encode())
        for path in sorted(seen):
            digest.update(self._read[path][0].encode())
        return digest.hexdigest()

    def _reach(self, path, seen):
        if path in seen:
            return
        seen.add(path)
        if path not in self._read:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self._read[path] = (text, self.INCLUDE.findall(text))
        for name in self._read[path][1]:
            for base in [os.path.dirname(path), *self._bases]:
                found = os.path.normpath(os.path.join(base, name))
                if os.path.isfile(found):
                    self._reach(found, seen)
                    break


def missing_tools():
    """The names of the tools that are not installed."""
    tools = ("clang-format", "clang-tidy", "shellcheck")
    return [tool for tool in tools if not shutil.which(tool)]
