#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The board's BusyBox prompt on this terminal.
. "$(dirname "$0")/common.sh"
objects=$("$lab/kernel.sh" lean)
exec "$lab/boot.sh" shell "$objects" shell 0 whole
