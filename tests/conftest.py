"""Found by pytest for every suite below: makes tests/support importable and bounds each test."""

import os
import signal
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))

TEST_LIMIT_S = 300


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """A test that hangs fails by itself; its fixtures are then torn down as usual."""
    marker = item.get_closest_marker("limit")
    seconds = marker.args[0] if marker else TEST_LIMIT_S

    def too_long(*_):
        raise TimeoutError(f"the test did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def pytest_configure(config):
    # A shell starts what it puts into the background with Ctrl-C ignored, which every child would
    # inherit, so that no test of it could pass.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "limit(seconds): ends the test after so many seconds")
