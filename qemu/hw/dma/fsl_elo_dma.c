/*
 * Freescale Elo, EloPlus and Elo3 DMA controllers
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registers and behaviour: MPC8548E Reference Manual, chapter "DMA Controller"
 * (EloPlus, Elo3) and MPC8349EA Reference Manual, chapter "DMA/Messaging Unit"
 * (Elo). Where no section is named, both agree.
 *
 * Modelled: direct mode and basic chaining, continue, halt, abort, address
 * hold, external start and external pause. Not modelled: extended chaining
 * (lists, strides) and the starts by a register write (MR[SRW], MR[CDSM]).
 *
 * Properties:
 *  variant         "elo", "eloplus" (default) or "elo3"
 *  link-time-ns    virtual time from a link's fetch to its end
 *  dma             memory that links and data live in (default: system memory)
 *
 * Faults on demand. All can be set before and after realize, and survive a
 * reset so that -global works:
 *  fault-channel   channel that the faults below hit
 *  fault-link      N: the Nth link that the channel fetches from now on fails;
 *                  counts down to 0, which is off. A direct transfer counts as
 *                  one link
 *  fault-side      what of that link fails: "read" or "write", its first data
 *                  access, or "fetch", the reading of the link itself, which a
 *                  direct transfer does without
 *  fault-pe        the next run of the channel ends in a programming error at
 *                  its first link; clears itself
 *  fault-lost-irq  number of end-of-links interrupts to swallow: the status bit
 *                  is set, but does not raise the line before the next time
 *                  that a status bit is set or cleared; counts down
 *  fault-storm     while true, every link that the channel finishes raises EOSI
 *                  and its interrupt, whether the guest asked for it or not
 *  fault-stuck     while true, the channel goes on when it is told to stop, by
 *                  MR[CA] or by clearing MR[CS]; what was told so and still
 *                  goes on when this is cleared halts then, and raises no
 *                  interrupt
 *
 * Requests on demand, for a test that has no peripheral. As with the faults,
 * they can be set at any time and survive a reset:
 *  request-channel    channel that gets them; none if there is no such channel
 *  request-period-ns  0 is off, else from 1000 to an hour: virtual time
 *                     between two requests, the first of them one period after
 *                     this is set or the machine is reset. Each does what a
 *                     rising edge of DREQ does
 *
 * Lines: one interrupt a channel (Elo: one for all), and for each channel one
 * of the named inputs "dreq", outputs "dack" and outputs "ddone". A rising
 * edge of DREQ is one request. DACK is high while a request is served. DDONE is
 * high from the end of a transfer under external control to the next start.
 *
 * Where the manuals leave room, or differ from part to part, this model has:
 *  - a fetch 1 ns after the start, and one timer event for each link
 *  - CH, PE and address hold errors on Elo as on EloPlus
 *  - Elo's MR[TEM] masking the interrupt of TE and PE; the channel stops anyway
 *  - a write to CLNDAR of a halted channel that gives up the halted run
 *  - a DREQ during the service of another one, or to a halted channel, ignored
 *  - SAR counts when data was read, DAR and BCR when it was written, in pieces
 *    that end at page boundaries (address hold: of one unit). After a failed
 *    write SAR is ahead of BCR by the piece that was lost, after a failed read
 *    it is not. After a failed fetch all are as the link before left them
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/bitops.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "exec/address-spaces.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "sysemu/dma.h"
#include "hw/dma/fsl_elo_dma.h"
#include "trace.h"

/*
 * Channel registers in the order of EloPlus. Elo swaps the words of each
 * pair and has no upper words: see fsl_elo_dma_reg_addr().
 */
REG32(MR, 0x00)
    FIELD(MR, CS, 0, 1)
    FIELD(MR, CC, 1, 1)
    FIELD(MR, CTM, 2, 1)
    FIELD(MR, CA, 3, 1)         /* Elo: TEM, mask of error interrupts */
    FIELD(MR, CDSM, 4, 1)       /* unimplemented */
    FIELD(MR, XFE, 5, 1)        /* unimplemented */
    FIELD(MR, EIE, 6, 1)
    FIELD(MR, EOLSIE, 7, 1)     /* Elo: EOTIE, end-of-transfer interrupt */
    FIELD(MR, EOLNIE, 8, 1)
    FIELD(MR, EOSIE, 9, 1)
    FIELD(MR, SRW, 10, 1)       /* unimplemented; Elo: PRC, two bits */
    FIELD(MR, SAHE, 12, 1)
    FIELD(MR, DAHE, 13, 1)
    FIELD(MR, SAHTS, 14, 2)
    FIELD(MR, DAHTS, 16, 2)
    FIELD(MR, EMS_EN, 18, 1)
    FIELD(MR, EMP_EN, 21, 1)
    FIELD(MR, BWC, 24, 4)
REG32(SR, 0x04)
    FIELD(SR, EOLSI, 0, 1)      /* w1c; Elo: EOCDI, end of chain or direct */
    FIELD(SR, EOSI, 1, 1)       /* w1c */
    FIELD(SR, CB, 2, 1)         /* ro */
    FIELD(SR, EOLNI, 3, 1)      /* w1c */
    FIELD(SR, PE, 4, 1)         /* w1c */
    FIELD(SR, CH, 5, 1)         /* ro */
    FIELD(SR, TE, 7, 1)         /* w1c */
REG32(ECLNDAR, 0x08)
REG32(CLNDAR, 0x0c)
REG32(SATR, 0x10)
REG32(SAR, 0x14)
REG32(DATR, 0x18)
REG32(DAR, 0x1c)
REG32(BCR, 0x20)
    FIELD(BCR, BC, 0, 26)
REG32(ENLNDAR, 0x24)
REG32(NLNDAR, 0x28)
    FIELD(NLNDAR, EOLND, 0, 1)
    FIELD(NLNDAR, EOSIE, 3, 1)
    FIELD(NLNDAR, SNEN, 4, 1)   /* Elo only: snoop */

#define SR_ERRORS   (R_SR_TE_MASK | R_SR_PE_MASK)
#define SR_W1C      (SR_ERRORS | R_SR_EOLNI_MASK | R_SR_EOSI_MASK | \
                     R_SR_EOLSI_MASK)
#define SR_RO       (R_SR_CB_MASK | R_SR_CH_MASK)

#define MR_COMMON   (R_MR_CS_MASK | R_MR_CC_MASK | R_MR_CTM_MASK | \
                     R_MR_CA_MASK | R_MR_EOLSIE_MASK | R_MR_EOSIE_MASK | \
                     R_MR_SAHE_MASK | R_MR_DAHE_MASK | R_MR_SAHTS_MASK | \
                     R_MR_DAHTS_MASK | R_MR_EMS_EN_MASK | R_MR_EMP_EN_MASK | \
                     R_MR_BWC_MASK)
