# SPDX-License-Identifier: GPL-2.0
# Sourced: which patches make up the series for a kernel, and what was applied to $tree.
# shellcheck shell=bash disable=SC2154 # top, build and tree are set where this is sourced

# The tree's full version (6.12.30), and the release it belongs to (6.12).
tree_version() { make -s -C "$1" kernelversion; }
tree_release() { tree_version "$1" | cut -d . -f 1-2; }

# series_for VERSION: the patch files in order; one in patches/RELEASE/ wins over its namesake.
series_for() {
	local release patch
	release=$(cut -d . -f 1-2 <<< "$1")
	for patch in "$top"/patches/*.patch; do
		[ -e "$patch" ] || continue
		if [ -e "$top/patches/$release/${patch##*/}" ]; then
			patch=$top/patches/$release/${patch##*/}
		fi
		printf '%s\n' "$patch"
	done
}

series_key() {
	# shellcheck disable=SC2046 # the repository's own file names
	cat /dev/null $(series_for "$(tree_version "$tree")") | key_of
}

# plain_tree: the kernel without the series, a second work tree of the same repository.
plain_tree() {
	local plain=$tree-plain
	[ -e "$plain" ] || lab_git -C "$tree" worktree prune
	[ -e "$plain" ] || logged "$(basename "$plain")" lab_git -C "$tree" worktree add --detach "$plain" base
	printf '%s\n' "$plain"
}

is_our_tree() {
	[ "$(lab_git -C "$tree" rev-parse --show-toplevel 2> /dev/null)" = "$tree" ] &&
		lab_git -C "$tree" rev-parse -q --verify refs/tags/base > /dev/null
}

# What the tree holds as commits is what was last applied or written out, and nothing is edited.
tree_is_as_applied() {
	[ "$(lab_git -C "$tree" rev-parse HEAD)" = "$(lab_git -C "$tree" rev-parse -q --verify refs/lab/applied)" ] &&
		[ -z "$(lab_git -C "$tree" status --porcelain)" ]
}

is_applied() { [ "$(cat "$tree/.git/lab-series" 2> /dev/null)" = "$(series_key)" ]; }

mark_applied() {
	lab_git -C "$tree" update-ref refs/lab/applied HEAD
	series_key > "$tree/.git/lab-series"
}
