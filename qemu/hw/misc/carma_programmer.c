/*
 * CARMA data-FPGA programmer
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The part of the CARMA correlator's system-controller FPGA that configures the
 * board's data FPGAs. Software, or a DMA channel that the programmer paces,
 * writes an image into its FIFO.
 *
 *  offset  bits  register
 *  0x0000  32    version
 *  0x0040  32    config control: enable, reset, DMA mode
 *  0x0044  32    config status: errors, configuration done
 *  0x0048  32    FIFO size
 *  0x004c  32    FIFO used
 *  0x0050  32    total byte count
 *  0x0054  32    current byte count
 *  0x2000   8    CPLD version
 *  0x2006   8    power control
 *  0x200a   8    power status
 *  0x200b   8    power failure
 *  0x3000   -    FIFO window, 4 KiB: every write, of whatever size, goes into
 *                the FIFO in the order of its bytes in memory
 *
 * Lines: the interrupt, high from the end of a run, good or bad, until it is
 * disabled; the named output "dreq" and the named inputs "dack" and "ddone", as
 * of fsl-elo-dma.
 *
 * Properties. Those with a * can also be set on a running machine, for what
 * begins after that:
 *  fifo-size          bytes, a power of two from 16 to 2048 (default): half of
 *                     it is a request, and the largest of the DMA's is 1024
 *  drain-ns-per-byte  * virtual time to take a byte out of the FIFO, default
 *                     20; 0 is none
 *  answer-timeout-ns  * a request that is not answered for so long, default
 *                     1 ms, ends the run
 *  power-good-ns      * from power control to power good, default 100 ms
 *  power-off-ns       * until the rails have come down, default 500 ms
 *  fpga               * "ep2s90" or "ep2s130" (default), in the version
 *  cpld-version       * default 3
 *  bytes              read-only: taken into the FIFO since the last enable
 *  sha256             read-only: of these bytes; empty without a run
 *
 * Faults on demand. They can be set at any time and survive a reset:
 *  fault-stop-drain   while true, nothing leaves the FIFO
 *  fault-power-never  while true, power does not become good
 *  fault-power-lost   while true, the rails are down: power that is on, or is
 *                     switched on, raises the alarm, which stays until power is
 *                     switched off
 *  fault-error-after  N: the run ends with an error when it was given N bytes;
 *                     then it is 0, which is off
 *
 * What is known of the hardware leaves much room. This model's choices:
 *  - the meaning of the error bits, see FIELD(CONFIG_STATUS, ...)
 *  - reset is done once at the write and reads as 0; enable in the same write
 *    counts as a change from 0 to 1, even if it was 1 before
 *  - enable starts a run: FIFO, counts, errors and configuration done are those
 *    of no data. Only "data before enable" stays, if there was any since the
 *    last run, and ends this one at once. Disable empties the FIFO and keeps
 *    status and counts
 *  - a run that ended takes nothing more. One that ended well and is given more
 *    has the error "too many bytes" after all
 *  - the current byte count is of what has left the FIFO. All of it must leave
 *    before configuration is done
 *  - what a request owes is half the FIFO, or what is left of the image. The
 *    next request waits for it, for half the FIFO to be free, and for DACK to
 *    fall. A request whose DACK is high has an answer
 *  - DDONE before the last byte ends the run: the channel will give no more
 *  - power that is switched on before the rails were down raises the alarm
 *  - power failure has a bit for each of four rails; all fail together
 *  - FPGAs that lose power lose their configuration
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/util.h"
#include "qemu/bitops.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "hw/irq.h"
#include "hw/misc/carma_programmer.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "trace.h"

REG32(VERSION, 0x00)
    FIELD(VERSION, REVISION_B, 16, 1)
    FIELD(VERSION, CORRELATOR, 17, 1)
    FIELD(VERSION, EP2S130, 18, 1)
REG32(CONFIG_CONTROL, 0x40)
    FIELD(CONFIG_CONTROL, ENABLE, 0, 1)
    FIELD(CONFIG_CONTROL, RESET, 1, 1)
    FIELD(CONFIG_CONTROL, DMA, 2, 1)
REG32(CONFIG_STATUS, 0x44)
    FIELD(CONFIG_STATUS, EARLY, 1, 1)       /* data before enable */
    FIELD(CONFIG_STATUS, OVERRUN, 2, 1)     /* data for a full FIFO */
    FIELD(CONFIG_STATUS, EXCESS, 3, 1)      /* data behind the last byte */
    FIELD(CONFIG_STATUS, DRY, 4, 1)         /* a request without an answer */
    FIELD(CONFIG_STATUS, SHORT, 5, 1)       /* DDONE before the last byte */
    FIELD(CONFIG_STATUS, POWER, 6, 1)       /* no power, or not any more */
    FIELD(CONFIG_STATUS, TOTAL, 7, 1)       /* total byte count of 0 */
    FIELD(CONFIG_STATUS, DEMAND, 8, 1)      /* fault-error-after */
    FIELD(CONFIG_STATUS, DONE, 18, 1)