#define MR_UNIMP    (R_MR_CDSM_MASK | R_MR_XFE_MASK | R_MR_SRW_MASK)
#define MR_PLUS     (MR_COMMON | MR_UNIMP | R_MR_EIE_MASK | R_MR_EOLNIE_MASK)
#define MR_ELO      (MR_COMMON | 0x00000c00 /* PRC */)

/* Everything in SATR and DATR above the extended address: transaction types */
#define ATTRIBUTES  0x3fff0000

/* A link descriptor in memory, and its alignment */
#define LINK_SIZE   32
#define LINK_SRC    0
#define LINK_DST    8
#define LINK_NEXT   16
#define LINK_COUNT  24

#define BWC_NO_LIMIT 0xf

/* Requests on demand: never so often that the guest has no time to run */
#define REQUEST_PERIOD_MIN 1000
#define REQUEST_PERIOD_MAX (3600 * NANOSECONDS_PER_SECOND)

static const char *const variant_names[] = { "elo", "eloplus", "elo3" };

const QEnumLookup FslEloDMAVariant_lookup = {
    .array = variant_names,
    .size = ARRAY_SIZE(variant_names),
};

static const char *const side_names[] = { "read", "write", "fetch" };

static const QEnumLookup side_lookup = {
    .array = side_names,
    .size = ARRAY_SIZE(side_names),
};

static const char *fsl_elo_dma_name(FslEloDMAState *s)
{
    return variant_names[s->variant];
}

static bool fsl_elo_dma_is_elo(FslEloDMAChannel *c)
{
    return c->dma->variant == FSL_ELO_DMA_ELO;
}

/* Bits 32 and up of an address: none on Elo, 4 on EloPlus, 8 on Elo3 */
static uint32_t fsl_elo_dma_ext_mask(FslEloDMAChannel *c)
{
    static const uint32_t mask[] = {
        [FSL_ELO_DMA_ELO] = 0,
        [FSL_ELO_DMA_ELOPLUS] = 0xf,
        [FSL_ELO_DMA_ELO3] = 0xff,
    };

    return mask[c->dma->variant];
}

static bool fsl_elo_dma_busy(FslEloDMAChannel *c)
{
    return c->regs[R_SR] & R_SR_CB_MASK;
}

static bool fsl_elo_dma_halted(FslEloDMAChannel *c)
{
    return c->regs[R_SR] & R_SR_CH_MASK;
}

static bool fsl_elo_dma_chaining(FslEloDMAChannel *c)
{
    return !(c->regs[R_MR] & R_MR_CTM_MASK);
}

/* Bytes that the source (or destination) address is held for, 0 = no hold */
static unsigned fsl_elo_dma_hold(FslEloDMAChannel *c, bool dst)
{
    uint32_t mr = c->regs[R_MR];

    if (dst) {
        return FIELD_EX32(mr, MR, DAHE) << FIELD_EX32(mr, MR, DAHTS);
    }
    return FIELD_EX32(mr, MR, SAHE) << FIELD_EX32(mr, MR, SAHTS);
}

/* A new request, or a start, allows this many bytes */
static uint32_t fsl_elo_dma_new_quota(FslEloDMAChannel *c)
{
    uint32_t bwc = FIELD_EX32(c->regs[R_MR], MR, BWC);

    if (!(c->regs[R_MR] & R_MR_EMP_EN_MASK) || bwc == BWC_NO_LIMIT) {
        return UINT32_MAX;
    }
    return 1u << bwc;
}

static bool fsl_elo_dma_take_fault(FslEloDMAChannel *c, uint32_t *count)
{
    return c->dma->fault_channel == c->index && *count && --*count == 0;
}

/* The low word of an address pair is always behind the high one */
static uint64_t fsl_elo_dma_addr(FslEloDMAChannel *c, unsigned high)
{
    uint64_t ext = c->regs[high] & fsl_elo_dma_ext_mask(c);

    return ext << 32 | c->regs[high + 1];
}

static uint64_t fsl_elo_dma_link_addr(FslEloDMAChannel *c)
{
    return fsl_elo_dma_addr(c, R_ECLNDAR) & -(uint64_t)LINK_SIZE;
}

static void fsl_elo_dma_set_addr(FslEloDMAChannel *c, unsigned high,
                                 uint64_t addr)
{
    uint32_t mask = fsl_elo_dma_ext_mask(c);

    c->regs[high] = (c->regs[high] & ~mask) | ((addr >> 32) & mask);
    c->regs[high + 1] = addr;
}

/*
 * Output lines
 */

/* Status bits that raise the interrupt */
static uint32_t fsl_elo_dma_enabled(FslEloDMAChannel *c)
{
    uint32_t mr = c->regs[R_MR];
    uint32_t bits = R_SR_EOSI_MASK;     /* is only set when it is enabled */

    if (fsl_elo_dma_is_elo(c)) {
        bits |= mr & R_MR_CA_MASK ? 0 : SR_ERRORS;
        bits |= mr & R_MR_EOLSIE_MASK ? R_SR_EOLSI_MASK : 0;
    } else {
        bits |= mr & R_MR_EIE_MASK ? SR_ERRORS : 0;
        bits |= mr & R_MR_EOLNIE_MASK ? R_SR_EOLNI_MASK : 0;
    }
    return bits & ~c->hidden;
}

static bool fsl_elo_dma_shared_level(FslEloDMAState *s)
{
    bool level = false;
    unsigned i;

    for (i = 0; i < fsl_elo_dma_channels(s->variant); i++) {
        level |= s->chan[i].irq_level;
    }
    return level;
}

/* Bring all lines in step with the channel's state */
static void fsl_elo_dma_update(FslEloDMAChannel *c)
{
    FslEloDMAState *s = c->dma;
    bool level = c->regs[R_SR] & fsl_elo_dma_enabled(c);
    bool dack = c->serving && fsl_elo_dma_busy(c) && !fsl_elo_dma_halted(c);

    if (level != c->irq_level) {
        c->irq_level = level;
        trace_fsl_elo_dma_irq(fsl_elo_dma_name(s), c->index, level);
        if (fsl_elo_dma_is_elo(c)) {
            qemu_set_irq(s->irq[0], fsl_elo_dma_shared_level(s));
        } else {
            qemu_set_irq(s->irq[c->index], level);
        }
    }
    qemu_set_irq(s->dack[c->index], dack);
    qemu_set_irq(s->ddone[c->index], c->ddone);
}

/*
 * A run of a channel, from its start to its end
 */

