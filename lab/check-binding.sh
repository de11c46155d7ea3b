#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check-binding.sh TREE FILE: what dt-schema has to say of the binding FILE, a path in the kernel
# TREE, and of its examples. Silent is good.
#
# This does what the kernel's "make dt_binding_check" does, but for one file. Linux 7.3 asks that
# target for a dt-schema of 2024 because of bindings that the one of Debian 12 does not understand;
# what it understands, it judges by the same rules.
. "$(dirname "$0")/common.sh"

tree=$1 file=$2
bindings=Documentation/devicetree/bindings
name=$(basename "$file" .yaml)
scratch+=("$(mktemp -d "$build/binding.XXXXXX")")
work=${scratch[0]}

# The name in a file's $id is compared with its path as it is given.
cd "$tree"
yamllint -f parsable -c $bindings/.yamllint "$file"
dt-doc-validate -u $bindings "$file"
if [ -e scripts/dtc/dt-check-style ]; then
	python3 scripts/dtc/dt-check-style "$file" || true
fi

dt-extract-example "$file" > "$work/$name.example.dts"
cpp -nostdinc -undef -D__DTS__ -x assembler-with-cpp -I scripts/dtc/include-prefixes \
	"$work/$name.example.dts" -o "$work/$name.dts"
dtc -O dtb -o "$work/$name.dtb" -Wno-avoid_unnecessary_addr_size -Wno-unique_unit_address \
	-Wunique_unit_address_if_enabled "$work/$name.dts"

# with_references FILE...: these bindings, and all that they refer to
with_references() {
	local from to known=" $* " todo=("$@")
	# shellcheck disable=SC2016 # $ref is a word of the schema's
	while [ "${#todo[@]}" != 0 ]; do
		from=${todo[0]}
		printf '%s\n' "$from"
		todo=("${todo[@]:1}")
		while read -r to; do
			case $to in
			/schemas/*) to=$bindings/${to#/schemas/} ;;
			*) to=$(realpath --relative-to=. "$(dirname "$from")/$to") ;;
			esac
			# what is not there is in dt-schema itself
			if [ ! -e "$to" ] || [[ $known = *" $to "* ]]; then
				continue
			fi
			known+="$to "
			todo+=("$to")
		done < <(sed -n 's/.*\$ref: *["'"'"']*\([^#"'"'"' ]*\.yaml\).*/\1/p' "$from")
	done
}

# Given one file only, dt-mk-schema leaves out dt-schema's own.
with_references "$file" $bindings/vendor-prefixes.yaml > "$work/files"
dt-mk-schema -j @"$work/files" > "$work/schema.json"
dt-validate -s "$work/schema.json" "$work/$name.dtb"

# An example that is of something else would be good whatever it says.
dt-validate -M -s "$work/schema.json" "$work/$name.dtb" > "$work/matches" 2>&1
grep -q "/${file#"$bindings/"}#" "$work/matches" ||
	printf '%s: it does not apply to any node of its examples\n' "$file"