REG32(FIFO_SIZE, 0x48)
REG32(FIFO_USED, 0x4c)
REG32(TOTAL_COUNT, 0x50)
REG32(CURRENT_COUNT, 0x54)

/* Offsets from the first register of 8 bits */
REG8(CPLD_VERSION, 0x00)
REG8(POWER_CONTROL, 0x06)
    FIELD(POWER_CONTROL, ENABLE, 0, 1)
REG8(POWER_STATUS, 0x0a)
    FIELD(POWER_STATUS, GOOD, 0, 4)
    FIELD(POWER_STATUS, ALARM, 4, 1)
REG8(POWER_FAILURE, 0x0b)
    FIELD(POWER_FAILURE, RAILS, 0, 4)

#define CPLD_BASE       0x2000
#define WINDOW_BASE     0x3000
#define WINDOW_SIZE     (4 * KiB)

#define FIFO_MIN        16
#define FIFO_MAX        2048

#define STATUS_ERRORS   0x0000fffe

/* An image between enable and its end */
enum CarmaProgrammerRun {
    RUN_NONE,               /* disabled */
    RUN_ON,
    RUN_ENDED,
};

enum CarmaProgrammerPower {
    POWER_OFF,
    POWER_RISING,
    POWER_GOOD,
    POWER_ALARM,
};

enum CarmaProgrammerFPGA {
    FPGA_EP2S90,
    FPGA_EP2S130,
};

static const char *const fpga_names[] = { "ep2s90", "ep2s130" };

static const QEnumLookup fpga_lookup = {
    .array = fpga_names,
    .size = ARRAY_SIZE(fpga_names),
};