static void fsl_elo_dma_schedule(FslEloDMAChannel *c, uint64_t ns)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    /*
     * Never "now": the timer list would run a chain that loops on itself
     * without end whenever virtual time stands still.
     */
    timer_mod(c->timer, now + MAX(ns, 1));
}

/* The next thing to do is to fetch a link, or to move the data of this one */
static void fsl_elo_dma_schedule_next(FslEloDMAChannel *c)
{
    fsl_elo_dma_schedule(c, c->loaded ? c->dma->link_time_ns : 0);
}

/* Set sticky status bits */
static void fsl_elo_dma_raise(FslEloDMAChannel *c, uint32_t bits)
{
    if (bits) {
        c->regs[R_SR] |= bits;
        c->hidden = 0;
    }
}

static void fsl_elo_dma_stop(FslEloDMAChannel *c)
{
    timer_del(c->timer);
    c->regs[R_SR] &= ~SR_RO;
    c->loaded = false;
    c->ended = false;
    c->paused = false;
    c->serving = false;
    c->fault = false;
}

static void fsl_elo_dma_error(FslEloDMAChannel *c, uint32_t bit,
                              const char *why)
{
    fsl_elo_dma_stop(c);
    fsl_elo_dma_raise(c, bit);
    trace_fsl_elo_dma_error(fsl_elo_dma_name(c->dma), c->index, why,
                            fsl_elo_dma_link_addr(c));
}

static void fsl_elo_dma_start(FslEloDMAChannel *c, bool request)
{
    if (c->regs[R_SR] & SR_ERRORS) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: channel %u: start with an error pending\n",
                      __func__, c->index);
        return;
    }
    c->regs[R_SR] |= R_SR_CB_MASK;
    c->ended = false;
    c->ddone = false;
    c->serving = request;
    c->links = 0;
    c->quota = fsl_elo_dma_new_quota(c);
    trace_fsl_elo_dma_start(fsl_elo_dma_name(c->dma), c->index,
                            request ? "request" : "CS",
                            fsl_elo_dma_link_addr(c));
    fsl_elo_dma_schedule_next(c);
}

static void fsl_elo_dma_finish(FslEloDMAChannel *c)
{
    bool external = c->regs[R_MR] & (R_MR_EMS_EN_MASK | R_MR_EMP_EN_MASK);
    bool chaining = fsl_elo_dma_chaining(c);
    uint32_t end = chaining ? R_SR_EOLNI_MASK : 0;
    uint32_t fresh;

    fsl_elo_dma_stop(c);
    c->ended = chaining;
    c->ddone = external;
    if (fsl_elo_dma_is_elo(c)) {
        end = R_SR_EOLSI_MASK;
        c->regs[R_MR] &= ~R_MR_CS_MASK;
    }
    fresh = end & ~c->regs[R_SR];
    fsl_elo_dma_raise(c, end);
    if (c->dma->fault_lost_irq && c->dma->fault_channel == c->index) {
        c->dma->fault_lost_irq--;
        c->hidden = fresh;
    }
    trace_fsl_elo_dma_done(fsl_elo_dma_name(c->dma), c->index, c->links,
                           c->regs[R_SR]);
}

/*
 * Links
 */

/* Why the link in the registers cannot be run, NULL if it can */
static const char *fsl_elo_dma_misprogrammed(FslEloDMAChannel *c)
{
    uint32_t bwc = FIELD_EX32(c->regs[R_MR], MR, BWC);
    unsigned side;

    if (!c->regs[R_BCR]) {
        return "byte count is 0";
    }
    for (side = 0; side < 2; side++) {
        unsigned hold = fsl_elo_dma_hold(c, side);

        if (hold && c->regs[R_BCR] % hold) {
            return "hold size does not divide the byte count";
        }
        if (hold && bwc != BWC_NO_LIMIT && (1u << bwc) < hold) {
            return "hold size is above the bandwidth control";
        }
    }
    return NULL;
}

static void fsl_elo_dma_check_link(FslEloDMAChannel *c)
{
    FslEloDMAState *s = c->dma;
    const char *why = fsl_elo_dma_misprogrammed(c);

    if (!c->links && s->fault_pe && s->fault_channel == c->index) {
        s->fault_pe = false;
        fsl_elo_dma_error(c, R_SR_PE_MASK, "fault-pe");
    } else if (why) {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: channel %u: %s\n",
                      __func__, c->index, why);
        fsl_elo_dma_error(c, R_SR_PE_MASK, why);
    }
}

static uint64_t fsl_elo_dma_link_field(FslEloDMAChannel *c, const uint8_t *p)
{
    return fsl_elo_dma_is_elo(c) ? ldq_le_p(p) : ldq_be_p(p);
}

/* Value without the bits that the register lacks */
static uint32_t fsl_elo_dma_implemented(FslEloDMAChannel *c, const char *what,
                                        uint32_t val, uint32_t mask)
{
    if (val & ~mask) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: channel %u: reserved bits 0x%08x in %s\n",
                      __func__, c->index, val & ~mask, what);
    }
    return val & mask;
}

static uint32_t fsl_elo_dma_attributes(FslEloDMAChannel *c, const char *what,
                                       uint32_t val)
{
    uint32_t mask = fsl_elo_dma_is_elo(c) ? 0 : ATTRIBUTES;

    return fsl_elo_dma_implemented(c, what, val,
                                   mask | fsl_elo_dma_ext_mask(c));
}

static uint32_t fsl_elo_dma_next_mask(FslEloDMAChannel *c)
{
    uint32_t flags = R_NLNDAR_EOLND_MASK | R_NLNDAR_EOSIE_MASK;

    if (fsl_elo_dma_is_elo(c)) {
        flags |= R_NLNDAR_SNEN_MASK;
    }
    return flags | -LINK_SIZE;
}

static void fsl_elo_dma_load_next(FslEloDMAChannel *c, uint64_t next)
{
    c->regs[R_ENLNDAR] = fsl_elo_dma_implemented(c, "next link", next >> 32,
                                                 fsl_elo_dma_ext_mask(c));
    c->regs[R_NLNDAR] = fsl_elo_dma_implemented(c, "next link", next,
                                                fsl_elo_dma_next_mask(c));
}

