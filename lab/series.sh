# SPDX-License-Identifier: GPL-2.0
# Sourced: what patches/ holds, which of it makes up the series for a kernel, and what was applied
# to $tree. A folder of patches/ is a series that can be taken with those that it needs:
#   N-name/0001-....patch      the patches, in order
#   N-name/needs               the folders that it needs directly, one a line
#   N-name/cover-letter.txt    what it is
#   N-name/6.12/0001-....patch stands for its namesake on that kernel
# shellcheck shell=bash disable=SC2154 # top, build and tree are set where this is sourced

# The tree's full version (6.12.30), and the release it belongs to (6.12).
tree_version() { make -s -C "$1" kernelversion; }
tree_release() { tree_version "$1" | cut -d . -f 1-2; }

# The folders, in the order in which "git am patches/*/*.patch" takes them.
folders() {
	local folder
	for folder in "$top"/patches/[0-9]*-*/; do
		folder=${folder%/}
		[ ! -d "$folder" ] || printf '%s\n' "${folder##*/}"
	done
}

is_folder() { [[ " $(folders | xargs) " = *" $1 "* ]]; }

needs_of() { [ ! -e "$top/patches/$1/needs" ] || xargs -n 1 < "$top/patches/$1/needs"; }

# with_needs FOLDER...: these and all that they need, in order. What is needed comes before.
with_needs() {
	local folder wanted=" $* "
	for folder in $(folders | tac); do
		[[ $wanted != *" $folder "* ]] || wanted+="$(needs_of "$folder" | xargs) "
	done
	for folder in $(folders); do
		[[ $wanted != *" $folder "* ]] || printf '%s\n' "$folder"
	done
}

# chosen: what SERIES names, with what it needs; without SERIES all.
chosen() {
	local folder
	for folder in ${SERIES:-}; do
		is_folder "$folder" ||
			die "SERIES=$SERIES: patches/ has no folder $folder; it has $(folders | xargs)"
	done
	if [ -n "${SERIES:-}" ]; then
		# shellcheck disable=SC2086 # one or several names
		with_needs $SERIES
	else
		folders
	fi
}

# series_for VERSION FOLDER...: their patch files in order; one for this release wins over its namesake.
series_for() {
	local folder patch release
	release=$(cut -d . -f 1-2 <<< "$1")
	shift
	for folder in "$@"; do
		for patch in "$top/patches/$folder"/*.patch; do
			if [ -e "${patch%/*}/$release/${patch##*/}" ]; then
				patch=${patch%/*}/$release/${patch##*/}
			fi
			[ ! -e "$patch" ] || printf '%s\n' "$patch"
		done
	done
}

# subject MAIL: without [PATCH 1/9] and line breaks
subject() { git mailinfo /dev/null /dev/null < "$1" 2> /dev/null | sed -n 's/^Subject: //p'; }

# The generated part of patches/README.md.
series_tables() {
	local folder patch needs own count
	printf '| folder | what | needs | patches | versions of its own for |\n'
	printf '| --- | --- | --- | --- | --- |\n'
	for folder in $(folders); do
		needs=$(needs_of "$folder" | paste -s -d , | sed 's/,/, /g')
		own=$(cd "$top/patches/$folder" && find . -mindepth 2 -name '*.patch' | cut -d / -f 2 |
			sort -V | uniq -c | awk '{ printf "%s%s (%d)", (NR > 1 ? ", " : ""), $2, $1 }')
		count=$(find "$top/patches/$folder" -maxdepth 1 -name '*.patch' | wc -l)
		# shellcheck disable=SC2016 # not a command
		printf '| [`%s`](%s/cover-letter.txt) | %s | %s | %d | %s |\n' "$folder" "$folder" \
			"$(subject "$top/patches/$folder/cover-letter.txt")" "${needs:-–}" "$count" "${own:-–}"
	done
	for folder in $(folders); do
		printf '\n## %s\n\n' "$folder"
		for patch in "$top/patches/$folder"/*.patch; do
			[ ! -e "$patch" ] || printf '1. %s\n' "$(subject "$patch")"
		done
	done
}

# shellcheck disable=SC2034 # used where this is sourced
tables_begin='<!-- From here on written by "make patches". -->'

# What SERIES, or all of it, is made of: names and contents.
series_key() {
	local version wanted
	version=$(tree_version "$tree")
	wanted=$(chosen)
	# shellcheck disable=SC2046,SC2086 # the repository's own file names
	(cd "$top" && sha256sum /dev/null $(series_for "$version" $wanted | sed "s|^$top/||")) | key_of
}

# work_tree NAME: another work tree of the same repository, at the kernel without the series.
work_tree() { (flock 8 && make_work_tree "$tree-$1") 8>> "$tree/.git/lab-lock"; }

make_work_tree() {
	local dir=$1
	if [ -e "$dir" ] && ! lab_git -C "$dir" rev-parse -q --verify base > /dev/null 2>&1; then
		say "$(basename "$dir") belongs to a tree that has gone: making it again"
		rm -rf "$dir"
	fi
	if [ ! -e "$dir" ]; then
		rm -rf "$dir.part"
		lab_git -C "$tree" worktree prune
		logged "$(basename "$dir")" lab_git -C "$tree" worktree add -f --detach "$dir.part" base
		lab_git -C "$tree" worktree move "$dir.part" "$dir"
	fi
	printf '%s\n' "$dir"
}

plain_tree() { work_tree plain; }

is_our_tree() {
	[ "$(lab_git -C "$tree" rev-parse --show-toplevel 2> /dev/null)" = "$tree" ] &&
		lab_git -C "$tree" rev-parse -q --verify refs/tags/base > /dev/null
}

# A work tree with a part of the series has no branch, and a mark of its own.
is_part() { [ -f "$tree/.git" ]; }
applied_ref() { if is_part; then echo refs/worktree/applied; else echo refs/lab/applied; fi; }
key_file() { printf '%s/lab-series' "$(lab_git -C "$tree" rev-parse --absolute-git-dir)"; }

on_its_branch() {
	is_part || [ "$(lab_git -C "$tree" symbolic-ref -q HEAD)" = refs/heads/series ]
}

# What the tree holds as commits is what was last applied or written out, and nothing is edited.
tree_is_as_applied() {
	local applied
	applied=$(lab_git -C "$tree" rev-parse -q --verify "$(applied_ref)" ||
		lab_git -C "$tree" rev-parse base)
	[ "$(lab_git -C "$tree" rev-parse HEAD)" = "$applied" ] &&
		[ -z "$(lab_git -C "$tree" status --porcelain)" ]
}

is_applied() { [ "$(cat "$(key_file)" 2> /dev/null)" = "$(series_key)" ]; }

mark_applied() {
	lab_git -C "$tree" update-ref "$(applied_ref)" HEAD
	series_key > "$(key_file)"
}

# The branches that end the folders, in order.
folder_branches() { lab_git -C "$tree" for-each-ref --format='%(refname:short)' 'refs/heads/[0-9]*-*'; }
