"""Counts the tests in JUnit XML files: what ./test prints at its end.

    python3 tests/support/summarize.py build/results

The counts come from the test cases in the files alone; a suite that left no file has had one
written for it by run_suites.py, with a failure in it.
"""

import glob
import os
import sys
import xml.etree.ElementTree as ET
from collections import Counter, namedtuple

Case = namedtuple("Case", "suite name outcome text")


def read_cases(path):
    """The test cases of one file; a file that cannot be read is one failed case."""
    suite = os.path.splitext(os.path.basename(path))[0]
    try:
        tree = ET.parse(path)
    except ET.ParseError as error:
        return [Case(suite, "results", "failed", f"unreadable results: {error}")]
    return [_case(suite, node) for node in tree.iter("testcase")]


def _case(suite, node):
    name = f"{node.get('classname', '')}.{node.get('name', '')}".lstrip(".")
    for tag in ("failure", "error"):
        found = node.find(tag)
        if found is not None:
            return Case(suite, name, "failed", _text(found))
    skipped = node.find("skipped")
    # gtest marks a disabled test only by this attribute.
    if skipped is not None or node.get("status") == "notrun" or node.get("result") == "skipped":
        return Case(suite, name, "skipped", _text(skipped) or "disabled or no reason given")
    return Case(suite, name, "passed", "")


def _text(node):
    if node is None:
        return ""
    text = node.get("message") or node.text or ""
    # gtest prefixes the place; the reason is the last line.
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if node.tag == "skipped" and lines else "\n".join(lines)


def write_results(path, suite, cases):
    """Writes JUnit XML for cases of (name, outcome, text), as the other suites do themselves."""
    top = ET.Element("testsuite", name=suite, tests=str(len(cases)))
    for name, outcome, text in cases:
        node = ET.SubElement(top, "testcase", classname=suite, name=name)
        if outcome != "passed":
            tag = "failure" if outcome == "failed" else "skipped"
            ET.SubElement(node, tag, message=_printable(text))
    ET.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text):
    return "".join(c for c in text if c >= " " or c in "\n\t")


def summarize(folder, out=sys.stdout):
    """Prints the failed and the skipped tests and the closing line; returns the exit status."""
    cases = []
    for path in sorted(glob.glob(os.path.join(folder, "*.xml"))):
        cases += read_cases(path)
    count = Counter(case.outcome for case in cases)
    for case in cases:
        if case.outcome == "failed":
            print(f"FAILED {case.suite}: {case.name}\n    " + case.text[:3000].replace("\n", "\n    "),
                  file=out)
    reasons = Counter((case.suite, case.text) for case in cases if case.outcome == "skipped")
    for (suite, reason), number in sorted(reasons.items()):
        print(f"skipped {number} in {suite}: {reason}", file=out)
    per_suite = Counter((case.suite, case.outcome) for case in cases)
    for suite in sorted({case.suite for case in cases}):
        numbers = [per_suite[suite, outcome] for outcome in ("passed", "failed", "skipped")]
        print("{:32} {:6} passed {:4} failed {:4} skipped".format(suite, *numbers), file=out)
    if not cases:
        print("No test ran.", file=out)
    failed = count["failed"] or (0 if cases else 1)
    print(f"{count['passed']} passed, {failed} failed, {count['skipped']} skipped", file=out)
    return 1 if failed or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(summarize(sys.argv[1]))