static void fsl_elo_dma_load_link(FslEloDMAChannel *c, const uint8_t *link)
{
    uint64_t src = fsl_elo_dma_link_field(c, link + LINK_SRC);
    uint64_t dst = fsl_elo_dma_link_field(c, link + LINK_DST);
    uint32_t count = fsl_elo_dma_is_elo(c) ? ldl_le_p(link + LINK_COUNT)
                                           : ldl_be_p(link + LINK_COUNT);

    c->regs[R_SATR] = fsl_elo_dma_attributes(c, "link source", src >> 32);
    c->regs[R_SAR] = src;
    c->regs[R_DATR] = fsl_elo_dma_attributes(c, "link destination", dst >> 32);
    c->regs[R_DAR] = dst;
    fsl_elo_dma_load_next(c, fsl_elo_dma_link_field(c, link + LINK_NEXT));
    c->regs[R_BCR] = fsl_elo_dma_implemented(c, "link count", count,
                                             R_BCR_BC_MASK);
}

/* "fault-link" has picked this link, and "fault-side" this access */
static bool fsl_elo_dma_faulty(FslEloDMAChannel *c, uint32_t side)
{
    return c->fault && c->dma->fault_side == side;
}

static bool fsl_elo_dma_read_link(FslEloDMAChannel *c, unsigned offset,
                                  uint8_t *buf, unsigned len)
{
    uint64_t addr = fsl_elo_dma_link_addr(c) + offset;

    if (fsl_elo_dma_faulty(c, FSL_ELO_DMA_FETCH) ||
        address_space_read(&c->dma->dma_as, addr, MEMTXATTRS_UNSPECIFIED,
                           buf, len) != MEMTX_OK) {
        fsl_elo_dma_error(c, R_SR_TE_MASK, "link fetch");
        return false;
    }
    return true;
}

/* Have the next link in the registers; in direct mode software put it there */
static void fsl_elo_dma_fetch(FslEloDMAChannel *c)
{
    uint8_t link[LINK_SIZE];

    c->fault = fsl_elo_dma_take_fault(c, &c->dma->fault_link);
    if (fsl_elo_dma_chaining(c)) {
        if (!fsl_elo_dma_read_link(c, 0, link, sizeof(link))) {
            return;
        }
        fsl_elo_dma_load_link(c, link);
    }
    c->loaded = true;
    trace_fsl_elo_dma_link(fsl_elo_dma_name(c->dma), c->index,
                           fsl_elo_dma_link_addr(c),
                           fsl_elo_dma_addr(c, R_SATR),
                           fsl_elo_dma_addr(c, R_DATR), c->regs[R_BCR]);
    fsl_elo_dma_check_link(c);
}

/* MR[CC]: only the next pointer of the last link is read once more */
static void fsl_elo_dma_refetch_next(FslEloDMAChannel *c)
{
    uint8_t next[8];

    c->regs[R_MR] &= ~R_MR_CC_MASK;
    if (fsl_elo_dma_read_link(c, LINK_NEXT, next, sizeof(next))) {
        fsl_elo_dma_load_next(c, fsl_elo_dma_link_field(c, next));
    }
}

/* Make the next link the current one, if there is one */
static bool fsl_elo_dma_advance(FslEloDMAChannel *c)
{
    if (c->regs[R_NLNDAR] & R_NLNDAR_EOLND_MASK &&
        c->regs[R_MR] & R_MR_CC_MASK) {
        fsl_elo_dma_refetch_next(c);
    }
    if (!fsl_elo_dma_busy(c) || c->regs[R_NLNDAR] & R_NLNDAR_EOLND_MASK) {
        return false;
    }
    c->regs[R_ECLNDAR] = c->regs[R_ENLNDAR];
    c->regs[R_CLNDAR] = c->regs[R_NLNDAR] & (-LINK_SIZE | R_NLNDAR_SNEN_MASK);
    return true;
}

/*
 * Data
 */

static MemTxResult fsl_elo_dma_access(FslEloDMAChannel *c, bool dst,
                                      uint8_t *buf, unsigned len)
{
    unsigned hold = fsl_elo_dma_hold(c, dst);
    unsigned unit = hold ? hold : len;
    uint64_t addr = fsl_elo_dma_addr(c, dst ? R_DATR : R_SATR);
    MemTxResult res = MEMTX_OK;
    unsigned i;

    if (fsl_elo_dma_faulty(c, dst ? FSL_ELO_DMA_WRITE : FSL_ELO_DMA_READ)) {
        return MEMTX_ERROR;
    }
    for (i = 0; i < len && res == MEMTX_OK; i += unit) {
        res = address_space_rw(&c->dma->dma_as, addr, MEMTXATTRS_UNSPECIFIED,
                               buf + i, unit, dst);
    }
    return res;
}

/*
 * Chunks end at page boundaries of either side, which is where memory can
 * end, so that BCR tells what was moved before an error. A held address is a
 * device: it gets its data as soon as there is one unit.
 */
static unsigned fsl_elo_dma_chunk(FslEloDMAChannel *c, uint32_t len)
{
    unsigned hold = MAX(fsl_elo_dma_hold(c, false), fsl_elo_dma_hold(c, true));
    unsigned page = 4 * KiB;

    if (hold) {
        return MIN(len, hold);
    }
    len = MIN(len, page - c->regs[R_SAR] % page);
    return MIN(len, page - c->regs[R_DAR] % page);
}

/* Step over what was read or written, unless the address is held */
static void fsl_elo_dma_step(FslEloDMAChannel *c, bool dst, unsigned len)
{
    unsigned high = dst ? R_DATR : R_SATR;

    if (!fsl_elo_dma_hold(c, dst)) {
        fsl_elo_dma_set_addr(c, high, fsl_elo_dma_addr(c, high) + len);
    }
}

static void fsl_elo_dma_written(FslEloDMAChannel *c, unsigned len)
{
    fsl_elo_dma_step(c, true, len);
    c->regs[R_BCR] -= len;
    if (c->quota != UINT32_MAX) {
        c->quota -= len;
    }
}

/* One turn of the channel: the rest of the link, or of the request */
static void fsl_elo_dma_move(FslEloDMAChannel *c)
{
    uint32_t left = MIN(c->regs[R_BCR], c->quota);
    uint8_t buf[4 * KiB];

    /* Data may hit the controller's own registers, and so stop the channel */
    while (left && c->loaded) {
        unsigned len = fsl_elo_dma_chunk(c, left);

        if (fsl_elo_dma_access(c, false, buf, len) != MEMTX_OK) {
            fsl_elo_dma_error(c, R_SR_TE_MASK, "read");
            return;
        }
        fsl_elo_dma_step(c, false, len);
        if (fsl_elo_dma_access(c, true, buf, len) != MEMTX_OK) {
            fsl_elo_dma_error(c, R_SR_TE_MASK, "write");
            return;
        }
        fsl_elo_dma_written(c, len);
        left -= len;
    }
}

static bool fsl_elo_dma_storm(FslEloDMAChannel *c)
{
    return c->dma->fault_storm && c->dma->fault_channel == c->index;
}

