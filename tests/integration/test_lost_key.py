"""The key of the stored passwords is gone or another one: oscard says so instead of starting."""

import os

import pytest


@pytest.fixture
def stopped(make_oscard, target):
    """An oscard that was stopped with one saved connection, `kept`."""
    oscard = make_oscard()
    target.connect(oscard.admin(), name="kept")
    oscard.stop()
    yield oscard
    oscard.close()


def refused(oscard):
    """What it says when it does not start."""
    oscard.launch()
    process, oscard.process = oscard.process, None
    assert process.wait(20) != 0
    return oscard.log().splitlines()[-1]


def key_file(oscard):
    return os.path.join(oscard.data, "master.key")


def test_a_missing_key_is_not_replaced(stopped):
    os.rename(key_file(stopped), key_file(stopped) + ".away")
    words = refused(stopped)
    assert "1 saved connection (kept)" in words and "master.key is not there" in words
    assert "OSCAR_LOST_SECRETS=accept" in words
    assert not os.path.exists(key_file(stopped))
    os.rename(key_file(stopped) + ".away", key_file(stopped))
    stopped.start()


def test_another_key_is_refused_until_the_loss_is_accepted(stopped, target, monkeypatch):
    os.remove(key_file(stopped))
    monkeypatch.setenv("OSCAR_MASTER_KEY", "ab" * 32)
    assert "do not open them" in refused(stopped)
    monkeypatch.setenv("OSCAR_LOST_SECRETS", "yes")
    assert "takes the word accept" in refused(stopped)
    monkeypatch.setenv("OSCAR_LOST_SECRETS", "accept")
    stopped.start()
    assert "(kept) cannot be opened" in stopped.log()
    admin = stopped.admin()
    kept = admin.get("/api/v1/connections").ok().data["items"][0]["id"]
    assert admin.post(f"/api/v1/connections/{kept}/test").status == 500
    admin.put(f"/api/v1/connections/{kept}", {"password": target.password}).ok()
    assert stopped.stop() == 0
    monkeypatch.delenv("OSCAR_LOST_SECRETS")
    stopped.start()
    assert admin.post(f"/api/v1/connections/{kept}/test").ok()
