"""Servers and programs of the integration tests. Real ones: see tests/README.md."""

import secrets

import pytest

from lab import MariaDb, Mysql97, Unavailable, pt_osc
from oscard import Oscard
from scenario import Target


@pytest.fixture(scope="session")
def mariadb():
    with MariaDb() as server:
        yield server


@pytest.fixture(scope="session")
def mysql():
    try:
        server = Mysql97()
    except Unavailable as reason:
        pytest.skip(str(reason))
    with server:
        yield server


def store_on(server):
    """(url, password) of a fresh, empty store database on a MySQL-like server."""
    name, password = "store_" + secrets.token_hex(4), secrets.token_hex(8)
    server.sql(
        f"CREATE DATABASE {name} CHARACTER SET utf8mb4;"
        f"CREATE USER {name}@'%' IDENTIFIED BY '{password}'; GRANT ALL ON {name}.* TO {name}@'%';"
    )
    return f"mysql://{name}@127.0.0.1:{server.port}/{name}", password


@pytest.fixture(scope="session")
def make_oscard(tmp_path_factory, request):
    """make_oscard(store="sqlite"|"mariadb"|"mysql", **more) -> a running Oscard, closed at the end
    of the session unless the test closes it."""
    made = []

    def make(store="sqlite", **more):
        if store != "sqlite":
            more["store_url"], more["store_password"] = store_on(request.getfixturevalue(store))
        oscard = Oscard(str(tmp_path_factory.mktemp("oscard")), **more)
        made.append(oscard)
        return oscard.start()

    yield make
    for oscard in made:
        oscard.close()


@pytest.fixture(scope="session", params=["sqlite", "mariadb"])
def oscard(request, make_oscard):
    """One long-lived oscard for each kind of store. Tests leave it running and healthy."""
    return make_oscard(store=request.param)


@pytest.fixture(scope="session")
def sqlite_oscard(make_oscard):
    """For what does not depend on the store."""
    return make_oscard()


@pytest.fixture(scope="session")
def admin(oscard):
    return oscard.admin()


@pytest.fixture(autouse=True)
def no_oscard_dies():
    """A crash belongs to the test that caused it, not to the next one that needs the program."""
    yield
    Oscard.assert_none_died()


@pytest.fixture
def target(mariadb):
    """A fresh schema and account on MariaDB."""
    return Target(mariadb)


@pytest.fixture(scope="session")
def tool37():
    try:
        return pt_osc("3.7")
    except Unavailable as reason:
        pytest.skip(str(reason))