/* Neither halted nor aborted */
static bool fsl_elo_dma_stuck(FslEloDMAChannel *c)
{
    return c->dma->fault_stuck && c->dma->fault_channel == c->index;
}

static void fsl_elo_dma_link_done(FslEloDMAChannel *c)
{
    bool eosie = c->regs[R_MR] & R_MR_EOSIE_MASK || fsl_elo_dma_storm(c);

    if (fsl_elo_dma_chaining(c)) {
        eosie |= c->regs[R_NLNDAR] & R_NLNDAR_EOSIE_MASK;
    }
    fsl_elo_dma_raise(c, eosie ? R_SR_EOSI_MASK : 0);
    c->loaded = false;
    c->links++;

    if (!fsl_elo_dma_chaining(c)) {
        fsl_elo_dma_finish(c);
    } else if (fsl_elo_dma_advance(c)) {
        if (c->quota) {
            fsl_elo_dma_fetch(c);
        }
    } else if (fsl_elo_dma_busy(c)) {
        fsl_elo_dma_finish(c);
    }
}

/* MR[CC] was set after the end of the chain */
static void fsl_elo_dma_continue(FslEloDMAChannel *c)
{
    if (fsl_elo_dma_advance(c)) {
        fsl_elo_dma_start(c, false);
    } else if (fsl_elo_dma_busy(c)) {
        fsl_elo_dma_stop(c);
        c->ended = true;
    }
}

static void fsl_elo_dma_pause(FslEloDMAChannel *c)
{
    c->paused = true;
    c->serving = false;
}

static void fsl_elo_dma_timer(void *opaque)
{
    FslEloDMAChannel *c = opaque;

    if (c->ended) {
        fsl_elo_dma_continue(c);
    } else if (!c->loaded) {
        fsl_elo_dma_fetch(c);
    } else {
        fsl_elo_dma_move(c);
        if (c->loaded && !c->regs[R_BCR]) {
            fsl_elo_dma_link_done(c);
        }
    }
    if (fsl_elo_dma_busy(c) && !fsl_elo_dma_halted(c)) {
        if (c->quota) {
            fsl_elo_dma_schedule_next(c);
        } else {
            fsl_elo_dma_pause(c);
        }
    }
    fsl_elo_dma_update(c);
}

/* A rising edge of DREQ: the start of a chain, or of the next part of it */
static void fsl_elo_dma_request(FslEloDMAChannel *c)
{
    uint32_t armed = c->regs[R_MR] & (R_MR_EMS_EN_MASK | R_MR_CS_MASK);

    if (c->paused && !fsl_elo_dma_halted(c)) {
        trace_fsl_elo_dma_dreq(fsl_elo_dma_name(c->dma), c->index);
        c->paused = false;
        c->serving = true;
        c->quota = fsl_elo_dma_new_quota(c);
        fsl_elo_dma_schedule_next(c);
    } else if (!fsl_elo_dma_busy(c) && armed == R_MR_EMS_EN_MASK) {
        trace_fsl_elo_dma_dreq(fsl_elo_dma_name(c->dma), c->index);
        c->regs[R_MR] |= R_MR_CS_MASK;
        fsl_elo_dma_start(c, true);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: channel %u: DREQ when not armed\n",
                      __func__, c->index);
    }
    fsl_elo_dma_update(c);
}

static void fsl_elo_dma_dreq(void *opaque, int n, int level)
{
    FslEloDMAState *s = opaque;
    FslEloDMAChannel *c = &s->chan[n];
    bool rising = level && !c->dreq;

    c->dreq = level;
    if (rising) {
        fsl_elo_dma_request(c);
    }
}

/* "request-period-ns": the next request on demand, a period from now */
static void fsl_elo_dma_schedule_request(FslEloDMAState *s)
{
    if (s->request_period_ns) {
        timer_mod(s->request_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                  s->request_period_ns);
    } else {
        timer_del(s->request_timer);
    }
}

static void fsl_elo_dma_request_timer(void *opaque)
{
    FslEloDMAState *s = opaque;

    if (s->request_channel < fsl_elo_dma_channels(s->variant)) {
        fsl_elo_dma_request(&s->chan[s->request_channel]);
    }
    fsl_elo_dma_schedule_request(s);
}

/*
 * Registers
 */

/* CS went from 0 to 1 */
static void fsl_elo_dma_cs_set(FslEloDMAChannel *c)
{
    if (!fsl_elo_dma_busy(c)) {
        fsl_elo_dma_start(c, false);
        return;
    }
    /* "fault-stuck": it may not have stopped */
    if (!fsl_elo_dma_halted(c)) {
        return;
    }
    c->regs[R_SR] &= ~R_SR_CH_MASK;
    if (!c->paused) {
        fsl_elo_dma_schedule_next(c);
    }
}

/* CS went from 1 to 0 */
static void fsl_elo_dma_cs_cleared(FslEloDMAChannel *c)
{
    if (fsl_elo_dma_busy(c) && !fsl_elo_dma_stuck(c)) {
        timer_del(c->timer);
        c->regs[R_SR] |= R_SR_CH_MASK;
    }
}

/* CC is set and the channel is idle */
static void fsl_elo_dma_cc_set(FslEloDMAChannel *c)
{
    if (!c->ended || c->regs[R_SR] & SR_ERRORS) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: channel %u: no ended chain to continue\n",
                      __func__, c->index);
        c->regs[R_MR] &= ~R_MR_CC_MASK;
        return;
    }
    c->regs[R_MR] |= R_MR_CS_MASK;
    c->regs[R_SR] |= R_SR_CB_MASK;
    fsl_elo_dma_schedule_next(c);
}

static uint64_t fsl_elo_dma_mr_pre_write(RegisterInfo *reg, uint64_t val)
{
    FslEloDMAChannel *c = reg->opaque;
    bool elo = fsl_elo_dma_is_elo(c);
    uint32_t was = c->regs[R_MR];
    uint32_t mr = fsl_elo_dma_implemented(c, "MR", val,
                                          elo ? MR_ELO : MR_PLUS);

    c->regs[R_MR] = mr;
    if (!elo && mr & R_MR_CA_MASK) {
        if (!fsl_elo_dma_stuck(c)) {
            fsl_elo_dma_stop(c);
        }
    } else if (mr & ~was & R_MR_CS_MASK) {
        fsl_elo_dma_cs_set(c);
    } else if (was & ~mr & R_MR_CS_MASK) {
        fsl_elo_dma_cs_cleared(c);
    }
    if (mr & R_MR_CC_MASK && !fsl_elo_dma_busy(c)) {
        fsl_elo_dma_cc_set(c);
    }
    fsl_elo_dma_update(c);
    /* Not mr: CC may be gone and CS may be set */
    return c->regs[R_MR];
}

