# SPDX-License-Identifier: GPL-2.0
# Every target is one script in lab/; this file only names them.
#
#   KERNEL=6.12 (default), 6.1, latest: a kernel from Debian's packages
#   LINUX=/path/to/tree:                your own kernel tree instead
#   MACHINE=e500-elo (default):         our board; "e500-elo,controller=elo3" is the other one
#   MACHINE=zcu102, zynq:               machines that QEMU has, with drivers that nobody here wrote
#   FILE=/path:                         what "make demo" copies, instead of the guest's kernel
#   QEMU=/path/to/qemu-system-ppc:      another QEMU to boot with, ARGS='...': more options for it
#   ONLY='DOCUMENT/RESULT':             the results to make, by the names they have; shell patterns,
#                                       e.g. 'fault-*.elotest/*lost interrupt', 'debug-zcu102'
#   SERIES=4-dmaengine-sg:              for "make apply", a part of the series with what it needs
export KERNEL LINUX FILE QEMU MACHINE ARGS ONLY SERIES

.PHONY: help deps tree patches check-sync apply qemu kernel shell demo demo-fpga test quick kunit guest-test bench bench-check profile check clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 12
	@sed -n 's/^#  \( *[A-Z].*\)/\1/p' Makefile

deps: ## install the Debian packages that the rest uses
	@lab/deps.sh

tree: deps ## unpack the kernel as a git tree with the series as commits: build/linux-V
	@lab/tree.sh

patches: deps ## fold edits, here and in the newest kernel's tree, into the series
	@lab/patches.sh

check-sync: ## compare patches/ with the files that the series adds
	@lab/check-sync.sh

apply: ## apply the series to your own git tree: LINUX=/path/to/tree
	@lab/apply.sh

qemu: deps ## build QEMU with the board, or find it in the cache
	@lab/qemu.sh

kernel: deps ## build the kernel with the series, and its initramfs
	@lab/kernel.sh lean

shell: deps ## boot the board to a prompt with the modules at hand
	@lab/shell.sh

demo: deps ## copy FILE=... on the board, scatterlist to scatterlist, and compare
	@lab/demo.sh

demo-fpga: deps ## load an FPGA image on the board three ways: as in 2010, short of memory, and well
	@lab/demo-fpga.sh

test: deps ## run every test there is, those of one MACHINE, or ONLY=...; the last line is "N passed, N failed"
	@lab/test.sh

quick: deps ## what a change needs most: the checks, KUnit, a little of each kind of boot
	@lab/test.sh small

kunit: deps ## run the series' KUnit suites, or ONLY=SUITE.CASE, on User Mode Linux
	@lab/kunit.sh

guest-test: deps ## run the guest's tests on QEMU=... MACHINE=... ARGS=...
	@lab/guest-test.sh

bench: deps ## count what copies cost, with and without the series: lab/figures/
	@lab/bench.sh

bench-check: deps ## count it again, and compare with lab/figures/
	@lab/bench.sh check

profile: deps ## count in which functions the helper spends them without the hook
	@lab/bench.sh profile

check: deps ## check patches, sources and scripts without running them
	@lab/check.sh

clean: ## remove build/: trees (with their edits), objects and logs
	rm -rf build
