#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# judge.sh FILE...: merge streams of results and let the kernel's own parser judge them.
# The last line is "N passed, N failed, N skipped"; success is something passed and nothing failed.
. "$(dirname "$0")/common.sh"

tree=$("$lab/tree.sh")
"$lab/ktap.py" "$@" > "$logs/results.ktap"
PYTHONDONTWRITEBYTECODE=1 "$tree/tools/testing/kunit/kunit.py" parse "$logs/results.ktap" |
	tee "$logs/verdict" || true

# count WORD: as in "Testing complete. Ran 9 tests: passed: 7, failed: 1, errors: 1"
count() {
	local number
	number=$(sed -n "s/.*Testing complete\. .*\b$1: \([0-9]*\).*/\1/p" "$logs/verdict")
	printf '%d' "${number:-0}"
}
passed=$(count passed)
failed=$(($(count failed) + $(count crashed) + $(count errors)))
skipped=$(count skipped)

# named PATTERN: the results in it, as DOCUMENT/RESULT
named() {
	awk -v pattern="$1" '
		/^    # Subtest: / { document = substr($0, 16) }
		/^    (not )?ok / && $0 ~ pattern {
			sub(/^    (not )?ok [0-9]+ /, "")
			print document "/" $0
		}
	' "$logs/results.ktap"
}

[ "$skipped" = 0 ] || { say "skipped:"; named '# SKIP' >&2; }
if [ "$failed" != 0 ]; then
	say "to run what failed alone:"
	named '^    not ok ' | sed "s|/the kernel has no complaint:.*|/*|; s|[\"'\\\\]|?|g; s|.*|   make test${KERNEL:+ KERNEL=$KERNEL} ONLY='&'|" |
		awk '!seen[$0]++' | head -n 20 >&2
fi
say "all results: $logs/results.ktap"
printf '%d passed, %d failed' "$passed" "$failed"
[ "$skipped" = 0 ] || printf ', %d skipped' "$skipped"
printf '\n'
[ "$passed" -gt 0 ] && [ "$failed" = 0 ]
