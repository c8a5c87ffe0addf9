#!/usr/bin/python3
"""Counts test cases in what the runners left: prints `PASSED FAILED SKIPPED`.

    count_tests.py meson LOG.json XML_FOLDER   meson's log, and the XML of the GoogleTest programs
    count_tests.py pytest RESULTS.xml

A runner that left nothing, or less than it should have, counts as one failure.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as xml


def of_suite(element):
    """(passed, failed, skipped) of a JUnit-like <testsuite>."""
    total, skipped = int(element.get("tests", 0)), int(element.get("skipped", 0))
    skipped += int(element.get("disabled", 0))
    failed = int(element.get("failures", 0)) + int(element.get("errors", 0))
    return total - failed - skipped, failed, skipped


def read(path):
    try:
        root = xml.parse(path).getroot()
    except (OSError, xml.ParseError):
        return None
    suites = [root] if root.tag == "testsuite" or root.get("tests") else list(root)
    return [sum(counts) for counts in zip(*map(of_suite, suites))] if suites else None


def meson(log, folder):
    """A program with XML counts its cases, another is one case. A program that failed counts at least
    one failure, whatever its XML says: it may have died behind it."""
    counted, total = {path.stem: read(path) for path in pathlib.Path(folder).glob("*.xml")}, [0, 0, 0]
    programs = [json.loads(line) for line in pathlib.Path(log).read_text().splitlines()]
    for program in programs:
        executable = pathlib.Path(program["command"][0]).name
        ok = program["result"] in ("OK", "EXPECTEDFAIL")
        skipped = program["result"] == "SKIP"
        cases = counted.get(executable) or [int(ok), 0, int(skipped)]
        if not ok and not skipped and cases[1] == 0:
            cases = [cases[0], 1, cases[2]]
        total = [sum(pair) for pair in zip(total, cases)]
    return total if programs else [0, 1, 0]


def main():
    try:
        if sys.argv[1] == "meson":
            counts = meson(sys.argv[2], sys.argv[3])
        else:
            counts = read(sys.argv[2]) or [0, 1, 0]
    except (OSError, ValueError, KeyError) as error:
        print(f"count_tests: {error}", file=sys.stderr)
        counts = [0, 1, 0]
    print(*counts)


main()
