/*
 * CARMA data-FPGA programmer
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_MISC_CARMA_PROGRAMMER_H
#define HW_MISC_CARMA_PROGRAMMER_H

#include "hw/register.h"
#include "hw/sysbus.h"
#include "qemu/timer.h"
#include "qom/object.h"

#define TYPE_CARMA_PROGRAMMER "carma-programmer"
OBJECT_DECLARE_SIMPLE_TYPE(CarmaProgrammerState, CARMA_PROGRAMMER)

/* Size of the MMIO region */
#define CARMA_PROGRAMMER_SIZE 0x4000

/* Registers of 32 and of 8 bits, see the REG lists in the model */
#define CARMA_PROGRAMMER_R_MAX (0x58 / 4)
#define CARMA_PROGRAMMER_CPLD_MAX 0x0c

/* A SHA-256 in hexadecimal */
#define CARMA_PROGRAMMER_SUM_SIZE 65

struct CarmaProgrammerState {
    SysBusDevice parent_obj;

    MemoryRegion iomem;
    MemoryRegion window;
    qemu_irq irq;
    qemu_irq dreq;
    RegisterInfo regs_info[CARMA_PROGRAMMER_R_MAX];
    uint32_t regs[CARMA_PROGRAMMER_R_MAX];
    RegisterInfo cpld_info[CARMA_PROGRAMMER_CPLD_MAX];
    uint8_t cpld[CARMA_PROGRAMMER_CPLD_MAX];

    QEMUTimer *pace;        /* the next request, or the end */
    QEMUTimer *answer;      /* the time in which a request is answered */
    QEMUTimer *power_up;

    uint32_t run;           /* enum CarmaProgrammerRun */
    uint32_t power;         /* enum CarmaProgrammerPower */
    int64_t rails_down_ns;  /* when the rails have come down: no power before */
    bool early;             /* data since the last run, so of none */
    bool dack;              /* levels of the inputs */
    bool ddone;
    uint32_t asked;         /* bytes that the last request still owes */
    uint32_t used;          /* bytes in the FIFO, as of drain_ns */
    uint64_t given;         /* bytes taken into the FIFO in this run */
    uint64_t drained;       /* bytes that left it, as of drain_ns */
    int64_t drain_ns;
    GChecksum *sum;         /* of the run that is on, else NULL */
    uint8_t sha256[CARMA_PROGRAMMER_SUM_SIZE]; /* of the one before, a string */

    uint32_t fifo_size;
    uint32_t drain_ns_per_byte;
    uint64_t answer_timeout_ns;
    uint64_t power_good_ns;
    uint64_t power_off_ns;
    uint32_t fpga;          /* enum CarmaProgrammerFPGA */
    uint8_t cpld_version;

    bool fault_stop_drain;
    bool fault_power_never;
    bool fault_power_lost;
    uint32_t fault_error_after;
};

#endif /* HW_MISC_CARMA_PROGRAMMER_H */