static int64_t carma_programmer_now(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static bool carma_programmer_enabled(CarmaProgrammerState *s)
{
    return s->regs[R_CONFIG_CONTROL] & R_CONFIG_CONTROL_ENABLE_MASK;
}

static bool carma_programmer_dma(CarmaProgrammerState *s)
{
    return s->regs[R_CONFIG_CONTROL] & R_CONFIG_CONTROL_DMA_MASK;
}

static uint32_t carma_programmer_total(CarmaProgrammerState *s)
{
    return s->regs[R_TOTAL_COUNT];
}

/* There is more to ask for, and nothing asked for still to come */
static bool carma_programmer_may_ask(CarmaProgrammerState *s)
{
    return carma_programmer_dma(s) && !s->asked && !s->dack &&
           s->given < carma_programmer_total(s);
}

/*
 * The end of a run
 */

static void carma_programmer_update_irq(CarmaProgrammerState *s)
{
    qemu_set_irq(s->irq, s->run == RUN_ENDED);
}

/* Bring what leaves the FIFO all the time up to now */
static void carma_programmer_drain(CarmaProgrammerState *s)
{
    int64_t now = carma_programmer_now();
    uint64_t count = 0;

    if (s->run == RUN_ON && !s->fault_stop_drain) {
        count = s->used;
        if (s->drain_ns_per_byte) {
            count = MIN(count, (now - s->drain_ns) / s->drain_ns_per_byte);
        }
    }
    s->used -= count;
    s->drained += count;
    if (s->run == RUN_ON && !s->fault_stop_drain && s->used) {
        s->drain_ns += count * s->drain_ns_per_byte;
    } else {
        s->drain_ns = now;
    }
}

/* The run takes no more data */
static void carma_programmer_close(CarmaProgrammerState *s, uint32_t run)
{
    s->run = run;
    s->asked = 0;
    timer_del(s->pace);
    timer_del(s->answer);
    if (s->sum) {
        pstrcpy((char *)s->sha256, sizeof(s->sha256),
                g_checksum_get_string(s->sum));
        g_checksum_free(s->sum);
        s->sum = NULL;
    }
}

static void carma_programmer_end(CarmaProgrammerState *s, uint32_t bit,
                                 const char *why)
{
    s->regs[R_CONFIG_STATUS] |= bit;
    if (s->run == RUN_ON) {
        carma_programmer_drain(s);
        carma_programmer_close(s, RUN_ENDED);
        trace_carma_programmer_end(why, s->drained, carma_programmer_total(s),
                                   s->regs[R_CONFIG_STATUS]);
        carma_programmer_update_irq(s);
    }
}

/*
 * Pacing
 */

/* Bytes in the FIFO at which there is something to do; more than fit if none */
static uint32_t carma_programmer_mark(CarmaProgrammerState *s)
{
    if (s->given == carma_programmer_total(s)) {
        return 0;
    }
    return carma_programmer_may_ask(s) ? s->fifo_size / 2 : UINT32_MAX;
}

static void carma_programmer_schedule(CarmaProgrammerState *s)
{
    uint32_t mark = carma_programmer_mark(s);
    uint64_t left = s->used > mark ? s->used - mark : 0;

    if (s->run != RUN_ON || mark == UINT32_MAX ||
        (left && s->fault_stop_drain)) {
        timer_del(s->pace);
        return;
    }
    /* Never "now", which may be amidst a write of the DMA controller's */
    timer_mod(s->pace, MAX(s->drain_ns + left * s->drain_ns_per_byte,
                           carma_programmer_now() + 1));
}

static void carma_programmer_ask(CarmaProgrammerState *s)
{
    s->asked = MIN(s->fifo_size / 2, carma_programmer_total(s) - s->given);
    trace_carma_programmer_request(s->given, s->used, s->asked);
    timer_mod(s->answer, carma_programmer_now() + MAX(s->answer_timeout_ns, 1));
    qemu_irq_pulse(s->dreq);
}

static void carma_programmer_pace(void *opaque)
{
    CarmaProgrammerState *s = opaque;

    carma_programmer_drain(s);
    if (s->given == carma_programmer_total(s) && !s->used) {
        carma_programmer_end(s, R_CONFIG_STATUS_DONE_MASK, "done");
        return;
    }
    if (carma_programmer_may_ask(s) && s->used <= s->fifo_size / 2) {
        carma_programmer_ask(s);
    }
    carma_programmer_schedule(s);
}

static void carma_programmer_no_answer(void *opaque)
{
    CarmaProgrammerState *s = opaque;

    if (s->dack) {
        timer_mod(s->answer,
                  carma_programmer_now() + MAX(s->answer_timeout_ns, 1));
    } else {
        carma_programmer_end(s, R_CONFIG_STATUS_DRY_MASK,
                             "a request was not answered");
    }
}

static void carma_programmer_dack(void *opaque, int n, int level)
{
    CarmaProgrammerState *s = opaque;

    s->dack = level;
    carma_programmer_drain(s);
    carma_programmer_schedule(s);
}

static void carma_programmer_ddone(void *opaque, int n, int level)
{
    CarmaProgrammerState *s = opaque;
    bool rising = level && !s->ddone;

    s->ddone = level;
    if (rising && s->run == RUN_ON && carma_programmer_dma(s) &&
        s->given < carma_programmer_total(s)) {
        carma_programmer_end(s, R_CONFIG_STATUS_SHORT_MASK,
                             "the channel ended before the image");
    }
}

/*
 * Data
 */

/* What fits into the FIFO and into the image */
static void carma_programmer_take(CarmaProgrammerState *s, const uint8_t *buf,
                                  unsigned size)
{
    unsigned count = MIN(size, carma_programmer_total(s) - s->given);

    carma_programmer_drain(s);
    count = MIN(count, s->fifo_size - s->used);
    g_checksum_update(s->sum, buf, count);
    s->used += count;
    s->given += count;
    s->asked -= MIN(s->asked, count);
    if (!s->asked) {
        timer_del(s->answer);
    }

    if (s->fault_error_after && s->given >= s->fault_error_after) {
        s->fault_error_after = 0;
        carma_programmer_end(s, R_CONFIG_STATUS_DEMAND_MASK,
                             "fault-error-after");
    } else if (count == size) {
        carma_programmer_schedule(s);
    } else if (s->given == carma_programmer_total(s)) {
        carma_programmer_end(s, R_CONFIG_STATUS_EXCESS_MASK, "too many bytes");
    } else {
        carma_programmer_end(s, R_CONFIG_STATUS_OVERRUN_MASK, "FIFO overrun");
    }
}

static void carma_programmer_window_write(void *opaque, hwaddr addr,
                                          uint64_t val, unsigned size)
{
    CarmaProgrammerState *s = opaque;
    uint8_t buf[8];

    stn_be_p(buf, size, val);
    if (s->run == RUN_ON) {
        carma_programmer_take(s, buf, size);
    } else if (s->run == RUN_NONE) {
        if (!s->early) {
            trace_carma_programmer_early();
        }
        s->early = true;
        s->regs[R_CONFIG_STATUS] |= R_CONFIG_STATUS_EARLY_MASK;
    } else if (!(s->regs[R_CONFIG_STATUS] & STATUS_ERRORS)) {
        carma_programmer_end(s, R_CONFIG_STATUS_EXCESS_MASK, "too many bytes");
    }
}

static uint64_t carma_programmer_window_read(void *opaque, hwaddr addr,
                                             unsigned size)
{
    qemu_log_mask(LOG_GUEST_ERROR, "%s: the FIFO cannot be read\n", __func__);
    return 0;
}

/*
 * Control
 */

static void carma_programmer_disable(CarmaProgrammerState *s)
{
    if (s->run == RUN_ON) {
        carma_programmer_drain(s);
        trace_carma_programmer_end("disabled", s->drained,
                                   carma_programmer_total(s),
                                   s->regs[R_CONFIG_STATUS]);
    }
    carma_programmer_close(s, RUN_NONE);
    s->used = 0;
    carma_programmer_update_irq(s);
}

/* No data was ever given */
static void carma_programmer_clear(CarmaProgrammerState *s)
{
    s->regs[R_CONFIG_STATUS] = 0;
    s->used = 0;
    s->given = 0;
    s->drained = 0;
    s->drain_ns = carma_programmer_now();
    s->sha256[0] = '\0';
}

static void carma_programmer_enable(CarmaProgrammerState *s)
{
    bool early = s->early;

    s->early = false;
    carma_programmer_clear(s);
    s->run = RUN_ON;
    s->sum = g_checksum_new(G_CHECKSUM_SHA256);
    trace_carma_programmer_enable(carma_programmer_total(s),
                                  carma_programmer_dma(s) ? "DMA" : "CPU");
    if (early) {
        carma_programmer_end(s, R_CONFIG_STATUS_EARLY_MASK,
                             "data before enable");
    } else if (s->power != POWER_GOOD) {
        carma_programmer_end(s, R_CONFIG_STATUS_POWER_MASK, "no power");
    } else if (!carma_programmer_total(s)) {
        carma_programmer_end(s, R_CONFIG_STATUS_TOTAL_MASK,
                             "total byte count of 0");
    } else {
        carma_programmer_schedule(s);
    }
}

static uint64_t carma_programmer_control_pre_write(RegisterInfo *reg,
                                                   uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;
    bool was = carma_programmer_enabled(s);
    bool reset = val & R_CONFIG_CONTROL_RESET_MASK;
    bool enable = val & R_CONFIG_CONTROL_ENABLE_MASK;

    val &= ~(uint64_t)R_CONFIG_CONTROL_RESET_MASK;
    if (was && enable && !reset) {
        if (val != s->regs[R_CONFIG_CONTROL]) {
            qemu_log_mask(LOG_GUEST_ERROR,
                          "%s: change of mode while enabled\n", __func__);
        }
        return s->regs[R_CONFIG_CONTROL];
    }
    if (reset || !enable) {
        carma_programmer_disable(s);
    }
    if (reset) {
        carma_programmer_clear(s);
        s->early = false;
        trace_carma_programmer_reset();
    }
    s->regs[R_CONFIG_CONTROL] = val;
    if (enable) {
        carma_programmer_enable(s);
    }
    return val;
}

static uint64_t carma_programmer_total_pre_write(RegisterInfo *reg,
                                                 uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    if (carma_programmer_enabled(s)) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "%s: write to TOTAL_COUNT while enabled\n", __func__);
        return carma_programmer_total(s);
    }
    return val;
}

