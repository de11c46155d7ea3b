#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Merge streams of test results into one KTAP document on stdout.

ktap.py FILE...   NAME.tap is one (K)TAP document; NAME.log is the console log of a guest,
                  which holds several, each between the lines "lab: begin" and "lab: end".

Each document becomes a subtest. Nothing may go missing silently: a result that was planned
and is not there becomes a failed test, and so do a document without a plan, a guest that
did not run to its end, and a complaint of the kernel in a guest's log.
"""
import os
import re
import sys

PRINTK = re.compile(r"^\[ *\d+\.\d+\] ?")
PLAN = re.compile(r"^1\.\.(\d+)")
RESULT = re.compile(r"^(not )?ok (\d+)")
NESTED = re.compile(r"^\s+(KTAP version|#|1\.\.\d|ok \d|not ok \d)")
SPLAT = re.compile(
    r"WARNING:|BUG:|BUG at |Oops|Kernel panic|UBSAN:|INFO: |Call Trace|"
    r"Machine check|Unable to handle kernel|Internal error|general protection|"
    r"DMA-API: |sleeping function called|nobody cared|blocked for more than|"
    r"inconsistent lock state|dma_pool_destroy|unreferenced object|suspected memory leaks|"
    r"kmemleak: .*(error|disabled)|ODEBUG|list_(add|del) corruption|refcount_t:|"
    r"turning off the locking correctness validator|soft lockup|\bstall")
HARMLESS = re.compile(
    r"DMA-API: (preallocated|debugging enabled)|"
    r"^# |lab: ")


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\r\n") for line in file]
    except FileNotFoundError:
        return []


class Subtest:
    """One subtest of the merged document: lines, of which some are results."""

    def __init__(self, name):
        self.name = name
        self.lines = []
        self.count = 0
        self.failed = False

    def result(self, passed, name):
        self.count += 1
        self.failed |= not passed
        self.lines.append(f"{'' if passed else 'not '}ok {self.count} {name}")

    def note(self, text):
        self.lines.append(f"# {text}")

    def show(self, number):
        print("    KTAP version 1")
        print(f"    # Subtest: {self.name}")
        print(f"    1..{self.count}")
        for line in self.lines:
            print(f"    {line}")
        print(f"{'not ' if self.failed else ''}ok {number} {self.name}")


def document(name, lines):
    """Check one (K)TAP document against its own plan."""
    subtest = Subtest(name)
    planned = None
    for line in lines:
        plan, result = PLAN.match(line), RESULT.match(line)
        if result and int(result[2]) == subtest.count + 1:
            subtest.result(not result[1], line[result.end():].lstrip(" -"))
        elif result:
            subtest.result(False, f"result out of order: {line.replace('#', ' ')}")
        elif plan and planned is None:
            planned = int(plan[1])
        elif NESTED.match(line):
            subtest.lines.append(line)
        elif line and not line.startswith(("KTAP version", "TAP version")):
            subtest.note(line)
    if not planned:
        subtest.result(False, "a plan of tests, and tests in it")
    elif planned < subtest.count:
        subtest.result(False, f"no more results than the {planned} planned")
    elif planned > subtest.count:
        subtest.result(False, f"{planned - subtest.count} of {planned} results never came")
    return subtest


def guest(name, lines):
    """Split a guest's log into its documents; the guest itself is judged last."""
    lines = [PRINTK.sub("", line) for line in lines]
    steps, documents, current = None, {}, None
    for line in lines:
        if line.startswith("lab: plan "):
            steps = line.split()[2:]
        elif line.startswith("lab: begin "):
            current = documents.setdefault(line.split()[2], [])
        elif line == "lab: end":
            current = None
        elif current is not None:
            current.append(line)
    subtests = [document(f"{name}.{step}", body) for step, body in documents.items()]

    boot = Subtest(f"{name}.boot")
    boot.result(bool(steps), "the guest comes up and says what it will run")
    for step in steps or []:
        boot.result(any(d.split(":")[0] == step for d in documents), f"the step {step} was run")
    boot.result("lab: done" in lines, "the guest runs to its end")
    splats = [line for line in lines if SPLAT.search(line) and not HARMLESS.search(line)]
    for line in splats[:10]:
        boot.result(False, "the kernel has no complaint: " + line.replace("#", " ").strip())
    if not splats:
        boot.result(bool(steps), "the kernel has no complaint")
    return subtests + [boot]


def main():
    subtests = []
    for path in sys.argv[1:]:
        name, kind = os.path.splitext(os.path.basename(path))
        if kind == ".log":
            subtests += guest(name, read(path))
        else:
            subtests.append(document(name, read(path)))
    print("KTAP version 1")
    print(f"1..{len(subtests)}")
    for number, subtest in enumerate(subtests, 1):
        subtest.show(number)


main()
