/*
 * QTest for the CARMA data-FPGA programmer
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every test runs with each DMA controller that can serve the programmer, on a
 * machine of its own. Requests are counted by the model's trace.
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "e500-elo-test.h"

#define BASE            0xf0000000ULL
#define PATH            "/machine/fpga-programmer"
#define IRQ             72

#define VERSION         0x0000
#define  EP2S130         0x00040000
#define CONTROL         0x0040
#define  ENABLE          0x1
#define  RESET           0x2
#define  DMA             0x4
#define STATUS          0x0044
#define  EARLY           0x00002
#define  OVERRUN         0x00004
#define  EXCESS          0x00008
#define  DRY             0x00010
#define  SHORT           0x00020
#define  POWER           0x00040
#define  TOTAL_ZERO      0x00080
#define  DEMAND          0x00100
#define  DONE            0x40000
#define FIFO_SIZE       0x0048
#define FIFO_USED       0x004c
#define TOTAL           0x0050
#define CURRENT         0x0054
#define CPLD            0x2000
#define POWER_CONTROL   0x2006
#define POWER_STATUS    0x200a
#define  GOOD            0x0f
#define  ALARM           0x10
#define POWER_FAILURE   0x200b
#define WINDOW          0x3000
#define WINDOW_SIZE     0x1000

/* The model's defaults */
#define FIFO            2048
#define BYTE_NS         20
#define ANSWER_NS       1000000
#define GOOD_NS         100000000
#define OFF_NS          500000000

/* Where the tests keep the image, and the links that take it to the window */
#define LINKS           (32 * MiB)
#define IMAGE           (40 * MiB)
#define IMAGE_MAX       20000

/* The DMA channel, in the order of EloPlus */
#define MR              0x00
#define  MR_CS           0x00000001
#define  MR_EMS_EN       0x00040000
#define  MR_EMP_EN       0x00200000
#define  MR_BWC(n)       ((n) << 24)
#define SR              0x04
#define  SR_CB           0x04
#define  SR_W1C          0x9b
#define CLNDAR          0x0c
#define NEXT_EOLND      0x01

/* Half the FIFO for each request */
#define MR_PACED        (MR_EMS_EN | MR_EMP_EN | MR_BWC(10))

struct Variant {
    const char *name;
    const char *machine;
    const char *node;       /* the controller's, in the device tree */
    uint64_t channel;
    bool elo;
    uint32_t end;           /* status at the end of a chain */
};

static const Variant variants[] = {
    {
        .name = "eloplus", .machine = "e500-elo", .node = "dma@21300",
        .channel = 0xfe0021100ULL, .end = 0x08,
    }, {
        .name = "elo", .machine = "e500-elo,programmer=dma1",
        .node = "dma@222a8", .channel = 0xfe0022100ULL, .elo = true,
        .end = 0x01,
    },
};

static char *tmpdir;
static char *kernel;

/*
 * Board
 */

/* The trace of requests and what the guest did wrong go to a file */
static Board board_start(const Variant *v, const char *args)
{
    static unsigned number;
    Board b = { .v = v, .path = PATH };

    b.log = g_strdup_printf("%s/log-%u", tmpdir, number++);
    b.qts = qtest_initf("-nodefaults -machine %s -kernel %s -D %s"
                        " -d guest_errors,trace:carma_programmer_request %s",
                        v->machine, kernel, b.log, args);
    qtest_irq_intercept_in(b.qts, "/machine/pic");
    return b;
}

static Board board(const void *v)
{
    return board_start(v, "-m 64M");
}

static void board_stop(Board *b)
{
    qtest_quit(b->qts);
    unlink(b->log);
    g_free(b->log);
}

static uint32_t rd(Board *b, unsigned reg)
{
    return qtest_readl(b->qts, BASE + reg);
}

static void wr(Board *b, unsigned reg, uint32_t val)
{
    qtest_writel(b->qts, BASE + reg, val);
}

static uint8_t rd8(Board *b, unsigned reg)
{
    return qtest_readb(b->qts, BASE + reg);
}

static void wr8(Board *b, unsigned reg, uint8_t val)
{
    qtest_writeb(b->qts, BASE + reg, val);
}

static bool irq(Board *b)
{
    return qtest_get_irq(b->qts, IRQ);
}

static void step(Board *b, int64_t ns)
{
    qtest_clock_step(b->qts, ns);
}

static void dack(Board *b, int level)
{
    qtest_set_irq_in(b->qts, PATH, "dack", 0, level);
}

static void ddone(Board *b, int level)
{
    qtest_set_irq_in(b->qts, PATH, "ddone", 0, level);
}

/*
 * The model's log
 */

static char *log_text(Board *b)
{
    char *text = NULL;

    g_assert_true(g_file_get_contents(b->log, &text, NULL, NULL));
    return text;
}

static unsigned count_logged(Board *b, const char *what)
{
    g_autofree char *text = log_text(b);
    const char *at = text;
    unsigned found = 0;

    while ((at = strstr(at, what))) {
        found++;
        at += strlen(what);
    }
    return found;
}

static unsigned requests(Board *b)
{
    return count_logged(b, "carma_programmer_request ");
}

/* So many requests so far, the last of them this one */
static void assert_request(Board *b, unsigned count, unsigned given,
                           unsigned used, unsigned asked)
{
    g_autofree char *last = g_strdup_printf("given %u used %u, asks for %u\n",
                                            given, used, asked);

    g_assert_cmpuint(requests(b), ==, count);
    g_assert_cmpuint(count_logged(b, last), ==, 1);
}

/*
 * Images
 */

static uint8_t pattern(uint32_t i)
{
    return i * 7 + (i >> 8);
}

/* The image's first len bytes, and nothing else, went in since enable */
static void assert_given(Board *b, uint32_t len)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    QDict *rsp = get(b, "sha256");
    uint32_t i;

    for (i = 0; i < len; i++) {
        uint8_t byte = pattern(i);

        g_checksum_update(sum, &byte, 1);
    }
    g_assert_cmpstr(qdict_get_str(rsp, "return"), ==,
                    g_checksum_get_string(sum));
    qobject_unref(rsp);
    g_assert_cmpuint(get_uint(b, "bytes"), ==, len);
}

/* The image's bytes from one on, as a CPU writes words, then the odd bytes */
static void give(Board *b, uint32_t from, uint32_t len)
{
    uint32_t end = from + len;

    while (from < end) {
        uint8_t word[4] = {
            pattern(from), pattern(from + 1),
            pattern(from + 2), pattern(from + 3),
        };

        if (end - from >= 4) {
            qtest_writel(b->qts, BASE + WINDOW, ldl_be_p(word));
            from += 4;
        } else {
            wr8(b, WINDOW, word[0]);
            from++;
        }
    }
}

