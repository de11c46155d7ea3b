#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Merge streams of test results into one KTAP document on stdout.

ktap.py FILE...   NAME.tap is one (K)TAP document; NAME.log is the console log of a guest,
                  which holds several, each between the lines "lab: begin" and "lab: end".

Each document becomes a subtest. Nothing may go missing silently: a result that was planned
and is not there becomes a failed test, and so do a document without a plan, a step that
ends with an error, a guest that did not run to its end, and a complaint of the kernel.

A complaint is what looks like one anywhere in a guest's log (SPLAT), and each message of
the kernel at level warning or worse while a step runs, which the guest repeats at the
step's end as "lab: said STEP COUNT TEXT". It is none if the step is to make the kernel say
it (lab/expected), or if the kernel without the series, in plain-MACHINE.log, says it as often.
"""
import collections
import fnmatch
import glob
import os
import re
import sys

PRINTK = re.compile(r"^\[ *\d+\.\d+\] ?")
PLAN = re.compile(r"^1\.\.(\d+)")
RESULT = re.compile(r"^(not )?ok (\d+)")
HEAD = re.compile(r"\s+(KTAP version |# Subtest: )")
NESTED = re.compile(r"^\s+(KTAP version|#|1\.\.\d|ok \d|not ok \d)")
NUMBER = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,16}\b|\d+")
SAID = re.compile(r"^lab: said (\S+) +(\d+) (.*)")
CUT, END_TRACE = "[ cut here ]", "[ end trace"
SPLAT = re.compile(
    r"WARNING|\bBUG\b|Oops|panic|U[BK]SAN|K[AC]SAN|KFENCE|INFO: |Call trace|Backtrace|"
    r"Machine check|Unable to handle|Unhandled|Internal error|general protection|segfault|"
    r"DMA-API: |sleeping function called|scheduling while atomic|nobody cared|blocked for more|"
    r"inconsistent lock state|possible .* detected|dma_pool_destroy|unreferenced object|"
    r"suspected memory leaks|kmemleak: .*(error|disabled)|ODEBUG|list_(add|del) corruption|"
    r"refcount_t|turning off the locking correctness validator|soft lockup|\bstall|"
    r"bad (desc|page)|Out of memory|page allocation failure|overflow|underflow|corrupt",
    re.IGNORECASE)
HARMLESS = re.compile(
    r"DMA-API: (preallocated|debugging enabled)|^\s*# |lab: |Kernel command line|"
    r"^\s*(not )?ok \d|panic=-1|panic_on|^Key type|warnings? (are|is) |"
    r"kasan: Kernel ?[Aa]ddress ?[Ss]anitizer initialized|kasan: Mapping kernel virtual memory|"
    r"memory used by lock dependency info: |^qemu-system-\w+: warning: nic \S+ has no peer")


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
        self.results = []
        self.failed = False

    @property
    def count(self):
        return len(self.results)

    def result(self, passed, name):
        self.results.append(name)
        self.failed |= not passed
        self.lines.append(f"{'' if passed else 'not '}ok {self.count} {name}")

    def note(self, text):
        place = len(self.lines)
        # the parser wants the head of a document within this one in a piece
        while place and HEAD.match(self.lines[place - 1]):
            place -= 1
        self.lines.insert(place, f"# {text}")

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
    if planned == 0 and not subtest.count and os.environ.get("ONLY"):
        subtest.note("ONLY asks for none of it")
    elif not planned:
        subtest.result(False, "a plan of tests, and tests in it")
    elif planned < subtest.count:
        subtest.result(False, f"no more results than the {planned} planned")
    elif planned > subtest.count:
        subtest.result(False, f"{planned - subtest.count} of {planned} results never came")
    return subtest


def without_numbers(text):
    """The name of a message: what it says each time."""
    return NUMBER.sub("N", text.replace("#", " ").strip())


def read_expected():
    """Read which messages, by name, each step is to make the kernel say."""
    expected = collections.defaultdict(list)
    for line in read(os.path.join(os.path.dirname(__file__), "expected")):
        if line and not line.startswith("#"):
            step, regex = line.split(None, 1)
            expected[step].append(re.compile(regex))
    return expected


def blocks(lines):
    """Split lines into those outside of a backtrace and those inside, a list for each."""
    outside, inside = [], []
    current = None
    for line in lines:
        if CUT in line:
            current = []
            inside.append(current)
        elif current is None:
            outside.append(line)
        else:
            current.append(line)
            if END_TRACE in line:
                current = None
    return outside, inside


def complaints(lines):
    """Count a guest's complaints by name."""
    found = collections.Counter()
    expected = read_expected()
    outside, inside = blocks(lines)
    for block in inside:
        found[without_numbers(next((x for x in block if SPLAT.search(x)), CUT))] += 1
    traced = {without_numbers(line) for block in inside for line in block}
    step = None
    for line in outside:
        if line.startswith("lab: mark "):
            step = line.split()[2]
        said = SAID.match(line)
        if said:
            text = without_numbers(said[3])
            if CUT in text or text in traced or SPLAT.search(text):
                continue  # it was met in the log already
            if not any(regex.search(text) for regex in expected["any"] + expected[said[1]]):
                found[text] += int(said[2])
        elif SPLAT.search(line) and not HARMLESS.search(line):
            text = without_numbers(line)
            if not any(regex.search(text) for regex in expected["any"] + expected[step]):
                found[text] += 1
    return found


