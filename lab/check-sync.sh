#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compare patches/ with the files here that the series adds to Linux. Needs no kernel.
#  - a file that a patch creates is here, with the same content
#  - a file here is created by one patch and touched by no other
#  - a patch in patches/FOLDER/V/ stands for its namesake in FOLDER and creates the same files
#  - each cover letter lists the patches of its folder, and a folder needs only those before it
#  - the tables in patches/README.md are those of the folders
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"

cd "$top"
wrong=0
complain() { printf '%s\n' "$*"; wrong=1; }

scratch+=("$(mktemp -d "$build/sync.XXXXXX")")
created=${scratch[0]}/created # what the patches create, at kernel paths
owner=${scratch[0]}/owner     # "FILE PATCH", one line for each creation
mkdir "$created"

creates() { git apply --summary "$1" | sed -n 's/^ create mode [0-9]* //p'; }
touches() { git apply --numstat "$1" | cut -f 3; }

# unpack PATCH DIR: write the files that PATCH creates, and no other, below DIR.
unpack() {
	local include=()
	mapfile -t include < <(creates "$1" | sed 's/^/--include=/')
	[ "${#include[@]}" = 0 ] || (cd "$2" && GIT_CEILING_DIRECTORIES=$build git apply "${include[@]}" "$top/$1")
}

check_patch() {
	local file
	creates "$1" | sed "s|\$| $1|" >> "$owner"
	unpack "$1" "$created" || complain "$1: a file that it creates is created by an earlier patch too"
	while read -r file; do
		[ -e "$file" ] || { complain "$file: created by $1, but not here: run 'make patches'"; continue; }
		cmp -s "$file" "$created/$file" ||
			complain "$file: differs from the copy in $1: run 'make patches'"
		[ "$([ -x "$file" ] && echo x)" = "$([ -x "$created/$file" ] && echo x)" ] ||
			complain "$file: its mode differs from that in $1"
	done < <(creates "$1")
}

check_files() {
	local file patch
	while read -r file; do
		grep -qF "$file " "$owner" || complain "$file: no patch creates it"
		for patch in patches/*/*.patch; do
			if touches "$patch" | grep -qxF "$file" && ! grep -qxF "$file $patch" "$owner"; then
				complain "$file: $patch touches it, but another patch creates it"
			fi
		done
	done < <(git ls-files -co --exclude-standard -- "${series_dirs[@]}")
}

check_override() {
	local common=${1%/*/*}/${1##*/} dir=${scratch[0]}/override
	[ -e "$common" ] || { complain "$1: there is no $common that it stands for"; return; }
	rm -rf "$dir"
	mkdir -p "$dir/common" "$dir/own"
	unpack "$common" "$dir/common"
	unpack "$1" "$dir/own"
	diff -r "$dir/common" "$dir/own" > /dev/null ||
		complain "$1: creates other files than $common: run 'make patches KERNEL=$(basename "$(dirname "$1")")'"
}

# check_letter FOLDER: the list at the end of its cover letter, and the number in its subject
check_letter() {
	local letter=patches/$1/cover-letter.txt patches=(patches/"$1"/*.patch)
	[ -e "$letter" ] || { complain "$letter is missing"; return; }
	grep -q "^Subject: \[PATCH.* 00*/${#patches[@]}\]" "$letter" ||
		complain "$letter: its subject does not say [PATCH RFC 0/${#patches[@]}]"
	[ "$(sed -n "/^dmaengine-sg developers (${#patches[@]}):\$/,\$s/^  //p" "$letter")" = \
		"$(for patch in "${patches[@]}"; do subject "$patch"; done)" ] ||
		complain "$letter: what follows 'dmaengine-sg developers (${#patches[@]}):' is not the list of its patches"
}

check_needs() {
	local need
	for need in $(needs_of "$1"); do
		folders | sed "/^$1\$/,\$d" | grep -qxF "$need" ||
			complain "patches/$1/needs: $need is no folder before it"
	done
}

shopt -s nullglob
: > "$owner"
for patch in patches/*/*.patch; do check_patch "$patch"; done
check_files
for patch in patches/*/*/*.patch; do check_override "$patch"; done
for folder in $(folders); do
	check_letter "$folder"
	check_needs "$folder"
done
[ "$(sed "1,\|^$tables_begin\$|d" patches/README.md)" = "$(echo; series_tables)" ] ||
	complain "patches/README.md: its tables are old: run 'make patches'"
exit $wrong