static void power_up(Board *b)
{
    wr8(b, POWER_CONTROL, 1);
    step(b, GOOD_NS);
    g_assert_cmphex(rd8(b, POWER_STATUS), ==, GOOD);
}

static Board powered(const void *v)
{
    Board b = board(v);

    power_up(&b);
    return b;
}

static void enable(Board *b, uint32_t total, uint32_t mode)
{
    wr(b, TOTAL, total);
    wr(b, CONTROL, ENABLE | mode);
}

/* The run is over, with this status */
static void assert_ended(Board *b, uint32_t status)
{
    g_assert_cmphex(rd(b, STATUS), ==, status);
    g_assert_true(irq(b));
}

static void assert_running(Board *b)
{
    g_assert_cmphex(rd(b, STATUS), ==, 0);
    g_assert_false(irq(b));
}

/* After anything at all, a load by CPU works */
static void check_good_load(Board *b)
{
    wr(b, CONTROL, 0);
    g_assert_false(irq(b));
    enable(b, 100, 0);
    give(b, 0, 100);
    assert_running(b);
    step(b, 100 * BYTE_NS);
    assert_ended(b, DONE);
    assert_given(b, 100);
    wr(b, CONTROL, 0);
    g_assert_false(irq(b));
}

/*
 * Registers
 */

static void assert_reset_state(Board *b)
{
    g_assert_cmphex(rd(b, VERSION), ==, EP2S130);
    g_assert_cmphex(rd(b, CONTROL), ==, 0);
    g_assert_cmphex(rd(b, STATUS), ==, 0);
    g_assert_cmphex(rd(b, FIFO_SIZE), ==, FIFO);
    g_assert_cmphex(rd(b, FIFO_USED), ==, 0);
    g_assert_cmphex(rd(b, TOTAL), ==, 0);
    g_assert_cmphex(rd(b, CURRENT), ==, 0);
    g_assert_cmphex(rd8(b, CPLD), ==, 3);
    g_assert_cmphex(rd8(b, POWER_CONTROL), ==, 0);
    g_assert_cmphex(rd8(b, POWER_STATUS), ==, 0);
    g_assert_cmphex(rd8(b, POWER_FAILURE), ==, 0);
    g_assert_false(irq(b));
}

/* What stays of a write of all ones */
static void test_registers(const void *data)
{
    static const unsigned read_only[] = {
        VERSION, STATUS, FIFO_SIZE, FIFO_USED, CURRENT,
    };
    static const unsigned read_only8[] = { CPLD, POWER_STATUS, POWER_FAILURE };
    Board b = board(data);
    unsigned i;

    assert_reset_state(&b);
    for (i = 0; i < ARRAY_SIZE(read_only); i++) {
        wr(&b, read_only[i], 0xffffffff);
    }
    for (i = 0; i < ARRAY_SIZE(read_only8); i++) {
        wr8(&b, read_only8[i], 0xff);
    }
    assert_reset_state(&b);

    wr(&b, TOTAL, 0x12345678);
    g_assert_cmphex(rd(&b, TOTAL), ==, 0x12345678);
    /* all but enable; reset does not stay */
    wr(&b, CONTROL, ~ENABLE);
    g_assert_cmphex(rd(&b, CONTROL), ==, DMA);
    wr(&b, CONTROL, 0);
    wr8(&b, POWER_CONTROL, 0xff);
    g_assert_cmphex(rd8(&b, POWER_CONTROL), ==, 1);
    wr8(&b, POWER_CONTROL, 0xfe);
    g_assert_cmphex(rd8(&b, POWER_CONTROL), ==, 0);
    board_stop(&b);
}

/* Byte order, with no help of the accessors above */
static void test_layout(const void *data)
{
    Board b = board(data);
    uint8_t total[4] = { 0x00, 0x01, 0x02, 0x03 };
    uint8_t size[4];

    qtest_memwrite(b.qts, BASE + 0x50, total, 4);
    g_assert_cmphex(rd(&b, TOTAL), ==, 0x00010203);
    qtest_memread(b.qts, BASE + 0x48, size, 4);
    g_assert_cmphex(ldl_be_p(size), ==, FIFO);
    board_stop(&b);
}

static void test_kinds(const void *data)
{
    Board b = board_start(data, "-m 64M -global carma-programmer.fpga=ep2s90"
                          " -global carma-programmer.cpld-version=2"
                          " -global carma-programmer.fifo-size=16");

    g_assert_cmphex(rd(&b, VERSION), ==, 0);
    g_assert_cmphex(rd8(&b, CPLD), ==, 2);
    g_assert_cmphex(rd(&b, FIFO_SIZE), ==, 16);
    set_str(&b, "fpga", "ep2s130");
    set_uint(&b, "cpld-version", 0xa5);
    g_assert_cmphex(rd(&b, VERSION), ==, EP2S130);
    g_assert_cmphex(rd8(&b, CPLD), ==, 0xa5);
    board_stop(&b);
}

/* Half of the FIFO must be a count that a DMA channel can give */
static void test_fifo_size(const void *data)
{
    static const struct {
        unsigned size;
        bool good;
    } sizes[] = {
        { 0 }, { 8 }, { 16, true }, { 1000 }, { 1024, true }, { 4096 },
    };
    const Variant *v = data;
    /* with which QEMU does no more than to start */
    g_autofree char *tree = g_strdup_printf("%s/tree", tmpdir);
    g_autofree char *machine = g_strdup_printf("%s,dumpdtb=%s", v->machine,
                                               tree);
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(sizes); i++) {
        g_autofree char *size =
            g_strdup_printf("carma-programmer.fifo-size=%u", sizes[i].size);
        g_autofree char *said = NULL;
        const char *command[] = {
            getenv("QTEST_QEMU_BINARY"), "-machine", machine, "-nodefaults",
            "-display", "none", "-kernel", kernel, "-accel", "qtest",
            "-global", size, NULL,
        };
        int status;

        g_assert_true(g_spawn_sync(NULL, (char **)command, NULL,
                                   G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                                   &said, &status, NULL));
        g_assert((status == 0) == sizes[i].good);
        g_assert(!strstr(said, "power of two from 16 to 2048") ==
                 sizes[i].good);
    }
    unlink(tree);
}

static void test_reset(const void *data)
{
    Board b = powered(data);

    set_bool(&b, "fault-stop-drain", true);
    set_uint(&b, "fault-error-after", 8);
    enable(&b, 100, DMA);
    give(&b, 0, 8);
    assert_ended(&b, DEMAND);
    system_reset(&b);
    assert_reset_state(&b);
    g_assert_true(get_bool(&b, "fault-stop-drain"));
    set_bool(&b, "fault-stop-drain", false);

    /* a run that is on is given up, as is what came before it */
    step(&b, OFF_NS);
    power_up(&b);
    enable(&b, 100, DMA);
    give(&b, 0, 50);
    wr(&b, CONTROL, 0);
    give(&b, 0, 1);
    system_reset(&b);
    assert_reset_state(&b);
    g_assert_cmpuint(get_uint(&b, "bytes"), ==, 0);
    step(&b, 2 * ANSWER_NS);
    assert_reset_state(&b);
    step(&b, OFF_NS);
    power_up(&b);
    check_good_load(&b);
    board_stop(&b);
}

