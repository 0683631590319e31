"""Real database servers for the tests, on loopback, with private data folders and ports.

    with MariaDb() as server:
        server.sql("CREATE DATABASE shop")
        rows = server.rows("SELECT a, b FROM t", database="shop")

A part that this machine cannot have raises Unavailable with the reason; a test then skips.
"""

import json
import os
import secrets
import shutil
import stat
import subprocess
import tempfile

from processes import end, free_port, spawn, tail, wait_for

_HERE = os.path.dirname(os.path.abspath(__file__))


class Unavailable(Exception):
    """This machine cannot have the part; the text says why."""


class DatabaseServer:
    """What MariaDb and Mysql97 share: a private server, and SQL by the command-line client.

    `root` may connect by TCP from 127.0.0.1 with `password` (random unless one is given).
    """

    flavour = ""

    def __init__(self, folder=None, port=None, options=(), password=None):
        self._own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="oscar-lab-")
        os.makedirs(self.folder, exist_ok=True)
        self.datadir = os.path.join(self.folder, "data")
        self.log_path = os.path.join(self.folder, "server.log")
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self.password = secrets.token_hex(12) if password is None else password
        self.options = list(options)
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        """The address without the password, as the C++ tests take it."""
        return f"mysql://root@{self.host}:{self.port}"

    def start(self):
        """Starts the server (making its data folder the first time) and waits until it answers."""
        fresh = not os.path.isdir(self.datadir)
        if fresh:
            self._initialize()
        self.process = spawn(self._command(), self.log_path)
        try:
            wait_for(lambda: self._answers(fresh), 90, f"{self.flavour} answers")
        except AssertionError as error:
            self.close()
            raise AssertionError(f"{error}\n{tail(self.log_path)}") from None
        if fresh:
            self._secure()
        return self

    def stop(self):
        """Shuts down; the data stays and start() goes on with it."""
        end(self.process, 60)
        self.process = None

    def kill9(self):
        """Ends the server as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def close(self):
        """Shuts down and removes the folder if it was made here."""
        self.stop()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, text, database=None, user="root", password=None, timeout_s=120):
        """Runs statements and returns the client's tab-separated output, without headings."""
        done = self.try_sql(text, database, user, password, timeout_s)
        if done.returncode != 0:
            raise AssertionError(f"{done.stderr.strip()}\nin: {text[:500]}")
        return done.stdout

    def try_sql(self, text, database=None, user="root", password=None, timeout_s=120):
        """Like sql(), but returns the finished process, whatever came of it."""
        argv = ["mariadb", "--no-defaults", "--protocol=tcp", f"--host={self.host}"]
        argv += [f"--port={self.port}", f"--user={user}", "--default-character-set=utf8mb4"]
        argv += ["--batch", "--skip-column-names", "--connect-timeout=5", "--skip-ssl"]
        argv += [f"--database={database}"] if database else []
        env = dict(os.environ, MYSQL_PWD=self.password if password is None else password)
        return subprocess.run(
            argv, input=text, env=env, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def rows(self, text, database=None, **more):
        """The result as a list of lists of strings (NULL is the string "NULL")."""
        return [line.split("\t") for line in self.sql(text, database, **more).splitlines()]

    def value(self, text, database=None, **more):
        """The first field of the first row, or None."""
        found = self.rows(text, database, **more)
        return found[0][0] if found else None

    def leftovers(self, database):
        """Triggers and tables in `database` that a pt-osc run left behind."""
        triggers = self.rows(
            "SELECT trigger_name FROM information_schema.triggers "
            f"WHERE trigger_schema='{database}' AND trigger_name LIKE 'pt\\_osc\\_%'"
        )
        tables = self.rows(
            "SELECT table_name FROM information_schema.tables "
            f"WHERE table_schema='{database}' AND table_name REGEXP '^_.*_(new|old)$'"
        )
        return [row[0] for row in triggers + tables]

    def _answers(self, fresh):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.flavour} ended with {self.process.returncode}")
        return self.try_sql("SELECT 1", password="" if fresh else None).returncode == 0

    def _secure(self):
        raise NotImplementedError

    def _initialize(self):
        raise NotImplementedError

    def _command(self):
        raise NotImplementedError


