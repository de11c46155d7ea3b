# SPDX-License-Identifier: GPL-2.0-or-later
#
# Copyright (c) 2026 dmaengine-sg developers
#
# Only the e500 machines: enough for the Elo DMA controllers, built in minutes.
# Use with --target-list=ppc-softmmu --with-devices-ppc=e500-elo

CONFIG_E500PLAT=y
CONFIG_E500_ELO=y
