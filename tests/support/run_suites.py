"""Runs the test suites after ./test has built everything, and sums up.

Each suite leaves JUnit XML in <build>/results. A suite that crashes, hangs or leaves nothing gets a
file with one failure, so it can never be missing from the count.
"""

import argparse
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack

import lint
from lab import MariaDb, Mysql97, Unavailable, make_certificates, tls_options
from summarize import summarize, write_results

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ALL = ("lint", "architecture", "unit", "observer", "fuzz", "integration")
PYTEST_LIMIT_S = 1500
GTEST_LIMIT_S = 600
FUZZ_S = 60


class Suites:
    def __init__(self, options):
        self.build = os.path.abspath(options.build)
        self.quick = options.quick
        self.sanitize = options.sanitize
        self.results = os.path.join(self.build, "results")
        self.env = dict(os.environ, OSCAR_BUILD_DIR=self.build, PYTHONDONTWRITEBYTECODE="1")
        if self.quick:
            self.env["OSCAR_TEST_QUICK"] = "1"
        if self.sanitize:
            # Whatever a sanitizer reports ends the process, so no test can overlook it.
            self.env["ASAN_OPTIONS"] = "abort_on_error=0:detect_leaks=1:strict_string_checks=1"
            self.env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
        shutil.rmtree(self.results, ignore_errors=True)
        os.makedirs(self.results)

    def run(self, parts):
        for part in parts:
            started = time.monotonic()
            print(f"== {part}", flush=True)
            getattr(self, part)()
            print(f"   {part} took {time.monotonic() - started:.0f} s", flush=True)

    def lint(self):
        missing = lint.missing_tools()
        if missing:
            self._record("lint", [(tool, "skipped", f"{tool} is not installed") for tool in missing])
            return
        self._record("lint_format", lint.check_format(ROOT))
        self._record("lint_shell", lint.check_shell(ROOT))
        if self.quick:
            self._record("lint_tidy", [("clang-tidy", "skipped", "left out by --quick")])
        else:
            self._record("lint_tidy", lint.check_tidy(ROOT, self.build))

    def architecture(self):
        self._pytest("architecture")

    def observer(self):
        self._pytest("observer")

    def integration(self):
        self._pytest("integration")

    def unit(self):
        programs = sorted(glob.glob(os.path.join(self.build, "tests", "unit_*")))
        programs = [path for path in programs if os.access(path, os.X_OK) and os.path.isfile(path)]
        if not programs:
            self._record("unit", [("programs", "failed", "no test program was built")])
            return
        with ExitStack() as servers:
            env = self._with_servers(servers)
            for program in programs:
                name = os.path.basename(program)
                argv = [program, f"--gtest_output=xml:{self._xml(name)}", "--gtest_brief=1"]
                self._command(name, argv, GTEST_LIMIT_S * (3 if self.sanitize else 1), env)

    def fuzz(self):
        """Each target runs for a bounded time from its committed corpus, if it has one."""
        build = os.path.join(ROOT, "build-fuzz")
        if not shutil.which("clang++"):
            self._record("fuzz", [("clang", "skipped", "clang is not installed")])
            return
        if not glob.glob(os.path.join(ROOT, "tests/fuzz/*_fuzz.cpp")):
            self._record("fuzz", [("targets", "failed", "there is no fuzz target")])
            return
        cases = []
        for source in sorted(glob.glob(os.path.join(ROOT, "tests/fuzz/*_fuzz.cpp"))):
            target = os.path.splitext(os.path.basename(source))[0]
            cases.append(self._fuzz_one(build, target))
        self._record("fuzz", cases)

    def _fuzz_one(self, build, target):
        log = os.path.join(self.results, f"{target}.log")
        found = os.path.join(self.results, f"{target}-")
        corpus = os.path.join(ROOT, "tests/fuzz/corpus", target.removesuffix("_fuzz"))
        grown = os.path.join(build, "corpus", target)
        os.makedirs(grown, exist_ok=True)
        steps = [
            ["cmake", "--preset", "fuzz"],
            ["ninja", "-C", build, target],
        ]
        with open(log, "wb") as out:
            for step in steps:
                if subprocess.run(step, cwd=ROOT, stdout=out, stderr=out, check=False).returncode:
                    return (target, "failed", "the build failed:\n" + _tail(log))
            programs = glob.glob(os.path.join(build, "**", target), recursive=True)
            programs = [path for path in programs if os.path.isfile(path)]
            if not programs:
                return (target, "failed", "the build made no such program")
            argv = [programs[0], f"-max_total_time={FUZZ_S}", "-timeout=10", "-rss_limit_mb=2048"]
            argv += [f"-artifact_prefix={found}", "-max_len=4096", grown]
            argv += [corpus] if os.path.isdir(corpus) else []
            done = subprocess.run(argv, stdout=out, stderr=out, env=self.env, check=False)
        if done.returncode != 0:
            return (target, "failed", f"input kept as {found}*\n" + _tail(log, 40))
        return (target, "passed", "")

    def bench(self):
        """Figures go to <build>/results/*.json; a benchmark fails only when it cannot run."""
        scripts = sorted(glob.glob(os.path.join(ROOT, "tests/bench/bench_*.py")))
        programs = sorted(glob.glob(os.path.join(self.build, "tests", "bench_*")))
        cases = []
        for path in [*programs, *scripts]:
            argv = ["/usr/bin/python3", path] if path.endswith(".py") else [path]
            name = os.path.basename(path).removesuffix(".py")
            env = dict(self.env, OSCAR_BENCH_JSON=os.path.join(self.results, f"{name}.json"))
            status = subprocess.run(argv, env=env, cwd=ROOT, check=False).returncode
            cases.append((name, "failed" if status else "passed", f"status {status}"))
        self._record("bench", cases or [("programs", "failed", "there is no benchmark")])

    def _with_servers(self, servers):
        """Private servers for the C++ tests, ended by process id when `servers` is closed."""
        env = dict(self.env)
        certificates = make_certificates(servers.enter_context(tempfile.TemporaryDirectory()))
        options = tls_options(certificates)
        mariadb = servers.enter_context(MariaDb(password="", options=options))
        plain = servers.enter_context(MariaDb(password="", options=["--skip-ssl"]))
        env["OSCAR_TEST_TLS_PORT"] = str(mariadb.port)
        env["OSCAR_TEST_TLS_FOLDER"] = certificates
        env["OSCAR_TEST_PLAIN_PORT"] = str(plain.port)
        env["OSCAR_TEST_MARIADB_URL"] = mariadb.url
        env["OSCAR_TEST_MARIADB_PASSWORD"] = mariadb.password
        env["OSCAR_TEST_STORE_MYSQL_URL"] = mariadb.url + "/mysql"
        env["OSCAR_TEST_STORE_PASSWORD"] = mariadb.password
        try:
            mysql = servers.enter_context(Mysql97(password=""))
            env["OSCAR_TEST_MYSQL_URL"] = mysql.url
            env["OSCAR_TEST_MYSQL_PASSWORD"] = mysql.password
        except Unavailable as reason:
            print(f"   without MySQL 9.7: {reason}", flush=True)
        return env

    def _pytest(self, part):
        folder = os.path.join(ROOT, "tests", part)
        if not glob.glob(os.path.join(folder, "test_*.py")):
            self._record(part, [("suite", "failed", f"tests/{part} has no test")])
            return
        argv = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs"]
        argv += [f"--junitxml={self._xml(part)}", "--durations=10", folder]
        self._command(part, argv, PYTEST_LIMIT_S * (2 if self.sanitize else 1), self.env)

    def _command(self, name, argv, limit_s, env):
        """Runs one suite; its output goes to a log, whose end is shown when the suite fails."""
        log = os.path.join(self.results, f"{name}.log")
        started = time.monotonic()
        with open(log, "wb") as out:
            process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT, env=env)
            try:
                status = process.wait(limit_s)
                end = f"ended with status {status}"
            except (subprocess.TimeoutExpired, KeyboardInterrupt) as why:
                status = self._interrupt(process)
                end = f"did not end within {limit_s} s"
                if isinstance(why, KeyboardInterrupt):
                    raise
        print(f"   {name}: {time.monotonic() - started:.0f} s", flush=True)
        # pytest: 1 = some tests failed; gtest: 1. Both are in the XML. All else is a broken suite.
        if status not in (0, 1) or not os.path.exists(self._xml(name)):
            broken = (name, "failed", f"{end}; the log ends with:\n{_tail(log, 40)}")
            self._record(f"{name}_run", [broken])
        elif status == 1 and not _has_failure(self._xml(name)):
            self._record(f"{name}_run", [(name, "failed", f"{end}, but names no failed test")])

    @staticmethod
    def _interrupt(process):
        """SIGINT first: pytest then runs its teardown, which ends the servers it started."""
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(90)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _xml(self, name):
        return os.path.join(self.results, f"{name}.xml")

    def _record(self, suite, cases):
        write_results(self._xml(suite), suite, cases)


def _has_failure(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    return "<failure" in text or "<error" in text


def _tail(path, lines=25):
    with open(path, encoding="utf-8", errors="replace") as file:
        return "".join(file.readlines()[-lines:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("parts", nargs="+")
    options = parser.parse_args()
    parts = [part for part in (*ALL, "bench") if part in options.parts]
    if "all" in options.parts:
        parts = list(ALL) + (["bench"] if "bench" in options.parts else [])
        if options.sanitize:
            # Neither depends on how the product was compiled.
            parts = [part for part in parts if part not in ("lint", "fuzz")]
    suites = Suites(options)
    # SIGTERM ends the suites in order, like Ctrl-C: servers are stopped, not orphaned.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        suites.run(parts)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        suites._record("interrupted", [("run", "failed", "interrupted")])
    return summarize(suites.results)


if __name__ == "__main__":
    sys.exit(main())