/*
 * Power
 */

static void test_power(const void *data)
{
    Board b = board(data);

    wr8(&b, POWER_CONTROL, 1);
    step(&b, GOOD_NS - 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    step(&b, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, GOOD);
    /* on again is nothing */
    wr8(&b, POWER_CONTROL, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, GOOD);
    g_assert_cmphex(rd8(&b, POWER_FAILURE), ==, 0);

    /* off is at once; on before the rails are down is an alarm that stays */
    wr8(&b, POWER_CONTROL, 0);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    step(&b, OFF_NS - 1);
    wr8(&b, POWER_CONTROL, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);
    g_assert_cmphex(rd8(&b, POWER_FAILURE), ==, 0x0f);
    step(&b, GOOD_NS);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);
    wr8(&b, POWER_CONTROL, 0);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    g_assert_cmphex(rd8(&b, POWER_FAILURE), ==, 0);

    step(&b, OFF_NS);
    wr8(&b, POWER_CONTROL, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    /* off while it rises is off */
    wr8(&b, POWER_CONTROL, 0);
    step(&b, GOOD_NS);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    board_stop(&b);
}

static void test_power_settable(const void *data)
{
    Board b = board(data);

    set_uint(&b, "power-good-ns", 1000);
    set_uint(&b, "power-off-ns", 0);
    wr8(&b, POWER_CONTROL, 1);
    step(&b, 1000);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, GOOD);
    wr8(&b, POWER_CONTROL, 0);
    wr8(&b, POWER_CONTROL, 1);
    step(&b, 1000);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, GOOD);
    board_stop(&b);
}

static void test_power_faults(const void *data)
{
    Board b = board(data);

    set_bool(&b, "fault-power-never", true);
    wr8(&b, POWER_CONTROL, 1);
    step(&b, 10LL * GOOD_NS);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    g_assert_cmphex(rd8(&b, POWER_FAILURE), ==, 0);
    set_bool(&b, "fault-power-never", false);
    wr8(&b, POWER_CONTROL, 0);
    step(&b, OFF_NS);
    power_up(&b);

    set_bool(&b, "fault-power-lost", true);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);
    g_assert_cmphex(rd8(&b, POWER_FAILURE), ==, 0x0f);
    wr8(&b, POWER_CONTROL, 0);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    step(&b, OFF_NS);
    wr8(&b, POWER_CONTROL, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);
    set_bool(&b, "fault-power-lost", false);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);
    wr8(&b, POWER_CONTROL, 0);
    step(&b, OFF_NS);

    /* lost before it was good */
    wr8(&b, POWER_CONTROL, 1);
    set_bool(&b, "fault-power-lost", true);
    step(&b, GOOD_NS);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);

    /* nothing is lost that is not there */
    wr8(&b, POWER_CONTROL, 0);
    set_bool(&b, "fault-power-lost", false);
    set_bool(&b, "fault-power-lost", true);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    board_stop(&b);
}

/* No power at enable, and power that goes away in two ways */
static void test_power_needed(const void *data)
{
    Board b = board(data);

    enable(&b, 100, 0);
    assert_ended(&b, POWER);
    wr(&b, CONTROL, 0);
    wr8(&b, POWER_CONTROL, 1);
    enable(&b, 100, 0);
    assert_ended(&b, POWER);
    wr(&b, CONTROL, 0);
    step(&b, GOOD_NS);

    enable(&b, 100, 0);
    give(&b, 0, 60);
    assert_running(&b);
    set_bool(&b, "fault-power-lost", true);
    assert_ended(&b, POWER);
    set_bool(&b, "fault-power-lost", false);
    wr(&b, CONTROL, 0);
    wr8(&b, POWER_CONTROL, 0);
    step(&b, OFF_NS);
    power_up(&b);
    check_good_load(&b);

    /* the FPGAs forget what they were without power */
    g_assert_cmphex(rd(&b, STATUS), ==, DONE);
    wr8(&b, POWER_CONTROL, 0);
    g_assert_cmphex(rd(&b, STATUS), ==, 0);
    step(&b, OFF_NS);
    power_up(&b);
    enable(&b, 100, 0);
    wr8(&b, POWER_CONTROL, 0);
    assert_ended(&b, POWER);
    board_stop(&b);
}

/*
 * Images from the CPU
 */

/* FIFO after FIFO, as a driver without DMA does it */
static void test_cpu(const void *data)
{
    Board b = powered(data);
    uint32_t total = 2 * FIFO + 100, at, len;

    enable(&b, total, 0);
    for (at = 0; at < total; at += len) {
        len = MIN(FIFO, total - at);
        give(&b, at, len);
        g_assert_cmpuint(rd(&b, FIFO_USED), ==, len);
        g_assert_cmpuint(rd(&b, CURRENT), ==, at);
        step(&b, len / 2 * BYTE_NS - 1);
        g_assert_cmpuint(rd(&b, FIFO_USED), ==, len - len / 2 + 1);
        step(&b, 1);
        g_assert_cmpuint(rd(&b, FIFO_USED), ==, len - len / 2);
        g_assert_cmpuint(rd(&b, CURRENT), ==, at + len / 2);
        step(&b, (len - len / 2) * BYTE_NS - 1);
        assert_running(&b);
        assert_given(&b, at + len);
        step(&b, 1);
        g_assert_cmpuint(rd(&b, FIFO_USED), ==, 0);
        g_assert_cmpuint(rd(&b, CURRENT), ==, at + len);
        /* an empty FIFO has nothing to take before more comes */
        step(&b, 12345);
    }
    assert_ended(&b, DONE);
    assert_given(&b, total);
    g_assert_cmpuint(requests(&b), ==, 0);

    /* disable takes the interrupt away and leaves the rest to be read */
    wr(&b, CONTROL, 0);
    g_assert_false(irq(&b));
    g_assert_cmphex(rd(&b, STATUS), ==, DONE);
    g_assert_cmpuint(rd(&b, CURRENT), ==, total);
    assert_given(&b, total);
    /* enable does not */
    enable(&b, 100, 0);
    assert_running(&b);
    g_assert_cmpuint(rd(&b, CURRENT), ==, 0);
    assert_given(&b, 0);
    board_stop(&b);
}