static uint64_t carma_programmer_version_post_read(RegisterInfo *reg,
                                                   uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    return FIELD_DP32(0, VERSION, EP2S130, s->fpga == FPGA_EP2S130);
}

static uint64_t carma_programmer_size_post_read(RegisterInfo *reg, uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    return s->fifo_size;
}

static uint64_t carma_programmer_used_post_read(RegisterInfo *reg, uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    carma_programmer_drain(s);
    return s->used;
}

static uint64_t carma_programmer_current_post_read(RegisterInfo *reg,
                                                   uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    carma_programmer_drain(s);
    return s->drained;
}

/*
 * Power
 */

static void carma_programmer_set_power(CarmaProgrammerState *s, uint32_t power)
{
    static const char *const names[] = {
        [POWER_OFF] = "off",
        [POWER_RISING] = "rising",
        [POWER_GOOD] = "good",
        [POWER_ALARM] = "alarm",
    };

    if (power == s->power) {
        return;
    }
    trace_carma_programmer_power(names[power]);
    s->power = power;
    if (power == POWER_RISING) {
        timer_mod(s->power_up, carma_programmer_now() + s->power_good_ns);
    } else {
        timer_del(s->power_up);
    }
    if (power == POWER_OFF) {
        s->rails_down_ns = carma_programmer_now() + s->power_off_ns;
    }
    if (power != POWER_GOOD) {
        s->regs[R_CONFIG_STATUS] &= ~R_CONFIG_STATUS_DONE_MASK;
        if (s->run == RUN_ON) {
            carma_programmer_end(s, R_CONFIG_STATUS_POWER_MASK, "power lost");
        }
    }
}