/* val has the cleared bits taken out already */
static uint64_t fsl_elo_dma_sr_pre_write(RegisterInfo *reg, uint64_t val)
{
    FslEloDMAChannel *c = reg->opaque;

    if (val != c->regs[R_SR]) {
        c->regs[R_SR] = val;
        c->hidden = 0;
        fsl_elo_dma_update(c);
    }
    return val;
}

/* What a register of a transfer keeps of a value */
static uint32_t fsl_elo_dma_masked(FslEloDMAChannel *c, RegisterInfo *reg,
                                   uint32_t val)
{
    const char *name = reg->access->name;
    uint32_t clndar = -LINK_SIZE | R_NLNDAR_SNEN_MASK;

    switch (reg->access->addr) {
    case A_SATR:
    case A_DATR:
        return fsl_elo_dma_attributes(c, name, val);
    case A_ECLNDAR:
    case A_ENLNDAR:
        return fsl_elo_dma_implemented(c, name, val, fsl_elo_dma_ext_mask(c));
    case A_CLNDAR:
        /* Linux sets Elo's snoop bit on EloPlus as well: no error */
        val = fsl_elo_dma_implemented(c, name, val, clndar);
        return fsl_elo_dma_is_elo(c) ? val : val & -LINK_SIZE;
    case A_NLNDAR:
        return fsl_elo_dma_implemented(c, name, val, fsl_elo_dma_next_mask(c));
    case A_BCR:
        return fsl_elo_dma_implemented(c, name, val, R_BCR_BC_MASK);
    default:
        return val;
    }
}

/* The registers that describe a transfer belong to a channel that runs */
static uint64_t fsl_elo_dma_transfer_pre_write(RegisterInfo *reg, uint64_t val)
{
    FslEloDMAChannel *c = reg->opaque;
    uint32_t *data = reg->data;

    if (fsl_elo_dma_busy(c) && !fsl_elo_dma_halted(c)) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: channel %u: write to %s of a busy channel\n",
                      __func__, c->index, reg->access->name);
        return *data;
    }
    return fsl_elo_dma_masked(c, reg, val);
}

/* A new chain: a halted one will not be resumed, an ended one not continued */
static uint64_t fsl_elo_dma_clndar_pre_write(RegisterInfo *reg, uint64_t val)
{
    FslEloDMAChannel *c = reg->opaque;

    val = fsl_elo_dma_transfer_pre_write(reg, val);
    if (!fsl_elo_dma_busy(c) || fsl_elo_dma_halted(c)) {
        fsl_elo_dma_stop(c);
        fsl_elo_dma_update(c);
    }
    return val;
}

static const RegisterAccessInfo fsl_elo_dma_regs_info[] = {
    {
        .name = "MR",
        .addr = A_MR,
        .unimp = MR_UNIMP,
        .pre_write = fsl_elo_dma_mr_pre_write,
    }, {
        .name = "SR",
        .addr = A_SR,
        .ro = SR_RO,
        .w1c = SR_W1C,
        .rsvd = ~(SR_RO | SR_W1C),
        .pre_write = fsl_elo_dma_sr_pre_write,
    }, {
        .name = "ECLNDAR",
        .addr = A_ECLNDAR,
        .pre_write = fsl_elo_dma_clndar_pre_write,
    }, {
        .name = "CLNDAR",
        .addr = A_CLNDAR,
        .pre_write = fsl_elo_dma_clndar_pre_write,
    }, {
        .name = "SATR",
        .addr = A_SATR,
        .pre_write = fsl_elo_dma_transfer_pre_write,
    }, {
        .name = "SAR",
        .addr = A_SAR,
        .pre_write = fsl_elo_dma_transfer_pre_write,
    }, {
        .name = "DATR",
        .addr = A_DATR,
        .pre_write = fsl_elo_dma_transfer_pre_write,
    }, {
        .name = "DAR",
        .addr = A_DAR,
        .pre_write = fsl_elo_dma_transfer_pre_write,
    }, {
        .name = "BCR",
        .addr = A_BCR,
        .pre_write = fsl_elo_dma_transfer_pre_write,
    }, {
        .name = "ENLNDAR",
        .addr = A_ENLNDAR,
        .pre_write = fsl_elo_dma_transfer_pre_write,
    }, {
        .name = "NLNDAR",
        .addr = A_NLNDAR,
        .pre_write = fsl_elo_dma_transfer_pre_write,
    },
};

/* The register at a channel's offset, as an offset of EloPlus */
static hwaddr fsl_elo_dma_reg_addr(FslEloDMAChannel *c, hwaddr addr)
{
    if (!fsl_elo_dma_is_elo(c)) {
        return addr;
    }
    if (addr == A_ENLNDAR) {
        return A_NLNDAR;
    }
    return addr >= A_ECLNDAR && addr <= A_DAR ? addr ^ 4 : addr;
}

static uint64_t fsl_elo_dma_chan_read(void *opaque, hwaddr addr, unsigned size)
{
    RegisterInfoArray *array = opaque;
    FslEloDMAChannel *c = array->r[0]->opaque;
    uint64_t val = register_read_memory(array, fsl_elo_dma_reg_addr(c, addr),
                                        size);

    trace_fsl_elo_dma_read(fsl_elo_dma_name(c->dma),
                           fsl_elo_dma_channel_base(c->index) + addr, val);
    return val;
}

static void fsl_elo_dma_chan_write(void *opaque, hwaddr addr, uint64_t val,
                                   unsigned size)
{
    RegisterInfoArray *array = opaque;
    FslEloDMAChannel *c = array->r[0]->opaque;

    trace_fsl_elo_dma_write(fsl_elo_dma_name(c->dma),
                            fsl_elo_dma_channel_base(c->index) + addr, val);
    register_write_memory(array, fsl_elo_dma_reg_addr(c, addr), val, size);
}

static uint32_t fsl_elo_dma_dgsr(FslEloDMAState *s, unsigned first)
{
    uint32_t val = 0;
    unsigned i;

    for (i = first; i < first + 4; i++) {
        val = val << 8 | s->chan[i].regs[R_SR];
    }
    return val;
}

/* Everything but the channels: the summary registers, and holes */
static uint64_t fsl_elo_dma_block_read(void *opaque, hwaddr addr, unsigned size)
{
    FslEloDMAState *s = opaque;
    unsigned n;

    for (n = 0; n < fsl_elo_dma_channels(s->variant); n += 4) {
        if (addr == fsl_elo_dma_dgsr_base(s->variant, n / 4)) {
            uint32_t val = fsl_elo_dma_dgsr(s, n);

            trace_fsl_elo_dma_read(fsl_elo_dma_name(s), addr, val);
            return val;
        }
    }
    qemu_log_mask(LOG_GUEST_ERROR, "%s: no register at 0x%" HWADDR_PRIx "\n",
                  __func__, addr);
    return 0;
}

