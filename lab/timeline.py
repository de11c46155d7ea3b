#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Show what a guest's kernel and QEMU's models said, in the order in which they said it.

timeline.py LOG   LOG is the console of a guest whose QEMU wrote its trace to the same file. The
                  parts that the guest announces ("lab: part NAME") become paragraphs; of the
                  kernel's lines, those of the drivers concerned are shown.
"""
import re
import sys

# QEMU writes an event at once, which may be amidst a line of the console.
EVENT = re.compile(r"(?:\d+@\d+\.\d+:)?((?:carma_programmer|fsl_elo_dma)_\w+) ([^\r\n]*)\r?\n")
KERNEL = re.compile(r"\[ *(\d+\.\d+)\] (.*)")
SHOWN = re.compile(r"carma2010: |carma-fpga |fsl-elo-dma .*No free memory|fpga_manager .*(Error|writing)")


def split(text):
    """Yield the lines of the console and the events, each where it ended."""
    line, end = "", 0
    for event in EVENT.finditer(text):
        parts = (line + text[end:event.start()]).split("\n")
        yield from parts[:-1]
        line, end = parts[-1], event.end()
        yield event
    yield from (line + text[end:]).split("\n")


def main():
    with open(sys.argv[1], encoding="utf-8", errors="replace", newline="") as file:
        text = file.read()
    part = None
    for item in split(text):
        if not isinstance(item, str):
            if part:
                print(f"{part} {'':14} model   {item[1]}: {item[2]}")
            continue
        line = KERNEL.search(item.rstrip("\r"))
        if not line:
            continue
        if line[2].startswith("lab: part "):
            part = line[2].split()[2] if "end" not in line[2] else None
        elif part and line[2].startswith("lab: "):
            print(f"{part} [{line[1]:>12}] guest   {line[2][5:]}")
        elif part and SHOWN.search(line[2]):
            print(f"{part} [{line[1]:>12}] kernel  {line[2]}")


main()