def documents_of(lines):
    """Split a guest's log into its documents."""
    documents, current = {}, None
    for line in lines:
        if line.startswith("lab: begin "):
            current = documents.setdefault(line.split()[2], [])
        elif line == "lab: end":
            current = None
        elif current is not None:
            current.append(line)
    return documents


def judge_complaints(boot, lines, reference):
    """The kernel's own complaints are notes, all others are failures."""
    plain = complaints(reference)
    new = 0
    for text, count in complaints(lines).items():
        if plain[text]:
            boot.note(f"the kernel without the series says so too: {text}")
        if count > plain[text]:
            new += 1
            boot.result(False, f"the kernel has no complaint: {text} ({count - plain[text]} times)")
    if not new:
        boot.result(True, "the kernel has no complaint")


def guest(name, lines, reference):
    """Judge a guest's documents, and the guest itself last."""
    lines = [PRINTK.sub("", line) for line in lines]
    documents = documents_of(lines)
    subtests = [document(f"{name}.{step}", body) for step, body in documents.items()]
    plans = [line.split()[2:] for line in lines if line.startswith("lab: plan ")]
    steps = plans[0] if plans else []

    boot = Subtest(f"{name}.boot")
    boot.result(bool(steps), "the guest comes up and says what it will run")
    for step in steps:
        boot.result(any(d.split(":")[0] == step for d in documents), f"the step {step} was run")
    for line in lines:
        if line.startswith("lab: failed "):
            boot.result(False, line[len("lab: failed "):])
    boot.result("lab: done" in lines, "the guest runs to its end")
    judge_complaints(boot, lines, reference)
    return subtests + [boot]


def reference_of(name, paths):
    """What the kernel without the series says on the machine of NAME.log, now or before."""
    paths = paths + glob.glob(os.environ.get("PLAIN_LOGS", "") + "/plain-*.log")
    machine = name.split("-", 1)[-1].removeprefix("long-")
    for wanted in (machine, machine.split(",")[0]):
        for path in paths:
            if os.path.basename(path) == f"plain-{wanted}.log":
                return read(path)
    return []


def asked_for(subtests):
    """Whether each pattern in ONLY has a result."""
    asked = Subtest("ONLY")
    for pattern in os.environ.get("ONLY", "").splitlines():
        name, _, wanted = pattern.partition("/")
        found = any(fnmatch.fnmatchcase(result, wanted or "*") for subtest in subtests
                    if fnmatch.fnmatchcase(subtest.name, name)
                    or fnmatch.fnmatchcase(subtest.name.split(".")[0], name)
                    for result in subtest.results)
        asked.result(found, f"there are results of the name {pattern}")
    return [asked] if asked.count else []


def main():
    subtests = []
    for path in sys.argv[1:]:
        name, kind = os.path.splitext(os.path.basename(path))
        if kind == ".log":
            reference = [PRINTK.sub("", line) for line in reference_of(name, sys.argv[1:])]
            subtests += guest(name, read(path), reference)
        else:
            subtests.append(document(name, read(path)))
    subtests += asked_for(subtests)
    print("KTAP version 1")
    print(f"1..{len(subtests)}")
    for number, subtest in enumerate(subtests, 1):
        subtest.show(number)


main()
