/*
 * What the tests of the machine e500-elo share
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef E500_ELO_TEST_H
#define E500_ELO_TEST_H

#include "qemu/bswap.h"
#include "qapi/qmp/qdict.h"
#include "libqtest.h"

/* What a test runs for: each test has its own */
typedef struct Variant Variant;

typedef struct Board {
    QTestState *qts;
    const Variant *v;
    const char *path;       /* of the device that is tested */
    char *log;
} Board;

/* The machine insists on something to load: one ELF segment of nothing */
static inline void make_kernel(const char *name)
{
    const uint32_t image[] = {
        /* ELF header: 32 bit, big endian, executable, PowerPC */
        0x7f454c46, 0x01020100, 0, 0,
        0x00020014, 1, 0x00100000, 52,
        0, 0, 0x00340020, 0x00010000,
        0,
        /* program header: load 4 bytes from offset 84 to 1 MiB */
        1, 84, 0x00100000, 0x00100000, 4, 4, 7, 4,
        /* b . */
        0x48000000,
    };
    uint32_t data[ARRAY_SIZE(image)];
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(image); i++) {
        data[i] = cpu_to_be32(image[i]);
    }
    g_assert_true(g_file_set_contents(name, (char *)data, sizeof(data), NULL));
}

static inline void set_uint(Board *b, const char *property, unsigned val)
{
    qtest_qmp_assert_success(b->qts,
                             "{'execute': 'qom-set', 'arguments':"
                             " {'path': %s, 'property': %s, 'value': %u}}",
                             b->path, property, val);
}

static inline void set_bool(Board *b, const char *property, bool val)
{
    qtest_qmp_assert_success(b->qts,
                             "{'execute': 'qom-set', 'arguments':"
                             " {'path': %s, 'property': %s, 'value': %i}}",
                             b->path, property, val);
}

static inline void set_str(Board *b, const char *property, const char *val)
{
    qtest_qmp_assert_success(b->qts,
                             "{'execute': 'qom-set', 'arguments':"
                             " {'path': %s, 'property': %s, 'value': %s}}",
                             b->path, property, val);
}

static inline QDict *get(Board *b, const char *property)
{
    return qtest_qmp(b->qts, "{'execute': 'qom-get', 'arguments':"
                     " {'path': %s, 'property': %s}}", b->path, property);
}

static inline unsigned get_uint(Board *b, const char *property)
{
    QDict *rsp = get(b, property);
    unsigned val = qdict_get_int(rsp, "return");

    qobject_unref(rsp);
    return val;
}

static inline bool get_bool(Board *b, const char *property)
{
    QDict *rsp = get(b, property);
    bool val = qdict_get_bool(rsp, "return");

    qobject_unref(rsp);
    return val;
}

static inline void system_reset(Board *b)
{
    qtest_qmp_assert_success(b->qts, "{'execute': 'system_reset'}");
    qtest_qmp_eventwait(b->qts, "RESET");
}

#endif
