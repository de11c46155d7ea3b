#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fold edits into the series and write it out again. Edits are of two kinds:
#  - a file that the series adds is edited here, in this repository
#  - a file that Linux has is edited in the tree that 'make tree' gave, committed or not
# The tree is that of the newest kernel, where a branch ends each folder, and the result is
# patches/*/*.patch; with KERNEL=V it is V's own, and the result is those patches that have a
# version of their own in patches/*/V/.
. "$(dirname "$0")/common.sh"
. "$lab/series.sh"

latest=$("$lab/fetch.sh" latest)
release=${KERNEL:-latest}
[ "$release" != latest ] || release=$latest
tree=$build/linux-$release
in_tree() { lab_git -C "$tree" "$@"; }

check_tree() {
	[ -e "$tree" ] || die "there is no $tree to write patches from: run 'make tree KERNEL=$release' first"
	is_our_tree || die "$tree is not a tree made by 'make tree' (a git tree with the tag base)"
	if [ -d "$tree/.git/rebase-merge" ] || [ -d "$tree/.git/rebase-apply" ]; then
		die "a rebase or am is under way in $tree: end it first"
	fi
	on_its_branch || die "$tree is not on its branch: run 'git checkout series' there"
}

blob() { in_tree rev-parse -q --verify "$1:$2" || true; }

# The commit that adds FILE.
adder() { in_tree log --diff-filter=A --format=%H base..HEAD -- "$1" | tail -n 1; }

copy() { install -D -m "$([ -x "$1" ] && echo 755 || echo 644)" "$1" "$2"; }

# Bring a file that the series adds from here into the tree, or the other way the first time.
sync_file() {
	local file=$1 commit here theirs last
	commit=$(adder "$file")
	if [ -z "$commit" ]; then
		copy "$top/$file" "$tree/$file"
		die "no commit adds $file yet; it is now in $tree: commit it there (git add, git commit -s) and run this again"
	fi
	here=$([ ! -e "$top/$file" ] || git hash-object "$top/$file")
	theirs=$(blob HEAD "$file")
	last=$(blob refs/lab/applied "$file")
	[ -n "$here" ] || [ -z "$last" ] ||
		die "$file is gone from here: take it out of its commit in $tree too (git rebase -i base)"
	if ! in_tree diff --quiet HEAD -- "$file" && ! cmp -s "$top/$file" "$tree/$file"; then
		die "$tree/$file was edited, but its place is $file in this repository: move the edit there, then 'git checkout $file' in the tree"
	fi
	if [ "$here" = "$theirs" ]; then
		:
	elif [ -z "$here" ] || { [ "$here" = "$last" ] && [ "$theirs" != "$last" ]; }; then
		say "$file: taken from the commits in $(basename "$tree")"
		copy "$tree/$file" "$top/$file"
	elif [ -n "$last" ] && [ "$theirs" != "$last" ]; then
		die "$file was changed here and by a commit in $tree: make the two the same first"
	else
		say "$file: goes into \"$(in_tree log -1 --format=%s "$commit")\""
		copy "$top/$file" "$tree/$file"
		in_tree add -f "$file"
		in_tree commit -q --fixup="$commit" -- "$file"
	fi
}

added_files() {
	{
		in_tree diff --name-only --diff-filter=A base HEAD
		cd "$top" && git ls-files -co --exclude-standard -- "${series_dirs[@]}"
	} | sort -u
}

# Edits of Linux's own files go to the commit that last changed those lines.
absorb() {
	in_tree diff --quiet HEAD && return
	in_tree add -u
	in_tree absorb --force --base base > "$logs/absorb.log" 2>&1 || true
	in_tree reset -q
	in_tree diff --quiet HEAD && return
	in_tree diff --stat HEAD >&2
	die "these edits in $tree belong to no commit that can be told: commit them as a patch of their own, or with --fixup, and run this again"
}

