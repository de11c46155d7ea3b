#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check-alone.sh TREE: apply to the kernel without the series each patch that the cover letter says
# can be taken by itself, with those that it says it needs and no other. Says which does not apply.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"

tree=$1
letter=$top/patches/cover-letter.txt
mapfile -t patches < <(series_for "$(tree_version "$tree")")
dir=$(mktemp -d "$build/alone.XXXXXX")
scratch+=("$dir")

# "PATCHES|NEEDS" for each row of the letter's table, which ends at an empty line
rows() {
	awk '/^  patch +needs$/ { table = 1; next } table && !NF { exit } table' "$letter" |
		sed -E 's/^ *([-0-9 ]*[0-9]) {2,}/\1|/'
}

# numbers WORD...: 1-3 5 is 1, 2, 3 and 5; a word that is no number is none
numbers() {
	local word
	for word in "$@"; do
		[ "${word#[0-9]}" = "$word" ] || seq "${word%-*}" "${word#*-}"
	done
}

# The files that the patches touch, as the kernel has them.
unpack() {
	local files
	mapfile -t files < <(git apply --numstat "${patches[@]}" | cut -f 3 | sort -u |
		while read -r file; do
			! lab_git -C "$tree" cat-file -e "base:$file" 2> /dev/null || printf '%s\n' "$file"
		done)
	mkdir "$dir/plain"
	lab_git -C "$tree" archive base -- "${files[@]}" | tar -x -C "$dir/plain"
}

# applies NUMBER...: each after those before it
applies() {
	local number
	rm -rf "$dir/work"
	cp -r "$dir/plain" "$dir/work"
	for number in "$@"; do
		(cd "$dir/work" && GIT_CEILING_DIRECTORIES=$build git apply "${patches[number - 1]}") || return 1
	done
}

unpack
[ "$(rows | wc -l)" -gt 0 ] || die "$letter has no table of what each patch needs"
wrong=0
while IFS='|' read -r some needs; do
	# shellcheck disable=SC2046,SC2086 # words
	for number in $(numbers $some); do
		applies $(numbers $needs) "$number" && continue
		printf 'patch %d does not apply with only these before it: %s\n' "$number" "$needs"
		wrong=1
	done
done < <(rows)
exit $wrong
