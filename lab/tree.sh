#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make build/linux-V: the kernel as the commit tagged "base", the series as commits on the
# branch "series", with a branch at the end of each folder of patches/. V is KERNEL (6.12, 6.1,
# latest), or "own" when LINUX names a tree, which is copied and never touched. With SERIES make
# build/linux-V-FOLDER+FOLDER..., which has these folders and what they need. Prints the path.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"

own=${LINUX:-}
[ -z "$own" ] || own=$(cd "$own" 2> /dev/null && pwd) || die "LINUX=$LINUX is not a folder"
name=$("$lab/kernel-name.sh")
tree=$build/linux-$name

# What LINUX stands for: the folder, and the commit if it is a git tree.
own_state() { printf '%s %s' "$own" "$(git -C "$own" rev-parse -q --verify HEAD 2> /dev/null || true)"; }

# unpack_own DIR: the committed state of a git tree, or a folder as it is without what was built in it.
unpack_own() {
	if git -C "$own" rev-parse -q --verify HEAD > /dev/null 2>&1; then
		git -C "$own" archive HEAD | tar -x -C "$1"
	else
		tar -c -C "$own" . | tar -x -C "$1"
		make -s -C "$1" mrproper
	fi
}

# unpack_debian DIR PACKAGE
unpack_debian() {
	dpkg-deb --fsys-tarfile "$2" | tar -x -O "./usr/src/linux-source-$name.tar.xz" |
		tar -x -J -C "$1" --strip-components=1 || {
		printf '%s cannot be unpacked: remove it, to have it fetched again\n' "$2"
		return 1
	}
}

# commit_base DIR VERSION
commit_base() {
	# Debian has git ignore all of the kernel but its own folder.
	sed -i '\|^/\*$|d' "$1/.gitignore"
	lab_git init -q -b series "$1"
	lab_git -C "$1" config user.name 'dmaengine-sg developers'
	lab_git -C "$1" config user.email 'dmaengine-sg@localhost'
	lab_git -C "$1" -c core.looseCompression=0 add -A -f .
	lab_git -C "$1" commit -q -m "Linux $2"
	lab_git -C "$1" tag base
	lab_git -C "$1" update-ref refs/lab/applied base
}

make_base() {
	local package version made_from=debian dir=$tree.part
	need_space "$build" 4000
	rm -rf "$dir"
	scratch+=("$dir")
	mkdir "$dir"
	if [ -n "$own" ]; then
		[ -f "$own/Kbuild" ] || die "LINUX=$own is not a kernel tree"
		logged "unpack-linux-$name" unpack_own "$dir"
		version=$(tree_version "$dir")
		made_from=$(own_state)
	else
		package=$("$lab/fetch.sh" kernel "$name")
		logged "unpack-linux-$name" unpack_debian "$dir" "$package"
		version=$(basename "$package" _all.deb)
		version=${version#*_}
	fi
	logged "commit-linux-$name" commit_base "$dir" "$version"
	printf '%s' "$made_from" > "$dir/.git/lab-source"
	mv "$dir" "$tree"
}

# take FOLDER: its patches become commits.
take() {
	local patches
	mapfile -t patches < <(series_for "$version" "$1")
	[ "${#patches[@]}" != 0 ] || return 0
	if ! lab_git -C "$tree" am -q --committer-date-is-author-date "${patches[@]}" \
		> "$logs/am.log" 2>&1; then
		lab_git -C "$tree" am --abort
		lab_git -C "$tree" update-ref "$(applied_ref)" HEAD
		grep -v '^hint:' "$logs/am.log" >&2
		die "a patch of $1 does not apply to Linux $name; a version of it for this kernel goes into" \
			"patches/$1/$(tree_release "$tree")/, under the same name"
	fi
	count=$((count + ${#patches[@]}))
	is_part || lab_git -C "$tree" branch -q -f "$1"
}

apply_series() {
	local folder count=0
	on_its_branch || die "$tree is not on its branch: run 'git checkout series' there"
	if ! tree_is_as_applied; then
		! is_part || die "$tree has edits, and their place is $main: move them there, or remove that folder"
		die "$tree has edits that are not in patches/: run 'make patches', or remove that folder"
	fi
	# "git rebase -i base" by hand moves the folders' branches too, and shows where they end.
	lab_git -C "$tree" config rebase.updateRefs true
	lab_git -C "$tree" config gc.auto 0
	lab_git -C "$tree" config maintenance.auto false
	lab_git -C "$tree" reset -q --hard base
	is_part || folder_branches | while read -r folder; do
		lab_git -C "$tree" branch -q -D "$folder"
	done
	version=$(tree_version "$tree")
	for folder in $wanted; do
		take "$folder"
	done
	mark_applied
	say "$(basename "$tree"): $(lab_git -C "$tree" log -1 --format=%s base) with $count patches"
}

wanted=$(chosen)
if [ ! -e "$tree" ]; then
	make_base
elif ! is_our_tree; then
	die "$tree is not a tree made by 'make tree' (a git tree with the tag base): move it away"
elif [ -n "$own" ] && [ "$(cat "$tree/.git/lab-source")" != "$(own_state)" ]; then
	die "$tree was made from another state of LINUX ($(cat "$tree/.git/lab-source")): remove it, to have it made again"
fi
main=$tree
if [ -n "${SERIES:-}" ]; then
	# shellcheck disable=SC2086 # one or several names
	tree=$(work_tree "$(folders | grep -xF "$(printf '%s\n' $SERIES)" | paste -s -d +)")
fi
is_applied || apply_series
printf '%s\n' "$tree"
