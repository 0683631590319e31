"""./test counts from the results alone: a crashed or an empty suite can never look like success."""

import io
import os

import pytest

from summarize import summarize, write_results

GTEST = """<testsuites tests="4" failures="1" disabled="1" errors="0"><testsuite name="S">
<testcase name="a" status="run" result="completed" classname="S"/>
<testcase name="b" status="run" result="completed" classname="S"><failure message="b broke"/></testcase>
<testcase name="c" status="notrun" result="suppressed" classname="S"/>
<testcase name="d" status="run" result="skipped" classname="S"><skipped message="x_test.cpp:9&#10;no server"/></testcase>
</testsuite></testsuites>"""

PYTEST = """<testsuites><testsuite name="pytest" errors="1" failures="0" skipped="1" tests="3">
<testcase classname="m" name="ok"/>
<testcase classname="m" name="setup"><error message="fixture broke">trace</error></testcase>
<testcase classname="m" name="later"><skipped type="pytest.skip" message="not here">x</skipped></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    "files, last_line, status",
    [
        ({"g": GTEST}, "1 passed, 1 failed, 2 skipped", 1),
        ({"p": PYTEST}, "1 passed, 1 failed, 1 skipped", 1),
        ({"g": GTEST, "p": PYTEST}, "2 passed, 2 failed, 3 skipped", 1),
        ({"cut": "<testsuites><testsu"}, "0 passed, 1 failed, 0 skipped", 1),
        ({}, "0 passed, 1 failed, 0 skipped", 1),
        ({"good": '<t><testcase name="a"/></t>'}, "1 passed, 0 failed, 0 skipped", 0),
        ({"skip": '<t><testcase name="a"><skipped/></testcase></t>'}, "0 passed, 0 failed, 1 skipped", 1),
    ],
)
def test_closing_line_and_status(tmp_path, files, last_line, status):
    for name, content in files.items():
        (tmp_path / f"{name}.xml").write_text(content)
    out = io.StringIO()
    assert summarize(str(tmp_path), out) == status
    assert out.getvalue().splitlines()[-1] == last_line


def test_reasons_and_names_are_shown(tmp_path):
    (tmp_path / "g.xml").write_text(GTEST)
    out = io.StringIO()
    summarize(str(tmp_path), out)
    assert "FAILED g: S.b" in out.getvalue()
    assert "b broke" in out.getvalue()
    assert "skipped 1 in g: no server" in out.getvalue()


def test_written_results_are_read_back(tmp_path):
    cases = [("a", "passed", ""), ("b", "failed", "why\x00\x1b"), ("c", "skipped", "no tool")]
    write_results(os.path.join(tmp_path, "own.xml"), "own", cases)
    out = io.StringIO()
    assert summarize(str(tmp_path), out) == 1
    assert out.getvalue().splitlines()[-1] == "1 passed, 1 failed, 1 skipped"