/* Every size of write, everywhere in the window; nothing outside of it */
static void test_window(const void *data)
{
    static const unsigned places[] = { 0, 8, 0x123, 0x7fd, 0xff8 };
    Board b = powered(data);
    uint32_t total = 15 * ARRAY_SIZE(places), at = 0;
    uint8_t bytes[8];
    unsigned i, size, k;

    enable(&b, total + 1, 0);
    for (i = 0; i < ARRAY_SIZE(places); i++) {
        uint64_t addr = BASE + WINDOW + places[i];

        for (size = 1; size <= 8; size *= 2) {
            for (k = 0; k < size; k++) {
                bytes[k] = pattern(at++);
            }
            if (size == 1) {
                qtest_writeb(b.qts, addr, bytes[0]);
            } else if (size == 2) {
                qtest_writew(b.qts, addr, lduw_be_p(bytes));
            } else if (size == 4) {
                qtest_writel(b.qts, addr, ldl_be_p(bytes));
            } else {
                qtest_writeq(b.qts, addr, ldq_be_p(bytes));
            }
        }
    }
    assert_given(&b, total);
    wr8(&b, WINDOW - 1, 1);
    assert_given(&b, total);
    wr8(&b, WINDOW + WINDOW_SIZE - 1, pattern(total));
    assert_given(&b, total + 1);
    g_assert_cmphex(rd(&b, WINDOW), ==, 0);
    board_stop(&b);
}

/* At a rate that is set, and without any */
static void test_rate(const void *data)
{
    Board b = powered(data);

    set_uint(&b, "drain-ns-per-byte", 1000);
    enable(&b, 100, 0);
    give(&b, 0, 100);
    step(&b, 100 * 1000 - 1);
    assert_running(&b);
    step(&b, 1);
    assert_ended(&b, DONE);

    /* slower on the way: what was to be the end is none */
    wr(&b, CONTROL, 0);
    enable(&b, 100, 0);
    give(&b, 0, 100);
    set_uint(&b, "drain-ns-per-byte", 2000);
    step(&b, 100 * 2000 - 1);
    assert_running(&b);
    step(&b, 1);
    assert_ended(&b, DONE);

    set_uint(&b, "drain-ns-per-byte", 0);
    wr(&b, CONTROL, 0);
    enable(&b, 2 * FIFO, 0);
    give(&b, 0, FIFO);
    g_assert_cmpuint(rd(&b, FIFO_USED), ==, 0);
    give(&b, FIFO, FIFO);
    step(&b, 1);
    assert_ended(&b, DONE);
    assert_given(&b, 2 * FIFO);
    board_stop(&b);
}

/*
 * Errors
 */

/* Data that comes before enable ends the next run, and only that one */
static void test_early(const void *data)
{
    Board b = powered(data);

    give(&b, 0, 4);
    g_assert_cmphex(rd(&b, STATUS), ==, EARLY);
    g_assert_false(irq(&b));
    g_assert_cmpuint(rd(&b, FIFO_USED), ==, 0);
    /* the mode alone is not enable */
    wr(&b, CONTROL, DMA);
    enable(&b, 100, 0);
    assert_ended(&b, EARLY);
    g_assert_cmpuint(get_uint(&b, "bytes"), ==, 0);
    check_good_load(&b);

    /* so it does after a run; reset forgives */
    give(&b, 0, 4);
    g_assert_cmphex(rd(&b, STATUS), ==, DONE | EARLY);
    wr(&b, CONTROL, RESET);
    g_assert_cmphex(rd(&b, STATUS), ==, 0);
    check_good_load(&b);
    board_stop(&b);
}

static void test_overrun(const void *data)
{
    Board b = powered(data);

    enable(&b, 2 * FIFO, 0);
    give(&b, 0, FIFO);
    assert_running(&b);
    give(&b, FIFO, 1);
    assert_ended(&b, OVERRUN);
    /* what fitted was taken, what comes behind an error is not */
    assert_given(&b, FIFO);
    step(&b, FIFO * BYTE_NS);
    g_assert_cmpuint(rd(&b, FIFO_USED), ==, FIFO);
    g_assert_cmpuint(rd(&b, CURRENT), ==, 0);
    give(&b, 0, 100);
    assert_given(&b, FIFO);
    assert_ended(&b, OVERRUN);
    check_good_load(&b);

    /* a word that fits in part */
    enable(&b, 2 * FIFO, 0);
    give(&b, 0, FIFO - 2);
    wr(&b, WINDOW, pattern(FIFO - 2) << 24 | pattern(FIFO - 1) << 16);
    assert_ended(&b, OVERRUN);
    assert_given(&b, FIFO);
    check_good_load(&b);

    /* there is room as soon as a byte has left */
    enable(&b, 2 * FIFO, 0);
    give(&b, 0, FIFO);
    step(&b, BYTE_NS);
    give(&b, FIFO, 1);
    assert_running(&b);
    board_stop(&b);
}

static void test_excess(const void *data)
{
    Board b = powered(data);

    enable(&b, 100, 0);
    give(&b, 0, 101);
    assert_ended(&b, EXCESS);
    assert_given(&b, 100);
    check_good_load(&b);

    /* behind the end */
    enable(&b, 100, 0);
    give(&b, 0, 100);
    step(&b, 100 * BYTE_NS);
    assert_ended(&b, DONE);
    give(&b, 100, 1);
    assert_ended(&b, DONE | EXCESS);
    assert_given(&b, 100);
    check_good_load(&b);

    enable(&b, 0, 0);
    assert_ended(&b, TOTAL_ZERO);
    check_good_load(&b);
    board_stop(&b);
}

/* After exactly N bytes or in the write that has the Nth; once */
static void test_error_after(const void *data)
{
    Board b = powered(data);

    set_uint(&b, "fault-error-after", 42);
    enable(&b, 100, 0);
    give(&b, 0, 40);
    assert_running(&b);
    give(&b, 40, 4);
    assert_ended(&b, DEMAND);
    assert_given(&b, 44);
    g_assert_cmpuint(get_uint(&b, "fault-error-after"), ==, 0);
    check_good_load(&b);
    board_stop(&b);
}

static void test_stop_drain(const void *data)
{
    Board b = powered(data);

    enable(&b, 100, 0);
    give(&b, 0, 100);
    step(&b, 30 * BYTE_NS);
    set_bool(&b, "fault-stop-drain", true);
    step(&b, 1000 * BYTE_NS);
    assert_running(&b);
    g_assert_cmpuint(rd(&b, FIFO_USED), ==, 70);
    set_bool(&b, "fault-stop-drain", false);
    step(&b, 70 * BYTE_NS - 1);
    assert_running(&b);
    step(&b, 1);
    assert_ended(&b, DONE);
    board_stop(&b);
}

