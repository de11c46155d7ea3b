#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Apply the series, or with SERIES="FOLDER..." these folders of patches/ and what they need, to the
# git tree LINUX, as commits on its current branch. Every patch is tried on a copy of the index
# first: if one does not apply, the tree stays as it is.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"

tree=${LINUX:-}
[ -n "$tree" ] || die "say where: make apply LINUX=/path/to/tree"
tree=$(cd "$tree" 2> /dev/null && git rev-parse --show-toplevel 2> /dev/null) ||
	die "LINUX=$LINUX is not a git tree"
if [ ! -f "$tree/Kbuild" ] || [ ! -f "$tree/Makefile" ]; then
	die "LINUX=$LINUX is not a kernel tree"
fi
git_dir=$(git -C "$tree" rev-parse --absolute-git-dir)
if [ -d "$git_dir/rebase-apply" ] || [ -d "$git_dir/rebase-merge" ]; then
	die "an am or rebase is under way in $tree: end it first (git am --abort, git rebase --abort)"
fi
[ -z "$(git -C "$tree" status --porcelain --untracked-files=no)" ] ||
	die "$tree has changes that are not committed: commit or stash them first"

version=$(tree_version "$tree")
wanted=$(chosen)
# shellcheck disable=SC2086 # a word for each folder
mapfile -t patches < <(series_for "$version" $wanted)
[ "${#patches[@]}" != 0 ] || die "there are no patches in patches/"
say "Linux $version: ${#patches[@]} patches of $(xargs <<< "$wanted"); they are made for 6.1, 6.12 and the newest that Debian packages"

scratch+=("$build/apply.index")
export GIT_INDEX_FILE=$build/apply.index
git -C "$tree" read-tree HEAD
for patch in "${patches[@]}"; do
	git -C "$tree" apply --cached "$patch" ||
		die "${patch##*/} does not apply to Linux $version; $tree is as it was"
done
unset GIT_INDEX_FILE

git -C "$tree" am -q "${patches[@]}" || {
	git -C "$tree" am --abort
	die "git am failed; $tree is as it was"
}
say "applied, in $tree"