fold() {
	GIT_SEQUENCE_EDITOR=: in_tree rebase -q -i --autosquash --update-refs \
		--committer-date-is-author-date base > "$logs/rebase.log" 2>&1 && return
	in_tree rebase --abort
	cat "$logs/rebase.log" >&2
	die "the edits conflict with a later patch; they are commits in $tree now: run 'git rebase -i --autosquash --update-refs base' there, resolve, and run this again"
}

# Every commit belongs to the folder whose branch comes next.
check_branches() {
	local folder last=base
	for folder in $(folders); do
		in_tree rev-parse -q --verify "refs/heads/$folder" > /dev/null ||
			die "no branch in $tree ends $folder: run 'git branch $folder COMMIT' there with its last commit," \
				"or remove patches/$folder; 'make tree KERNEL=$release' does it if nothing is edited"
	done
	for folder in $(folder_branches); do
		in_tree merge-base --is-ancestor "$last" "$folder" ||
			die "the branch $folder in $tree does not come after $last: 'git log --oneline base..$folder'"
		last=$folder
	done
	in_tree merge-base --is-ancestor "$last" HEAD || die "the branch $last in $tree is not in series"
	[ -z "$(in_tree log -1 --format=%h "$last..HEAD")" ] || {
		in_tree log --oneline "$last..HEAD" >&2
		die "these commits in $tree belong to no folder: run 'git rebase -i base' there and move each" \
			"above the line 'update-ref' of its folder, or begin a new folder with 'git branch N-name'"
	}
}

# format DIR: the patches of each folder
format() {
	local folder last=base
	for folder in $(folder_branches); do
		in_tree -c diff.renames=true format-patch -q --zero-commit --no-signature -n --abbrev=12 \
			-o "$1/$folder" "$last..$folder"
		last=$folder
	done
}

# write_common DIR: patches/ becomes what is in DIR; a kernel's own version of a patch that has
# another number or folder now follows it.
write_common() {
	local folder file renamed
	for folder in "$1"/*/; do
		folder=$top/patches/$(basename "$folder")
		mkdir -p "$folder"
		[ -e "$folder/needs" ] || : > "$folder/needs"
		rm -f "$folder"/*.patch
	done
	for file in "$1"/*/*.patch; do
		mv "$file" "$top/patches/${file#"$1/"}"
	done
	for file in "$top"/patches/*/*/*.patch; do
		folder=$(dirname "$file")
		[ ! -e "$(dirname "$folder")/${file##*/}" ] || continue
		renamed=("$top"/patches/*/*-"$(basename "$file" | cut -d - -f 2-)")
		[ "${#renamed[@]}" = 1 ] || continue
		mkdir -p "$(dirname "${renamed[0]}")/$(basename "$folder")"
		mv "$file" "$(dirname "${renamed[0]}")/$(basename "$folder")/${renamed[0]##*/}"
	done
	find "$top/patches" -mindepth 2 -type d -empty -delete
}

# write_own DIR: those patches of patches/*/RELEASE/ that are also in DIR.
write_own() {
	local file new
	for file in "$top"/patches/*/"$release"/*.patch; do
		new=$1/$(basename "${file%/*/*}")/${file##*/}
		[ ! -e "$new" ] || mv "$new" "$file"
	done
}

write_readme() {
	local readme=$top/patches/README.md
	grep -qxF "$tables_begin" "$readme" || die "patches/README.md has lost its line '$tables_begin'"
	sed -i "\\|^$tables_begin\$|q" "$readme"
	{ echo; series_tables; } >> "$readme"
}

shopt -s nullglob
cd "$top"
check_tree
while read -r file; do
	sync_file "$file"
done < <(added_files)
absorb
fold
check_branches

new=$(mktemp -d "$top/patches/.new.XXXXXX")
scratch+=("$new")
format "$new"
if [ "$release" = "$latest" ]; then write_common "$new"; else write_own "$new"; fi
write_readme
mark_applied
"$lab/check-sync.sh"
say "patches: written from $(basename "$tree")"