/* Reset and enable in one write, while a run is on */
static void test_control(const void *data)
{
    Board b = powered(data);

    enable(&b, 100, 0);
    give(&b, 0, 40);
    /* enable again is nothing */
    wr(&b, CONTROL, ENABLE);
    assert_given(&b, 40);
    wr(&b, CONTROL, ENABLE | RESET);
    g_assert_cmphex(rd(&b, CONTROL), ==, ENABLE);
    assert_running(&b);
    assert_given(&b, 0);
    give(&b, 0, 100);
    step(&b, 100 * BYTE_NS);
    assert_ended(&b, DONE);
    wr(&b, CONTROL, RESET);
    g_assert_cmphex(rd(&b, STATUS), ==, 0);
    g_assert_cmpuint(rd(&b, CURRENT), ==, 0);
    g_assert_false(irq(&b));

    /* disabled on the way: no end, no interrupt, the counts stay */
    enable(&b, 100, 0);
    give(&b, 0, 40);
    step(&b, 10 * BYTE_NS);
    wr(&b, CONTROL, 0);
    assert_running(&b);
    g_assert_cmpuint(rd(&b, FIFO_USED), ==, 0);
    g_assert_cmpuint(rd(&b, CURRENT), ==, 10);
    assert_given(&b, 40);
    check_good_load(&b);

    /* no request is waited for then, and no end */
    wr(&b, CONTROL, RESET);
    enable(&b, 100, DMA);
    step(&b, 1);
    give(&b, 0, 40);
    wr(&b, CONTROL, 0);
    step(&b, 2 * ANSWER_NS);
    assert_running(&b);
    enable(&b, 100, 0);
    give(&b, 0, 100);
    wr(&b, CONTROL, 0);
    step(&b, 2 * ANSWER_NS);
    assert_running(&b);
    check_good_load(&b);
    board_stop(&b);
}

/*
 * Pacing, with the test in the place of the DMA channel
 */

static void test_pace(const void *data)
{
    Board b = board_start(data,
                          "-m 64M -global carma-programmer.fifo-size=64"
                          " -global carma-programmer.drain-ns-per-byte=100");

    power_up(&b);
    enable(&b, 100, DMA);
    g_assert_cmpuint(requests(&b), ==, 0);
    step(&b, 1);
    assert_request(&b, 1, 0, 0, 32);

    /* the next one waits for all that this one asked for, and for DACK */
    dack(&b, 1);
    give(&b, 0, 28);
    step(&b, 1);
    give(&b, 28, 4);
    step(&b, 1);
    g_assert_cmpuint(requests(&b), ==, 1);
    dack(&b, 0);
    step(&b, 1);
    assert_request(&b, 2, 32, 32, 32);

    /* and for half the FIFO */
    dack(&b, 1);
    give(&b, 32, 32);
    dack(&b, 0);
    step(&b, 32 * 100 - 4);
    g_assert_cmpuint(requests(&b), ==, 2);
    step(&b, 1);
    assert_request(&b, 3, 64, 32, 32);

    /* one at a time, also before DACK; the last one is for what is left */
    step(&b, 50);
    g_assert_cmpuint(requests(&b), ==, 3);
    give(&b, 64, 32);
    step(&b, 32 * 100 - 51);
    g_assert_cmpuint(requests(&b), ==, 3);
    step(&b, 1);
    assert_request(&b, 4, 96, 32, 4);
    give(&b, 96, 4);
    step(&b, 36 * 100 - 1);
    assert_running(&b);
    step(&b, 1);
    assert_ended(&b, DONE);
    assert_given(&b, 100);
    g_assert_cmpuint(requests(&b), ==, 4);
    board_stop(&b);
}

/* Nobody there, or an answer that stops on the way */
static void test_dry(const void *data)
{
    Board b = powered(data);

    enable(&b, 5000, DMA);
    step(&b, ANSWER_NS);
    assert_running(&b);
    step(&b, 1);
    assert_ended(&b, DRY);
    g_assert_cmpuint(get_uint(&b, "bytes"), ==, 0);
    check_good_load(&b);

    set_uint(&b, "answer-timeout-ns", 5000);
    enable(&b, 5000, DMA);
    step(&b, 1);
    give(&b, 0, 1020);
    step(&b, 4999);
    assert_running(&b);
    step(&b, 1);
    assert_ended(&b, DRY);
    check_good_load(&b);

    /* an answer takes its time while DACK says that it is one */
    enable(&b, 5000, DMA);
    step(&b, 1);
    dack(&b, 1);
    step(&b, 12000);
    assert_running(&b);
    dack(&b, 0);
    step(&b, 3000);
    assert_ended(&b, DRY);
    check_good_load(&b);

    /* a whole answer is one; without a request there is none to wait for */
    set_bool(&b, "fault-stop-drain", true);
    enable(&b, 5000, DMA);
    step(&b, 1);
    give(&b, 0, 1024);
    step(&b, 1);
    give(&b, 1024, 1024);
    step(&b, 100 * 5000);
    assert_running(&b);
    board_stop(&b);
}

static void test_short(const void *data)
{
    Board b = powered(data);

    enable(&b, 1500, DMA);
    step(&b, 1);
    give(&b, 0, 1024);
    ddone(&b, 1);
    assert_ended(&b, SHORT);
    assert_given(&b, 1024);
    check_good_load(&b);

    /* a level that has been high says nothing, nor does the end */
    enable(&b, 1500, DMA);
    ddone(&b, 1);
    step(&b, 1);
    give(&b, 0, 1024);
    assert_running(&b);
    ddone(&b, 0);
    step(&b, 1024 * BYTE_NS);
    give(&b, 1024, 1500 - 1024);
    ddone(&b, 1);
    assert_running(&b);
    step(&b, 1500 * BYTE_NS);
    assert_ended(&b, DONE);
    ddone(&b, 0);

    /* nor is the CPU's load the channel's business */
    wr(&b, CONTROL, 0);
    enable(&b, 1500, 0);
    ddone(&b, 1);
    assert_running(&b);
    board_stop(&b);
}

/*
 * Images from the DMA channel
 */

/* Elo has the lower word of a pair first */
static uint64_t dma_addr(Board *b, unsigned reg)
{
    return b->v->channel + (b->v->elo && reg == CLNDAR ? 0x08 : reg);
}

static uint32_t dma_rd(Board *b, unsigned reg)
{
    uint32_t val = qtest_readl(b->qts, dma_addr(b, reg));

    return b->v->elo ? bswap32(val) : val;
}

static void dma_wr(Board *b, unsigned reg, uint32_t val)
{
    qtest_writel(b->qts, dma_addr(b, reg), b->v->elo ? bswap32(val) : val);
}

static void put64(Board *b, uint64_t addr, uint64_t val)
{
    val = b->v->elo ? cpu_to_le64(val) : cpu_to_be64(val);
    qtest_memwrite(b->qts, addr, &val, sizeof(val));
}

