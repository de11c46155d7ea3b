/*
 * Freescale Elo, EloPlus and Elo3 DMA controllers
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_DMA_FSL_ELO_DMA_H
#define HW_DMA_FSL_ELO_DMA_H

#include "hw/register.h"
#include "hw/sysbus.h"
#include "qapi/util.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_FSL_ELO_DMA "fsl-elo-dma"
OBJECT_DECLARE_SIMPLE_TYPE(FslEloDMAState, FSL_ELO_DMA)

#define FSL_ELO_DMA_MAX_CHANNELS 8

/* Registers of one channel, see the REG32 list in the model */
#define FSL_ELO_DMA_R_MAX (0x2c / 4)

/* Size of the MMIO region; the controller has its own 4 KiB on every part */
#define FSL_ELO_DMA_BLOCK_SIZE 0x1000

/* Values of the property "variant" */
typedef enum FslEloDMAVariant {
    FSL_ELO_DMA_ELO,        /* MPC82xx, MPC83xx */
    FSL_ELO_DMA_ELOPLUS,    /* MPC85xx, MPC86xx, P series */
    FSL_ELO_DMA_ELO3,       /* T and B series */
} FslEloDMAVariant;

extern const QEnumLookup FslEloDMAVariant_lookup;

/* Values of the property "fault-side" */
enum FslEloDMASide {
    FSL_ELO_DMA_READ,
    FSL_ELO_DMA_WRITE,
    FSL_ELO_DMA_FETCH,
};

typedef struct FslEloDMAChannel {
    FslEloDMAState *dma;
    unsigned index;
    QEMUTimer *timer;
    RegisterInfo regs_info[FSL_ELO_DMA_R_MAX];
    uint32_t regs[FSL_ELO_DMA_R_MAX];

    bool loaded;        /* SAR, DAR, BCR and NLNDAR hold an unfinished link */
    bool ended;         /* the last run reached the end of its chain */
    bool paused;        /* busy, but waiting for DREQ (MR[EMP_EN]) */
    bool serving;       /* a DREQ is being served */
    bool ddone;         /* level of DDONE */
    bool dreq;          /* level of DREQ, to find the rising edge */
    bool irq_level;     /* what this channel drives */
    bool fault;         /* "fault-link" has picked the link in work */
    uint32_t quota;     /* bytes left before the next pause */
    uint32_t links;     /* links finished in this run */
    uint32_t hidden;    /* status bits kept from the line by "fault-lost-irq" */
} FslEloDMAChannel;

struct FslEloDMAState {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    MemoryRegion *dma_mr;
    AddressSpace dma_as;
    qemu_irq irq[FSL_ELO_DMA_MAX_CHANNELS];
    qemu_irq dack[FSL_ELO_DMA_MAX_CHANNELS];
    qemu_irq ddone[FSL_ELO_DMA_MAX_CHANNELS];
    FslEloDMAChannel chan[FSL_ELO_DMA_MAX_CHANNELS];

    FslEloDMAVariant variant;
    uint64_t link_time_ns;

    uint32_t fault_channel;
    uint32_t fault_link;
    uint32_t fault_side;        /* enum FslEloDMASide */
    bool fault_pe;
    uint32_t fault_lost_irq;
    bool fault_storm;
    bool fault_stuck;

    QEMUTimer *request_timer;
    uint32_t request_channel;
    uint64_t request_period_ns;
};

/* Number of channels that a variant has */
static inline unsigned fsl_elo_dma_channels(FslEloDMAVariant variant)
{
    return variant == FSL_ELO_DMA_ELO3 ? 8 : 4;
}

/* Offset of a channel's registers in the block */
static inline hwaddr fsl_elo_dma_channel_base(unsigned n)
{
    return n < 4 ? 0x100 + 0x80 * n : 0x400 + 0x80 * (n - 4);
}

/* Offset of the summary register of channels 4 * i to 4 * i + 3 */
static inline hwaddr fsl_elo_dma_dgsr_base(FslEloDMAVariant variant, unsigned i)
{
    return variant == FSL_ELO_DMA_ELO ? 0x2a8 : 0x300 * (i + 1);
}

#endif /* HW_DMA_FSL_ELO_DMA_H */