static void fsl_elo_dma_block_write(void *opaque, hwaddr addr, uint64_t val,
                                    unsigned size)
{
    qemu_log_mask(LOG_GUEST_ERROR,
                  "%s: no writable register at 0x%" HWADDR_PRIx "\n",
                  __func__, addr);
}

#define FSL_ELO_DMA_OPS(what, order)                                    \
    {                                                                   \
        .read = fsl_elo_dma_ ## what ## _read,                          \
        .write = fsl_elo_dma_ ## what ## _write,                        \
        .endianness = order,                                            \
        .valid = { .min_access_size = 4, .max_access_size = 4 },        \
    }

/* Indexed by "is Elo" */
static const MemoryRegionOps fsl_elo_dma_chan_ops[] = {
    FSL_ELO_DMA_OPS(chan, DEVICE_BIG_ENDIAN),
    FSL_ELO_DMA_OPS(chan, DEVICE_LITTLE_ENDIAN),
};

static const MemoryRegionOps fsl_elo_dma_block_ops[] = {
    FSL_ELO_DMA_OPS(block, DEVICE_BIG_ENDIAN),
    FSL_ELO_DMA_OPS(block, DEVICE_LITTLE_ENDIAN),
};

/*
 * Device
 */

static void fsl_elo_dma_reset(DeviceState *dev)
{
    FslEloDMAState *s = FSL_ELO_DMA(dev);
    unsigned n, i;

    for (n = 0; n < fsl_elo_dma_channels(s->variant); n++) {
        FslEloDMAChannel *c = &s->chan[n];

        fsl_elo_dma_stop(c);
        for (i = 0; i < ARRAY_SIZE(c->regs_info); i++) {
            register_reset(&c->regs_info[i]);
        }
        c->ddone = false;
        c->dreq = false;
        c->quota = 0;
        c->links = 0;
        c->hidden = 0;
        fsl_elo_dma_update(c);
    }
    fsl_elo_dma_schedule_request(s);
}

static void fsl_elo_dma_realize_channel(FslEloDMAState *s, unsigned n)
{
    FslEloDMAChannel *c = &s->chan[n];
    bool elo = s->variant == FSL_ELO_DMA_ELO;
    /* The place of Elo's upper NLNDAR word belongs to DGSR in channel 3 */
    uint64_t size = elo ? A_NLNDAR : FSL_ELO_DMA_R_MAX * 4;
    RegisterInfoArray *array;
    unsigned i;

    array = register_init_block32(DEVICE(s), fsl_elo_dma_regs_info,
                                  ARRAY_SIZE(fsl_elo_dma_regs_info),
                                  c->regs_info, c->regs,
                                  &fsl_elo_dma_chan_ops[elo], false, size);
    for (i = 0; i < ARRAY_SIZE(c->regs_info); i++) {
        c->regs_info[i].opaque = c;
    }
    memory_region_add_subregion(&s->iomem, fsl_elo_dma_channel_base(n),
                                &array->mem);
}

static void fsl_elo_dma_realize(DeviceState *dev, Error **errp)
{
    FslEloDMAState *s = FSL_ELO_DMA(dev);
    unsigned channels = fsl_elo_dma_channels(s->variant);
    bool elo = s->variant == FSL_ELO_DMA_ELO;
    unsigned n;

    address_space_init(&s->dma_as, s->dma_mr ?: get_system_memory(),
                       TYPE_FSL_ELO_DMA);
    memory_region_init_io(&s->iomem, OBJECT(s), &fsl_elo_dma_block_ops[elo], s,
                          TYPE_FSL_ELO_DMA, FSL_ELO_DMA_BLOCK_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(s), &s->iomem);
    for (n = 0; n < channels; n++) {
        fsl_elo_dma_realize_channel(s, n);
        if (!elo || n == 0) {
            sysbus_init_irq(SYS_BUS_DEVICE(s), &s->irq[n]);
        }
    }
    qdev_init_gpio_in_named(dev, fsl_elo_dma_dreq, "dreq", channels);
    qdev_init_gpio_out_named(dev, s->dack, "dack", channels);
    qdev_init_gpio_out_named(dev, s->ddone, "ddone", channels);
}

