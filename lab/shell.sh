#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The board's BusyBox prompt on this terminal.
. "$(dirname "$0")/common.sh"
exec "$lab/boot.sh" shell "$("$lab/kernel.sh" lean)" shell 0