/* Links for the image's first len bytes: all at the window's start */
static void put_links(Board *b, uint32_t len)
{
    uint64_t link = LINKS;
    uint32_t at, count;

    for (at = 0; at < len; at += count, link += 32) {
        count = MIN(len - at, WINDOW_SIZE);
        put64(b, link, IMAGE + at);
        put64(b, link + 8, BASE + WINDOW);
        put64(b, link + 16, at + count < len ? link + 32 : NEXT_EOLND);
        put64(b, link + 24, b->v->elo ? count : (uint64_t)count << 32);
    }
}

/* The channel is ready for the programmer's requests */
static void arm(Board *b, uint32_t len, uint32_t mr)
{
    g_autofree uint8_t *image = g_malloc(IMAGE_MAX);
    uint32_t i;

    for (i = 0; i < IMAGE_MAX; i++) {
        image[i] = pattern(i);
    }
    qtest_memwrite(b->qts, IMAGE, image, IMAGE_MAX);
    put_links(b, len);
    dma_wr(b, SR, SR_W1C);
    dma_wr(b, MR, 0);
    dma_wr(b, CLNDAR, LINKS);
    dma_wr(b, MR, mr);
}

/* Halted, with nothing left to resume */
static void dma_stop(Board *b)
{
    dma_wr(b, MR, 0);
    dma_wr(b, CLNDAR, LINKS);
    dma_wr(b, SR, SR_W1C);
}

/* Nothing moves before enable; then all does, at the FIFO's pace */
static void test_dma(const void *data)
{
    Board b = powered(data);
    uint32_t total = 5 * WINDOW_SIZE - 1237;
    int64_t ns = 0;

    arm(&b, total, MR_PACED);
    step(&b, ANSWER_NS);
    g_assert_cmphex(dma_rd(&b, SR), ==, 0);
    assert_running(&b);

    enable(&b, total, DMA);
    g_assert_cmphex(dma_rd(&b, SR), ==, 0);
    step(&b, 1);
    g_assert_cmphex(dma_rd(&b, SR), ==, SR_CB);
    while (!irq(&b)) {
        g_assert_cmpuint(rd(&b, FIFO_USED), <=, FIFO);
        g_assert_cmphex(rd(&b, STATUS), ==, 0);
        step(&b, 1000);
        ns += 1000;
        g_assert_cmpint(ns, <, 2 * total * BYTE_NS);
    }
    g_assert_cmpint(ns, >=, total * BYTE_NS);
    assert_ended(&b, DONE);
    g_assert_cmpuint(rd(&b, CURRENT), ==, total);
    assert_given(&b, total);
    g_assert_cmphex(dma_rd(&b, SR), ==, b.v->end);
    g_assert_cmpuint(requests(&b), ==, DIV_ROUND_UP(total, FIFO / 2));
    g_assert_cmpuint(count_logged(&b, "not armed"), ==, 0);

    /* and once more, without any reset */
    wr(&b, CONTROL, 0);
    arm(&b, 3000, MR_PACED);
    enable(&b, 3000, DMA);
    step(&b, 4000 * BYTE_NS);
    assert_ended(&b, DONE);
    assert_given(&b, 3000);
    board_stop(&b);
}

/* An answer that is longer than the time for an answer: DACK holds it open */
static void test_dma_dack(const void *data)
{
    Board b = powered(data);

    set_uint(&b, "answer-timeout-ns", 50);
    arm(&b, 3000, MR_PACED);
    enable(&b, 3000, DMA);
    step(&b, 4000 * BYTE_NS);
    assert_ended(&b, DONE);
    assert_given(&b, 3000);
    board_stop(&b);
}

/* As in 2010: a channel that starts before the programmer is ready */
static void test_dma_early(const void *data)
{
    Board b = powered(data);

    arm(&b, 3000, MR_BWC(0xf));
    dma_wr(&b, MR, MR_BWC(0xf) | MR_CS);
    step(&b, 10000);
    g_assert_cmphex(dma_rd(&b, SR), ==, b.v->end);
    enable(&b, 3000, DMA);
    assert_ended(&b, EARLY);
    check_good_load(&b);
    board_stop(&b);
}

/* Chains of another length than the image's */
static void test_dma_length(const void *data)
{
    Board b = powered(data);

    arm(&b, 2900, MR_PACED);
    enable(&b, 3000, DMA);
    step(&b, 4000 * BYTE_NS);
    assert_ended(&b, SHORT);
    assert_given(&b, 2900);
    g_assert_cmphex(dma_rd(&b, SR), ==, b.v->end);
    check_good_load(&b);

    arm(&b, 3100, MR_PACED);
    enable(&b, 3000, DMA);
    step(&b, 4000 * BYTE_NS);
    assert_ended(&b, EXCESS);
    assert_given(&b, 3000);
    dma_stop(&b);
    check_good_load(&b);
    board_stop(&b);
}

/* Requests that are answered with too much, too little, or not at all */
static void test_dma_count(const void *data)
{
    Board b = powered(data);

    arm(&b, 3000, MR_EMS_EN | MR_BWC(0xf));
    enable(&b, 3000, DMA);
    step(&b, 4000);
    assert_ended(&b, OVERRUN);
    step(&b, 4000);
    check_good_load(&b);

    arm(&b, 3000, MR_EMS_EN | MR_EMP_EN | MR_BWC(9));
    enable(&b, 3000, DMA);
    step(&b, 2 * ANSWER_NS);
    assert_ended(&b, DRY);
    assert_given(&b, 512);
    dma_stop(&b);
    check_good_load(&b);

    arm(&b, 3000, 0);
    enable(&b, 3000, DMA);
    step(&b, 2 * ANSWER_NS);
    assert_ended(&b, DRY);
    g_assert_cmpuint(get_uint(&b, "bytes"), ==, 0);
    check_good_load(&b);
    board_stop(&b);
}

/* A FIFO that does not empty asks for no more; the channel waits */
static void test_dma_stop_drain(const void *data)
{
    Board b = powered(data);

    arm(&b, 10000, MR_PACED);
    enable(&b, 10000, DMA);
    step(&b, 3000 * BYTE_NS);
    set_bool(&b, "fault-stop-drain", true);
    step(&b, 100 * ANSWER_NS);
    assert_running(&b);
    g_assert_cmphex(dma_rd(&b, SR), ==, SR_CB);
    g_assert_cmpuint(rd(&b, CURRENT), <=, 3000);
    g_assert_cmpuint(rd(&b, FIFO_USED), >, FIFO / 2);
    set_bool(&b, "fault-stop-drain", false);
    step(&b, 11000 * BYTE_NS);
    assert_ended(&b, DONE);
    assert_given(&b, 10000);
    board_stop(&b);
}