class MariaDb(DatabaseServer):
    """MariaDB of this Debian release."""

    flavour = "MariaDB"

    def __init__(self, folder=None, port=None, options=(), password=None):
        super().__init__(folder, port, options, password)
        if not shutil.which("mariadbd"):
            raise Unavailable("mariadbd is not installed (deploy/packages/run.txt)")
        self.socket = os.path.join(self.folder, "s")

    def _user(self):
        return ["--user=root"] if os.getuid() == 0 else []

    def _initialize(self):
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", "--force", f"--datadir={self.datadir}"]
            + ["--auth-root-authentication-method=normal", "--skip-name-resolve", "--skip-test-db"]
            + self._user(),
            check=True,
            capture_output=True,
        )

    def _command(self):
        return [
            shutil.which("mariadbd"),
            "--no-defaults",
            f"--datadir={self.datadir}",
            f"--socket={self.socket}",
            # A server that starts removes all temporary tables there, whosever they are.
            f"--tmpdir={self.folder}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=256M",
            "--innodb-flush-log-at-trx-commit=2",
            *self._user(),
            *self.options,
        ]

    def _secure(self):
        self.sql(
            "SET PASSWORD FOR 'root'@'localhost' = PASSWORD('{0}');"
            "SET PASSWORD FOR 'root'@'127.0.0.1' = PASSWORD('{0}');".format(self.password),
            password="",
        )


def make_certificates(folder):
    """ca.pem, server.pem and server.key (for `localhost` only) and other.pem, an authority that has
    nothing to do with them."""
    if not shutil.which("openssl"):
        raise Unavailable("openssl is not installed (deploy/packages/run.txt)")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    fresh_key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]
    for name in ("ca", "other"):
        openssl("req", "-x509", *fresh_key, "-keyout", f"{name}.key", "-out", f"{name}.pem",
                "-subj", f"/CN=test authority {name}")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=localhost")
    with open(os.path.join(folder, "names"), "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.pem")
    # The server reads them as another user when it was started by root.
    os.chmod(os.path.join(folder, "server.key"), 0o644)
    return folder


def tls_options(folder):
    """A MariaDb's options for serving TLS with the certificates of make_certificates()."""
    files = {"ca": "ca.pem", "cert": "server.pem", "key": "server.key"}
    return [f"--ssl-{name}={os.path.join(folder, file)}" for name, file in files.items()]


class Mysql97(DatabaseServer):
    """MySQL 9.7 of Debian sid, in a chroot that is made once in the user's cache."""

    flavour = "MySQL"

    def __init__(self, folder=None, port=None, options=(), password=None):
        self.chroot = sid_chroot()
        super().__init__(folder, port, options, password)
        # mysqld sees only the chroot; its data folder is made inside and removed by close().
        self._inside = "/var/tmp/" + os.path.basename(tempfile.mkdtemp(dir=self._path("/var/tmp")))
        self.datadir = self._path(self._inside + "/data")

    def _path(self, inside):
        return self.chroot + inside

    def _initialize(self):
        done = subprocess.run(
            ["chroot", self.chroot, "/usr/sbin/mysqld", "--no-defaults", "--initialize-insecure"]
            + ["--user=root", f"--datadir={self._inside}/data"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(done.stderr[-2000:])

    def _command(self):
        return [
            shutil.which("chroot"),
            self.chroot,
            "/usr/sbin/mysqld",
            "--no-defaults",
            "--user=root",
            f"--datadir={self._inside}/data",
            f"--socket={self._inside}/s",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--mysqlx=OFF",
            "--secure-file-priv=",
            "--log-bin-trust-function-creators=1",
            "--innodb-buffer-pool-size=256M",
            "--innodb-flush-log-at-trx-commit=2",
            *self.options,
        ]

    def _secure(self):
        self.sql(f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{self.password}'", password="")

    def close(self):
        super().close()
        shutil.rmtree(self._path(self._inside), ignore_errors=True)


def sid_chroot():
    """The chroot's folder; Unavailable when it cannot be had."""
    done = subprocess.run(
        [os.path.join(_HERE, "sid_chroot.sh")], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Unavailable(f"MySQL 9.7 and pt-osc 3.7: {last}")
    return done.stdout.strip()


def pt_osc(version):
    """The path of pt-online-schema-change "3.2" (this release's) or "3.7" (sid's).

    Debian's tool is one Perl file, so sid's runs on this machine's Perl and DBD::mysql.
    """
    if version == "3.2":
        found = shutil.which("pt-online-schema-change")
        if not found:
            raise Unavailable("percona-toolkit is not installed (deploy/packages/run.txt)")
        return found
    return sid_chroot() + "/usr/bin/pt-online-schema-change"


def write_private(path, text):
    """Writes a file that only its owner can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def load_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
