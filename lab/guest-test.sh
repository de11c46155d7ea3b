#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What runs inside the guest, on the QEMU, MACHINE and ARGS given: dmatest, dmasgtest, KUnit, leaks.
. "$(dirname "$0")/common.sh"

objects=$("$lab/kernel.sh" debug)
rm -f "$logs/guest-test.log"
"$lab/boot.sh" guest-test "$objects" dmatest,dmasgtest,kunit,kmemleak 600 whole || true
exec "$lab/judge.sh" "$logs/guest-test.log"