/*
 * Device
 */

/* What must be logged as the guest's mistake */
static void test_guest_errors(const void *data)
{
    Board b = powered(data);

    wr(&b, VERSION, 0xffffffff);
    g_assert_cmpuint(count_logged(&b, "reserved bit"), ==, 1);
    wr8(&b, CPLD, 0xff);
    g_assert_cmpuint(count_logged(&b, "reserved bit"), ==, 2);
    wr(&b, CONTROL, 8);
    g_assert_cmpuint(count_logged(&b, "reserved bit"), ==, 3);
    g_assert_cmphex(rd(&b, 0x60), ==, 0);
    g_assert_cmpuint(count_logged(&b, "no register at 0x60"), ==, 1);
    wr8(&b, 0x2010, 1);
    g_assert_cmpuint(count_logged(&b, "no register at 0x2010"), ==, 1);
    g_assert_cmphex(rd(&b, 0x10), ==, 0);
    g_assert_cmpuint(count_logged(&b, "unimplemented register"), ==, 1);
    g_assert_cmphex(rd(&b, WINDOW), ==, 0);
    g_assert_cmpuint(count_logged(&b, "the FIFO cannot be read"), ==, 1);
    g_assert_cmphex(rd8(&b, CONTROL), ==, 0);
    g_assert_cmpuint(count_logged(&b, "invalid size"), ==, 1);

    enable(&b, 100, 0);
    wr(&b, TOTAL, 200);
    g_assert_cmpuint(rd(&b, TOTAL), ==, 100);
    g_assert_cmpuint(count_logged(&b, "TOTAL_COUNT while enabled"), ==, 1);
    wr(&b, CONTROL, ENABLE | DMA);
    g_assert_cmphex(rd(&b, CONTROL), ==, ENABLE);
    g_assert_cmpuint(count_logged(&b, "change of mode"), ==, 1);
    board_stop(&b);
}

/* Where the board puts its device tree, behind the kernel from above */
#define TREE        (25 * MiB)

static uint32_t word(const uint8_t *tree, uint32_t offset)
{
    return ldl_be_p(tree + offset);
}

/* Content of a node's property, NULL if there is none */
static const uint8_t *property(const uint8_t *tree, const char *node,
                               const char *name)
{
    uint32_t at = word(tree, 8), end = at + word(tree, 36);
    const char *strings = (const char *)tree + word(tree, 12);
    bool here = false;

    while (at < end) {
        uint32_t mark = word(tree, at);

        at += 4;
        if (mark == 1) {
            const char *begun = (const char *)tree + at;

            here = g_str_equal(begun, node);
            at += QEMU_ALIGN_UP(strlen(begun) + 1, 4);
        } else if (mark == 3) {
            if (here && g_str_equal(strings + word(tree, at + 4), name)) {
                return tree + at + 8;
            }
            at += 8 + QEMU_ALIGN_UP(word(tree, at), 4);
        }
    }
    return NULL;
}

static uint8_t *read_tree(Board *b)
{
    uint8_t head[8];
    uint8_t *tree;

    qtest_memread(b->qts, TREE, head, sizeof(head));
    g_assert_cmphex(word(head, 0), ==, 0xd00dfeed);
    g_assert_cmpuint(word(head, 4), <=, MiB);
    tree = g_malloc(word(head, 4));
    qtest_memread(b->qts, TREE, tree, word(head, 4));
    return tree;
}

static void assert_cells(const uint8_t *tree, const char *name,
                         const uint32_t *cells, unsigned count)
{
    const uint8_t *content = property(tree, "fpga-programmer@0", name);
    unsigned i;

    g_assert_nonnull(content);
    for (i = 0; i < count; i++) {
        g_assert_cmphex(word(content, 4 * i), ==, cells[i]);
    }
}

/* As a driver looks for it */
static void test_device_tree(const void *data)
{
    Board b = board(data);
    g_autofree uint8_t *tree = read_tree(&b);
    static const uint32_t reg[] = { 0, 0x4000 }, interrupts[] = { IRQ, 2 };
    static const uint32_t ranges[] = { 0, 0, BASE, 0x4000 };
    const uint8_t *bus, *phandle;
    uint32_t dmas[2] = { 0, 0 };
    unsigned i;

    g_assert_cmpstr((const char *)property(tree, "fpga-programmer@0",
                                           "compatible"),
                    ==, "carma,fpga-programmer");
    g_assert_cmpstr((const char *)property(tree, "fpga-programmer@0",
                                           "dma-names"), ==, "fifo");
    assert_cells(tree, "reg", reg, ARRAY_SIZE(reg));
    assert_cells(tree, "interrupts", interrupts, ARRAY_SIZE(interrupts));
    phandle = property(tree, b.v->node, "phandle");
    g_assert_nonnull(phandle);
    dmas[0] = word(phandle, 0);
    assert_cells(tree, "dmas", dmas, ARRAY_SIZE(dmas));
    bus = property(tree, "localbus@f0000000", "ranges");
    g_assert_nonnull(bus);
    for (i = 0; i < ARRAY_SIZE(ranges); i++) {
        g_assert_cmphex(word(bus, 4 * i), ==, ranges[i]);
    }
    board_stop(&b);
}

/* RAM has the programmer's place when there is so much of it */
static void test_big_ram(const void *data)
{
    Board b = board_start(data, "-machine memory-backend=ram -m 4G -object "
                          "memory-backend-ram,id=ram,size=4G,reserve=off");
    g_autofree uint8_t *tree = read_tree(&b);
    QDict *rsp = get(&b, "bytes");

    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
    g_assert_null(property(tree, "fpga-programmer@0", "compatible"));
    wr(&b, VERSION, 0x12345678);
    g_assert_cmphex(rd(&b, VERSION), ==, 0x12345678);
    board_stop(&b);
}