static void carma_programmer_power_good(void *opaque)
{
    CarmaProgrammerState *s = opaque;

    if (!s->fault_power_never) {
        carma_programmer_set_power(s, POWER_GOOD);
    }
}

static void carma_programmer_power_post_write(RegisterInfo *reg, uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    if (!(val & R_POWER_CONTROL_ENABLE_MASK)) {
        carma_programmer_set_power(s, POWER_OFF);
    } else if (s->power != POWER_OFF) {
        return;
    } else if (s->fault_power_lost ||
               carma_programmer_now() < s->rails_down_ns) {
        carma_programmer_set_power(s, POWER_ALARM);
    } else {
        carma_programmer_set_power(s, POWER_RISING);
    }
}

static uint64_t carma_programmer_cpld_post_read(RegisterInfo *reg, uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    return s->cpld_version;
}

static uint64_t carma_programmer_status_post_read(RegisterInfo *reg,
                                                  uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    switch (s->power) {
    case POWER_GOOD:
        return R_POWER_STATUS_GOOD_MASK;
    case POWER_ALARM:
        return R_POWER_STATUS_ALARM_MASK;
    default:
        return 0;
    }
}

static uint64_t carma_programmer_failure_post_read(RegisterInfo *reg,
                                                   uint64_t val)
{
    CarmaProgrammerState *s = reg->opaque;

    return s->power == POWER_ALARM ? R_POWER_FAILURE_RAILS_MASK : 0;
}

/*
 * Registers
 */

static const RegisterAccessInfo carma_programmer_regs_info[] = {
    {
        .name = "VERSION",
        .addr = A_VERSION,
        .rsvd = UINT32_MAX,
        .post_read = carma_programmer_version_post_read,
    }, {
        .name = "CONFIG_CONTROL",
        .addr = A_CONFIG_CONTROL,
        .rsvd = ~(R_CONFIG_CONTROL_ENABLE_MASK | R_CONFIG_CONTROL_RESET_MASK |
                  R_CONFIG_CONTROL_DMA_MASK),
        .pre_write = carma_programmer_control_pre_write,
    }, {
        .name = "CONFIG_STATUS",
        .addr = A_CONFIG_STATUS,
        .rsvd = UINT32_MAX,
    }, {
        .name = "FIFO_SIZE",
        .addr = A_FIFO_SIZE,
        .rsvd = UINT32_MAX,
        .post_read = carma_programmer_size_post_read,
    }, {
        .name = "FIFO_USED",
        .addr = A_FIFO_USED,
        .rsvd = UINT32_MAX,
        .post_read = carma_programmer_used_post_read,
    }, {
        .name = "TOTAL_COUNT",
        .addr = A_TOTAL_COUNT,
        .pre_write = carma_programmer_total_pre_write,
    }, {
        .name = "CURRENT_COUNT",
        .addr = A_CURRENT_COUNT,
        .rsvd = UINT32_MAX,
        .post_read = carma_programmer_current_post_read,
    },
};

