# SPDX-License-Identifier: GPL-2.0
# Sourced: what the machine MACHINE is, in one table. What follows a comma are QEMU's properties
# of it. A name that is not in the table is a machine of the reader's own QEMU, and like our board.
# shellcheck shell=bash disable=SC2034,SC2154,SC2054 # used, and set, where this is sourced
#
# arch, cross   the kernel's ARCH, and the prefix of the compiler
# image         what QEMU boots, as a path among the kernel's objects
# driver        the DMA driver that is tested
# console       the kernel's name of the serial port
# emulator      QEMU and the machine's options; the first word is the program

machine=${MACHINE:-e500-elo}
case $machine in
zcu102)
	board=zcu102 arch=arm64 cross=aarch64-linux-gnu- image=arch/arm64/boot/Image
	driver=zynqmp_dma console=ttyPS0,115200
	emulator=(qemu-system-aarch64 -M xlnx-zcu102 -smp 4 -m 256M -audiodev none,id=audio)
	;;
zynq)
	board=zynq arch=arm cross=arm-linux-gnueabihf- image=arch/arm/boot/zImage
	driver=pl330 console=ttyPS0,115200
	emulator=(qemu-system-arm -M xilinx-zynq-a9 -smp 1 -m 256M)
	;;
e500-elo* | ppce500*)
	board=e500-elo arch=powerpc cross=powerpc-linux-gnu- image=vmlinux
	driver=fsldma console=ttyS0
	emulator=(qemu-system-ppc -M "$machine" -smp 4 -m 512M)
	;;
*)
	[ -n "${QEMU:-}" ] ||
		die "MACHINE=$machine is none of e500-elo, zcu102 and zynq; for one of your own QEMU, set QEMU as well"
	board=e500-elo arch=powerpc cross=powerpc-linux-gnu- image=vmlinux
	driver=fsldma console=ttyS0
	emulator=(qemu-system-ppc -M "$machine" -smp 4 -m 512M)
	;;
esac

# Stock QEMU does not make a device tree for its machines: ours is beside the configuration.
devicetree=$lab/config/$board.dts