static const VMStateDescription vmstate_fsl_elo_dma_channel = {
    .name = TYPE_FSL_ELO_DMA "-channel",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(regs, FslEloDMAChannel, FSL_ELO_DMA_R_MAX),
        VMSTATE_BOOL(loaded, FslEloDMAChannel),
        VMSTATE_BOOL(ended, FslEloDMAChannel),
        VMSTATE_BOOL(paused, FslEloDMAChannel),
        VMSTATE_BOOL(serving, FslEloDMAChannel),
        VMSTATE_BOOL(ddone, FslEloDMAChannel),
        VMSTATE_BOOL(dreq, FslEloDMAChannel),
        VMSTATE_BOOL(irq_level, FslEloDMAChannel),
        VMSTATE_BOOL(fault, FslEloDMAChannel),
        VMSTATE_UINT32(quota, FslEloDMAChannel),
        VMSTATE_UINT32(links, FslEloDMAChannel),
        VMSTATE_UINT32(hidden, FslEloDMAChannel),
        VMSTATE_TIMER_PTR(timer, FslEloDMAChannel),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_fsl_elo_dma = {
    .name = TYPE_FSL_ELO_DMA,
    .version_id = 3,
    .minimum_version_id = 3,
    .fields = (VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(chan, FslEloDMAState, FSL_ELO_DMA_MAX_CHANNELS, 1,
                             vmstate_fsl_elo_dma_channel, FslEloDMAChannel),
        VMSTATE_UINT32(fault_channel, FslEloDMAState),
        VMSTATE_UINT32(fault_link, FslEloDMAState),
        VMSTATE_UINT32(fault_side, FslEloDMAState),
        VMSTATE_BOOL(fault_pe, FslEloDMAState),
        VMSTATE_UINT32(fault_lost_irq, FslEloDMAState),
        VMSTATE_BOOL(fault_storm, FslEloDMAState),
        VMSTATE_BOOL(fault_stuck, FslEloDMAState),
        VMSTATE_UINT32(request_channel, FslEloDMAState),
        VMSTATE_UINT64(request_period_ns, FslEloDMAState),
        VMSTATE_TIMER_PTR(request_timer, FslEloDMAState),
        VMSTATE_END_OF_LIST()
    }
};

static Property fsl_elo_dma_properties[] = {
    DEFINE_PROP_UINT64("link-time-ns", FslEloDMAState, link_time_ns, 200),
    DEFINE_PROP_LINK("dma", FslEloDMAState, dma_mr, TYPE_MEMORY_REGION,
                     MemoryRegion *),
    DEFINE_PROP_END_OF_LIST(),
};

static int fsl_elo_dma_get_variant(Object *obj, Error **errp)
{
    return FSL_ELO_DMA(obj)->variant;
}

static void fsl_elo_dma_set_variant(Object *obj, int val, Error **errp)
{
    if (DEVICE(obj)->realized) {
        error_setg(errp, "the variant cannot be changed after realize");
        return;
    }
    FSL_ELO_DMA(obj)->variant = val;
}

static int fsl_elo_dma_get_fault_side(Object *obj, Error **errp)
{
    return FSL_ELO_DMA(obj)->fault_side;
}

static void fsl_elo_dma_set_fault_side(Object *obj, int val, Error **errp)
{
    FSL_ELO_DMA(obj)->fault_side = val;
}

static bool fsl_elo_dma_get_fault_pe(Object *obj, Error **errp)
{
    return FSL_ELO_DMA(obj)->fault_pe;
}

static void fsl_elo_dma_set_fault_pe(Object *obj, bool val, Error **errp)
{
    FSL_ELO_DMA(obj)->fault_pe = val;
}

static bool fsl_elo_dma_get_fault_storm(Object *obj, Error **errp)
{
    return FSL_ELO_DMA(obj)->fault_storm;
}

static void fsl_elo_dma_set_fault_storm(Object *obj, bool val, Error **errp)
{
    FSL_ELO_DMA(obj)->fault_storm = val;
}

static bool fsl_elo_dma_get_fault_stuck(Object *obj, Error **errp)
{
    return FSL_ELO_DMA(obj)->fault_stuck;
}

static void fsl_elo_dma_set_fault_stuck(Object *obj, bool val, Error **errp)
{
    FslEloDMAState *s = FSL_ELO_DMA(obj);

    s->fault_stuck = val;
    if (s->fault_channel < FSL_ELO_DMA_MAX_CHANNELS) {
        FslEloDMAChannel *c = &s->chan[s->fault_channel];

        /* a busy channel that nobody has told to stop has MR[CS] set */
        if (!(c->regs[R_MR] & R_MR_CS_MASK)) {
            fsl_elo_dma_cs_cleared(c);
        }
    }
}

static void fsl_elo_dma_get_period(Object *obj, Visitor *v, const char *name,
                                   void *opaque, Error **errp)
{
    visit_type_uint64(v, name, &FSL_ELO_DMA(obj)->request_period_ns, errp);
}

static void fsl_elo_dma_set_period(Object *obj, Visitor *v, const char *name,
                                   void *opaque, Error **errp)
{
    FslEloDMAState *s = FSL_ELO_DMA(obj);
    uint64_t val;

    if (!visit_type_uint64(v, name, &val, errp)) {
        return;
    }
    if (val && (val < REQUEST_PERIOD_MIN || val > REQUEST_PERIOD_MAX)) {
        error_setg(errp, "%s must be 0, or from %u to %lld", name,
                   REQUEST_PERIOD_MIN, REQUEST_PERIOD_MAX);
        return;
    }
    s->request_period_ns = val;
    /* Before that the variant is not known; the reset that follows starts it */
    if (DEVICE(obj)->realized) {
        fsl_elo_dma_schedule_request(s);
    }
}

static void fsl_elo_dma_init(Object *obj)
{
    FslEloDMAState *s = FSL_ELO_DMA(obj);
    unsigned n;

    s->variant = FSL_ELO_DMA_ELOPLUS;
    s->request_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL,
                                    fsl_elo_dma_request_timer, s);
    for (n = 0; n < FSL_ELO_DMA_MAX_CHANNELS; n++) {
        FslEloDMAChannel *c = &s->chan[n];

        c->dma = s;
        c->index = n;
        c->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, fsl_elo_dma_timer, c);
    }

    /* Not qdev properties: those cannot be set on a running machine */
    object_property_add_uint32_ptr(obj, "fault-channel", &s->fault_channel,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "fault-link", &s->fault_link,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "fault-lost-irq", &s->fault_lost_irq,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "request-channel", &s->request_channel,
                                   OBJ_PROP_FLAG_READWRITE);
}

static void fsl_elo_dma_finalize(Object *obj)
{
    FslEloDMAState *s = FSL_ELO_DMA(obj);
    unsigned n;

    timer_free(s->request_timer);
    for (n = 0; n < FSL_ELO_DMA_MAX_CHANNELS; n++) {
        timer_free(s->chan[n].timer);
    }
}

static void fsl_elo_dma_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "Freescale Elo DMA controller";
    dc->realize = fsl_elo_dma_realize;
    dc->reset = fsl_elo_dma_reset;
    dc->vmsd = &vmstate_fsl_elo_dma;
    device_class_set_props(dc, fsl_elo_dma_properties);

    object_class_property_add_enum(klass, "variant", "FslEloDMAVariant",
                                   &FslEloDMAVariant_lookup,
                                   fsl_elo_dma_get_variant,
                                   fsl_elo_dma_set_variant);
    object_class_property_add_enum(klass, "fault-side", "FslEloDMASide",
                                   &side_lookup,
                                   fsl_elo_dma_get_fault_side,
                                   fsl_elo_dma_set_fault_side);
    object_class_property_add_bool(klass, "fault-pe",
                                   fsl_elo_dma_get_fault_pe,
                                   fsl_elo_dma_set_fault_pe);
    object_class_property_add_bool(klass, "fault-storm",
                                   fsl_elo_dma_get_fault_storm,
                                   fsl_elo_dma_set_fault_storm);
    object_class_property_add_bool(klass, "fault-stuck",
                                   fsl_elo_dma_get_fault_stuck,
                                   fsl_elo_dma_set_fault_stuck);
    object_class_property_add(klass, "request-period-ns", "uint64",
                              fsl_elo_dma_get_period, fsl_elo_dma_set_period,
                              NULL, NULL);
}

static const TypeInfo fsl_elo_dma_info = {
    .name = TYPE_FSL_ELO_DMA,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(FslEloDMAState),
    .instance_init = fsl_elo_dma_init,
    .instance_finalize = fsl_elo_dma_finalize,
    .class_init = fsl_elo_dma_class_init,
};

static void fsl_elo_dma_register_types(void)
{
    type_register_static(&fsl_elo_dma_info);
}

type_init(fsl_elo_dma_register_types)
