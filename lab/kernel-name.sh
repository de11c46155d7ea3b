#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The V in build/linux-V: what KERNEL or LINUX stand for.
. "$(dirname "$0")/common.sh"

if [ -n "${LINUX:-}" ]; then
	echo own
elif [ "$kernel" = latest ]; then
	"$lab/fetch.sh" latest
else
	printf '%s\n' "$kernel"
fi