static const RegisterAccessInfo carma_programmer_cpld_info[] = {
    {
        .name = "CPLD_VERSION",
        .addr = A_CPLD_VERSION,
        .rsvd = UINT8_MAX,
        .post_read = carma_programmer_cpld_post_read,
    }, {
        .name = "POWER_CONTROL",
        .addr = A_POWER_CONTROL,
        .rsvd = UINT8_MAX & ~R_POWER_CONTROL_ENABLE_MASK,
        .post_write = carma_programmer_power_post_write,
    }, {
        .name = "POWER_STATUS",
        .addr = A_POWER_STATUS,
        .rsvd = UINT8_MAX,
        .post_read = carma_programmer_status_post_read,
    }, {
        .name = "POWER_FAILURE",
        .addr = A_POWER_FAILURE,
        .rsvd = UINT8_MAX,
        .post_read = carma_programmer_failure_post_read,
    },
};

static uint64_t carma_programmer_hole_read(void *opaque, hwaddr addr,
                                           unsigned size)
{
    qemu_log_mask(LOG_GUEST_ERROR, "%s: no register at 0x%" HWADDR_PRIx "\n",
                  __func__, addr);
    return 0;
}

static void carma_programmer_hole_write(void *opaque, hwaddr addr, uint64_t val,
                                        unsigned size)
{
    qemu_log_mask(LOG_GUEST_ERROR, "%s: no register at 0x%" HWADDR_PRIx "\n",
                  __func__, addr);
}

static const MemoryRegionOps carma_programmer_regs_ops = {
    .read = register_read_memory,
    .write = register_write_memory,
    .endianness = DEVICE_BIG_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

static const MemoryRegionOps carma_programmer_cpld_ops = {
    .read = register_read_memory,
    .write = register_write_memory,
    .endianness = DEVICE_BIG_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 1 },
};