/* How the migration of this machine to a file ends */
static char *migrate_to(Board *b, const char *uri)
{
    qtest_qmp_assert_success(b->qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': %s}}", uri);
    for (;;) {
        QDict *rsp = qtest_qmp(b->qts, "{'execute': 'query-migrate'}");
        QDict *ret = qdict_get_qdict(rsp, "return");
        char *status = g_strdup(qdict_get_try_str(ret, "status"));

        qobject_unref(rsp);
        if (g_strcmp0(status, "completed") == 0 ||
            g_strcmp0(status, "failed") == 0) {
            return status;
        }
        g_free(status);
        g_usleep(10 * 1000);
    }
}

/* Move all to a new machine, which takes the place of the old one */
static void migrate(Board *b)
{
    g_autofree char *uri = g_strdup_printf("unix:%s/migrate", tmpdir);
    g_autofree char *args = g_strdup_printf("-m 64M -incoming %s", uri);
    g_autofree char *status = NULL;
    Board to = board_start(b->v, args);

    /* virtual time stands still between steps, but is not migrated */
    qtest_clock_set(to.qts, qtest_clock_step(b->qts, 0));
    status = migrate_to(b, uri);
    g_assert_cmpstr(status, ==, "completed");
    qtest_qmp_eventwait(to.qts, "RESUME");
    board_stop(b);
    *b = to;
}

/* Not while an image is loaded */
static void test_migration_refused(const void *data)
{
    g_autofree char *name = g_strdup_printf("%s/refused", tmpdir);
    g_autofree char *uri = g_strdup_printf("exec:cat > %s", name);
    g_autofree char *status = NULL;
    Board b = powered(data);

    enable(&b, 100, 0);
    give(&b, 0, 100);
    status = migrate_to(&b, uri);
    g_assert_cmpstr(status, ==, "failed");
    unlink(name);
    step(&b, 100 * BYTE_NS);
    assert_ended(&b, DONE);
    board_stop(&b);
}

/* What is left of an image, and all that is set */
static void test_migration_ended(const void *data)
{
    static const char *const settings[] = {
        "drain-ns-per-byte", "answer-timeout-ns", "power-good-ns",
        "power-off-ns", "cpld-version", "fault-error-after",
    };
    Board b = powered(data);
    unsigned i;

    enable(&b, 100, 0);
    set_uint(&b, "fault-error-after", 60);
    give(&b, 0, 10);
    step(&b, 10 * BYTE_NS);
    give(&b, 10, 50);
    assert_ended(&b, DEMAND);
    for (i = 0; i < ARRAY_SIZE(settings); i++) {
        set_uint(&b, settings[i], 100 + i);
    }
    set_str(&b, "fpga", "ep2s90");
    set_bool(&b, "fault-stop-drain", true);
    set_bool(&b, "fault-power-never", true);
    migrate(&b);

    assert_given(&b, 60);
    g_assert_cmphex(rd(&b, STATUS), ==, DEMAND);
    g_assert_cmphex(rd(&b, CONTROL), ==, ENABLE);
    g_assert_cmpuint(rd(&b, TOTAL), ==, 100);
    g_assert_cmpuint(rd(&b, CURRENT), ==, 10);
    g_assert_cmpuint(rd(&b, FIFO_USED), ==, 50);
    g_assert_cmphex(rd8(&b, POWER_CONTROL), ==, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, GOOD);
    g_assert_cmphex(rd(&b, VERSION), ==, 0);
    for (i = 0; i < ARRAY_SIZE(settings); i++) {
        g_assert_cmpuint(get_uint(&b, settings[i]), ==, 100 + i);
    }
    g_assert_true(get_bool(&b, "fault-stop-drain"));
    g_assert_true(get_bool(&b, "fault-power-never"));
    g_assert_false(get_bool(&b, "fault-power-lost"));

    /* the run is still an ended one */
    give(&b, 60, 1);
    g_assert_cmphex(rd(&b, STATUS), ==, DEMAND);
    set_bool(&b, "fault-power-lost", true);
    migrate(&b);
    g_assert_true(get_bool(&b, "fault-power-lost"));
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);
    board_stop(&b);
}

/* Power on its way, the levels of the lines, and data that came too early */
static void test_migration_between(const void *data)
{
    Board b = board(data);

    wr8(&b, POWER_CONTROL, 1);
    step(&b, GOOD_NS / 2);
    give(&b, 0, 1);
    dack(&b, 1);
    ddone(&b, 1);
    migrate(&b);
    step(&b, GOOD_NS / 2 - 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, 0);
    step(&b, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, GOOD);
    enable(&b, 1500, DMA);
    g_assert_cmphex(rd(&b, STATUS), ==, EARLY);
    wr(&b, CONTROL, 0);

    enable(&b, 1500, DMA);
    step(&b, 1);
    g_assert_cmpuint(requests(&b), ==, 0);
    ddone(&b, 1);
    assert_running(&b);
    dack(&b, 0);
    step(&b, 1);
    g_assert_cmpuint(requests(&b), ==, 1);
    wr(&b, CONTROL, 0);

    /* the rails come down meanwhile, and are not yet */
    wr8(&b, POWER_CONTROL, 0);
    step(&b, OFF_NS / 2);
    migrate(&b);
    wr8(&b, POWER_CONTROL, 1);
    g_assert_cmphex(rd8(&b, POWER_STATUS), ==, ALARM);
    board_stop(&b);
}

/*
 * Table
 */

static const struct {
    const char *name;
    void (*run)(const void *variant);
} tests[] = {
    { "registers", test_registers },
    { "layout", test_layout },
    { "kinds", test_kinds },
    { "fifo-size", test_fifo_size },
    { "reset", test_reset },
    { "power/sequence", test_power },
    { "power/settable", test_power_settable },
    { "power/faults", test_power_faults },
    { "power/needed", test_power_needed },
    { "cpu/load", test_cpu },
    { "cpu/window", test_window },
    { "cpu/rate", test_rate },
    { "error/early", test_early },
    { "error/overrun", test_overrun },
    { "error/excess", test_excess },
    { "error/after", test_error_after },
    { "error/stop-drain", test_stop_drain },
    { "control", test_control },
    { "pace/requests", test_pace },
    { "pace/dry", test_dry },
    { "pace/short", test_short },
    { "dma/load", test_dma },
    { "dma/dack", test_dma_dack },
    { "dma/early", test_dma_early },
    { "dma/length", test_dma_length },
    { "dma/count", test_dma_count },
    { "dma/stop-drain", test_dma_stop_drain },
    { "guest-errors", test_guest_errors },
    { "device-tree", test_device_tree },
    { "big-ram", test_big_ram },
    { "migration/refused", test_migration_refused },
    { "migration/ended", test_migration_ended },
    { "migration/between", test_migration_between },
};

int main(int argc, char **argv)
{
    unsigned v, i;
    int ret;

    g_test_init(&argc, &argv, NULL);
    tmpdir = g_dir_make_tmp("carma-programmer-XXXXXX", NULL);
    g_assert_nonnull(tmpdir);
    kernel = g_strdup_printf("%s/kernel", tmpdir);
    make_kernel(kernel);
    for (v = 0; v < ARRAY_SIZE(variants); v++) {
        for (i = 0; i < ARRAY_SIZE(tests); i++) {
            g_autofree char *path = g_strdup_printf("carma-programmer/%s/%s",
                                                    variants[v].name,
                                                    tests[i].name);

            qtest_add_data_func(path, &variants[v], tests[i].run);
        }
    }
    ret = g_test_run();
    unlink(kernel);
    rmdir(tmpdir);
    g_free(kernel);
    g_free(tmpdir);
    return ret;
}