static const MemoryRegionOps carma_programmer_window_ops = {
    .read = carma_programmer_window_read,
    .write = carma_programmer_window_write,
    .endianness = DEVICE_BIG_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

static const MemoryRegionOps carma_programmer_hole_ops = {
    .read = carma_programmer_hole_read,
    .write = carma_programmer_hole_write,
    .endianness = DEVICE_BIG_ENDIAN,
};

/*
 * Device
 */

static void carma_programmer_reset(DeviceState *dev)
{
    CarmaProgrammerState *s = CARMA_PROGRAMMER(dev);
    unsigned i;

    carma_programmer_disable(s);
    for (i = 0; i < ARRAY_SIZE(carma_programmer_regs_info); i++) {
        register_reset(&s->regs_info[carma_programmer_regs_info[i].addr / 4]);
    }
    /* Switches power off */
    for (i = 0; i < ARRAY_SIZE(carma_programmer_cpld_info); i++) {
        register_reset(&s->cpld_info[carma_programmer_cpld_info[i].addr]);
    }
    carma_programmer_clear(s);
    s->early = false;
}

static void carma_programmer_realize(DeviceState *dev, Error **errp)
{
    CarmaProgrammerState *s = CARMA_PROGRAMMER(dev);
    RegisterInfoArray *regs, *cpld;

    if (!is_power_of_2(s->fifo_size) || s->fifo_size < FIFO_MIN ||
        s->fifo_size > FIFO_MAX) {
        error_setg(errp, "fifo-size must be a power of two from %u to %u",
                   FIFO_MIN, FIFO_MAX);
        return;
    }
    memory_region_init_io(&s->iomem, OBJECT(s), &carma_programmer_hole_ops, s,
                          TYPE_CARMA_PROGRAMMER, CARMA_PROGRAMMER_SIZE);
    regs = register_init_block32(dev, carma_programmer_regs_info,
                                 ARRAY_SIZE(carma_programmer_regs_info),
                                 s->regs_info, s->regs,
                                 &carma_programmer_regs_ops, false,
                                 sizeof(s->regs));
    cpld = register_init_block8(dev, carma_programmer_cpld_info,
                                ARRAY_SIZE(carma_programmer_cpld_info),
                                s->cpld_info, s->cpld,
                                &carma_programmer_cpld_ops, false,
                                sizeof(s->cpld));
    memory_region_init_io(&s->window, OBJECT(s), &carma_programmer_window_ops,
                          s, TYPE_CARMA_PROGRAMMER "-fifo", WINDOW_SIZE);
    memory_region_add_subregion(&s->iomem, 0, &regs->mem);
    memory_region_add_subregion(&s->iomem, CPLD_BASE, &cpld->mem);
    memory_region_add_subregion(&s->iomem, WINDOW_BASE, &s->window);
    sysbus_init_mmio(SYS_BUS_DEVICE(s), &s->iomem);
    sysbus_init_irq(SYS_BUS_DEVICE(s), &s->irq);
    qdev_init_gpio_out_named(dev, &s->dreq, "dreq", 1);
    qdev_init_gpio_in_named(dev, carma_programmer_dack, "dack", 1);
    qdev_init_gpio_in_named(dev, carma_programmer_ddone, "ddone", 1);
}

/* The state of a SHA-256 that is being made cannot be had */
static int carma_programmer_pre_save(void *opaque)
{
    CarmaProgrammerState *s = opaque;

    if (s->run == RUN_ON) {
        error_report(TYPE_CARMA_PROGRAMMER ": an image is being loaded: "
                     "save or migrate when it is done");
        return -EBUSY;
    }
    return 0;
}

static const VMStateDescription vmstate_carma_programmer = {
    .name = TYPE_CARMA_PROGRAMMER,
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = carma_programmer_pre_save,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32_ARRAY(regs, CarmaProgrammerState,
                             CARMA_PROGRAMMER_R_MAX),
        VMSTATE_UINT8_ARRAY(cpld, CarmaProgrammerState,
                            CARMA_PROGRAMMER_CPLD_MAX),
        VMSTATE_UINT32(run, CarmaProgrammerState),
        VMSTATE_UINT32(power, CarmaProgrammerState),
        VMSTATE_INT64(rails_down_ns, CarmaProgrammerState),
        VMSTATE_TIMER_PTR(power_up, CarmaProgrammerState),
        VMSTATE_BOOL(early, CarmaProgrammerState),
        VMSTATE_BOOL(dack, CarmaProgrammerState),
        VMSTATE_BOOL(ddone, CarmaProgrammerState),
        VMSTATE_UINT32(used, CarmaProgrammerState),
        VMSTATE_UINT64(given, CarmaProgrammerState),
        VMSTATE_UINT64(drained, CarmaProgrammerState),
        VMSTATE_BUFFER(sha256, CarmaProgrammerState),
        VMSTATE_UINT32(drain_ns_per_byte, CarmaProgrammerState),
        VMSTATE_UINT64(answer_timeout_ns, CarmaProgrammerState),
        VMSTATE_UINT64(power_good_ns, CarmaProgrammerState),
        VMSTATE_UINT64(power_off_ns, CarmaProgrammerState),
        VMSTATE_UINT32(fpga, CarmaProgrammerState),
        VMSTATE_UINT8(cpld_version, CarmaProgrammerState),
        VMSTATE_BOOL(fault_stop_drain, CarmaProgrammerState),
        VMSTATE_BOOL(fault_power_never, CarmaProgrammerState),
        VMSTATE_BOOL(fault_power_lost, CarmaProgrammerState),
        VMSTATE_UINT32(fault_error_after, CarmaProgrammerState),
        VMSTATE_END_OF_LIST()
    }
};

static Property carma_programmer_properties[] = {
    DEFINE_PROP_UINT32("fifo-size", CarmaProgrammerState, fifo_size, FIFO_MAX),
    DEFINE_PROP_END_OF_LIST(),
};

static char *carma_programmer_get_sha256(Object *obj, Error **errp)
{
    CarmaProgrammerState *s = CARMA_PROGRAMMER(obj);
    g_autoptr(GChecksum) copy = NULL;

    if (!s->sum) {
        return g_strndup((const char *)s->sha256, sizeof(s->sha256) - 1);
    }
    copy = g_checksum_copy(s->sum);
    return g_strdup(g_checksum_get_string(copy));
}

static int carma_programmer_get_fpga(Object *obj, Error **errp)
{
    return CARMA_PROGRAMMER(obj)->fpga;
}

static void carma_programmer_set_fpga(Object *obj, int val, Error **errp)
{
    CARMA_PROGRAMMER(obj)->fpga = val;
}

static bool carma_programmer_get_stop_drain(Object *obj, Error **errp)
{
    return CARMA_PROGRAMMER(obj)->fault_stop_drain;
}

/* What left the FIFO so far has left it */
static void carma_programmer_set_stop_drain(Object *obj, bool val, Error **errp)
{
    CarmaProgrammerState *s = CARMA_PROGRAMMER(obj);

    carma_programmer_drain(s);
    s->fault_stop_drain = val;
    carma_programmer_schedule(s);
}

static bool carma_programmer_get_power_never(Object *obj, Error **errp)
{
    return CARMA_PROGRAMMER(obj)->fault_power_never;
}

static void carma_programmer_set_power_never(Object *obj, bool val,
                                             Error **errp)
{
    CARMA_PROGRAMMER(obj)->fault_power_never = val;
}

static bool carma_programmer_get_power_lost(Object *obj, Error **errp)
{
    return CARMA_PROGRAMMER(obj)->fault_power_lost;
}

static void carma_programmer_set_power_lost(Object *obj, bool val, Error **errp)
{
    CarmaProgrammerState *s = CARMA_PROGRAMMER(obj);

    s->fault_power_lost = val;
    if (val && s->power != POWER_OFF) {
        carma_programmer_set_power(s, POWER_ALARM);
    }
}

static void carma_programmer_init(Object *obj)
{
    CarmaProgrammerState *s = CARMA_PROGRAMMER(obj);

    s->drain_ns_per_byte = 20;
    s->answer_timeout_ns = SCALE_MS;
    s->power_good_ns = 100 * SCALE_MS;
    s->power_off_ns = 500 * SCALE_MS;
    s->fpga = FPGA_EP2S130;
    s->cpld_version = 3;
    s->pace = timer_new_ns(QEMU_CLOCK_VIRTUAL, carma_programmer_pace, s);
    s->answer = timer_new_ns(QEMU_CLOCK_VIRTUAL, carma_programmer_no_answer, s);
    s->power_up = timer_new_ns(QEMU_CLOCK_VIRTUAL, carma_programmer_power_good,
                               s);

    /* Not qdev properties: those cannot be set on a running machine */
    object_property_add_uint32_ptr(obj, "drain-ns-per-byte",
                                   &s->drain_ns_per_byte,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "answer-timeout-ns",
                                   &s->answer_timeout_ns,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "power-good-ns", &s->power_good_ns,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "power-off-ns", &s->power_off_ns,
                                   OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint8_ptr(obj, "cpld-version", &s->cpld_version,
                                  OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint64_ptr(obj, "bytes", &s->given, OBJ_PROP_FLAG_READ);
    object_property_add_uint32_ptr(obj, "fault-error-after",
                                   &s->fault_error_after,
                                   OBJ_PROP_FLAG_READWRITE);
}

static void carma_programmer_finalize(Object *obj)
{
    CarmaProgrammerState *s = CARMA_PROGRAMMER(obj);

    timer_free(s->pace);
    timer_free(s->answer);
    timer_free(s->power_up);
    g_clear_pointer(&s->sum, g_checksum_free);
}

static void carma_programmer_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    dc->desc = "CARMA data-FPGA programmer";
    dc->realize = carma_programmer_realize;
    dc->reset = carma_programmer_reset;
    dc->vmsd = &vmstate_carma_programmer;
    device_class_set_props(dc, carma_programmer_properties);

    object_class_property_add_str(klass, "sha256", carma_programmer_get_sha256,
                                  NULL);
    object_class_property_add_enum(klass, "fpga", "CarmaProgrammerFPGA",
                                   &fpga_lookup, carma_programmer_get_fpga,
                                   carma_programmer_set_fpga);
    object_class_property_add_bool(klass, "fault-stop-drain",
                                   carma_programmer_get_stop_drain,
                                   carma_programmer_set_stop_drain);
    object_class_property_add_bool(klass, "fault-power-never",
                                   carma_programmer_get_power_never,
                                   carma_programmer_set_power_never);
    object_class_property_add_bool(klass, "fault-power-lost",
                                   carma_programmer_get_power_lost,
                                   carma_programmer_set_power_lost);
}

static const TypeInfo carma_programmer_info = {
    .name = TYPE_CARMA_PROGRAMMER,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(CarmaProgrammerState),
    .instance_init = carma_programmer_init,
    .instance_finalize = carma_programmer_finalize,
    .class_init = carma_programmer_class_init,
};

static void carma_programmer_register_types(void)
{
    type_register_static(&carma_programmer_info);
}

type_init(carma_programmer_register_types)
