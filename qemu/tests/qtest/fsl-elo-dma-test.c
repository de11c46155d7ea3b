/*
 * QTest for the Freescale Elo, EloPlus and Elo3 DMA controllers
 *
 * Copyright (c) 2026 dmaengine-sg developers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every test runs for every variant that has the behaviour, on a machine of its
 * own. All lines are watched at the interrupt controller: DACK and DDONE are
 * wired to inputs of it that nothing else uses.
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "e500-elo-test.h"

#define CCSR        0xfe0000000ULL

/* Channel registers, in the order of EloPlus */
#define MR          0x00
#define  MR_CS       0x00000001
#define  MR_CC       0x00000002
#define  MR_CTM      0x00000004
#define  MR_CA       0x00000008     /* Elo: TEM */
#define  MR_EIE      0x00000040
#define  MR_EOTIE    0x00000080     /* Elo */
#define  MR_EOLNIE   0x00000100
#define  MR_EOSIE    0x00000200
#define  MR_SAHE     0x00001000
#define  MR_DAHE     0x00002000
#define  MR_SAHTS(n) ((n) << 14)
#define  MR_DAHTS(n) ((n) << 16)
#define  MR_EMS_EN   0x00040000
#define  MR_EMP_EN   0x00200000
#define  MR_BWC(n)   ((n) << 24)
#define  MR_NO_LIMIT MR_BWC(0xf)
#define SR          0x04
#define  SR_EOLSI    0x01           /* Elo: EOCDI */
#define  SR_EOSI     0x02
#define  SR_CB       0x04
#define  SR_EOLNI    0x08
#define  SR_PE       0x10
#define  SR_CH       0x20
#define  SR_TE       0x80
#define  SR_W1C      0x9b
#define ECLNDAR     0x08
#define CLNDAR      0x0c
#define SATR        0x10
#define SAR         0x14
#define DATR        0x18
#define DAR         0x1c
#define BCR         0x20
#define ENLNDAR     0x24
#define NLNDAR      0x28

#define NEXT_EOLND  0x01
#define NEXT_EOSIE  0x08
#define NEXT_SNEN   0x10
#define SNOOP       (0x00050000ULL << 32)

/* Virtual time from the start to the fetch, and for each link */
#define FETCH_NS    1
#define LINK_NS     200

/* Spare inputs of the interrupt controller */
#define DACK_PIN    100
#define DDONE_PIN   110

/* The board's RAM, and what the tests keep where */
#define RAM_END     (64 * MiB)
#define LINKS       (32 * MiB)
#define SRC         (40 * MiB)
#define DST         (48 * MiB)
#define FILL        0xee

struct Variant {
    const char *name;
    const char *machine;
    const char *path;
    uint64_t base;
    unsigned channels;
    bool elo;
    uint32_t ext_mask;      /* address bits in the upper words */
    uint32_t attr_mask;     /* all bits in SATR and DATR */
    uint32_t mr_mask;       /* all bits in MR */
    uint32_t end;           /* status bit at the end of a chain */
    uint32_t end_ie;        /* MR bit that makes it an interrupt */
    unsigned irq[8];
};

static const Variant variants[] = {
    {
        .name = "elo", .machine = "e500-elo",
        .path = "/machine/dma1", .base = CCSR + 0x22000,
        .channels = 4, .elo = true,
        .mr_mask = 0x0f27fe8f,
        .end = SR_EOLSI, .end_ie = MR_EOTIE,
        .irq = { 71, 71, 71, 71 },
    }, {
        .name = "eloplus", .machine = "e500-elo",
        .path = "/machine/dma0", .base = CCSR + 0x21000,
        .channels = 4, .ext_mask = 0xf, .attr_mask = 0x3fff000f,
        .mr_mask = 0x0f27f7ff,
        .end = SR_EOLNI, .end_ie = MR_EOLNIE,
        .irq = { 36, 37, 38, 39 },
    }, {
        .name = "elo3", .machine = "e500-elo,controller=elo3",
        .path = "/machine/dma0", .base = CCSR + 0x21000,
        .channels = 8, .ext_mask = 0xff, .attr_mask = 0x3fff00ff,
        .mr_mask = 0x0f27f7ff,
        .end = SR_EOLNI, .end_ie = MR_EOLNIE,
        .irq = { 36, 37, 38, 39, 76, 77, 78, 79 },
    },
};

static const uint64_t channel_base[] = {
    0x100, 0x180, 0x200, 0x280, 0x400, 0x480, 0x500, 0x580,
};

static char *tmpdir;
static char *kernel;

/*
 * Board
 */

/* Have a line of the controller reach an input of the interrupt controller */
static void wire(Board *b, const char *line, unsigned channel, unsigned pin)
{
    g_autofree char *from = g_strdup_printf("%s[%u]", line, channel);
    g_autofree char *to =
        g_strdup_printf("/machine/pic/unnamed-gpio-in[%u]", pin + channel);

    qtest_qmp_assert_success(b->qts,
                             "{'execute': 'qom-set', 'arguments':"
                             " {'path': %s, 'property': %s, 'value': %s}}",
                             b->v->path, from, to);
}

static Board board_start(const Variant *v, const char *args)
{
    Board b = { .v = v, .path = v->path };
    unsigned i;

    b.qts = qtest_initf("-nodefaults -machine %s -kernel %s %s",
                        v->machine, kernel, args);
    qtest_irq_intercept_in(b.qts, "/machine/pic");
    for (i = 0; i < v->channels; i++) {
        wire(&b, "dack", i, DACK_PIN);
        wire(&b, "ddone", i, DDONE_PIN);
    }
    return b;
}

static Board board(const void *v)
{
    return board_start(v, "-m 64M");
}

static void board_stop(Board *b)
{
    qtest_quit(b->qts);
}

/* Elo has the lower word of a pair first */
static uint64_t reg_addr(Board *b, unsigned ch, unsigned reg)
{
    if (b->v->elo && reg >= ECLNDAR && reg <= DAR) {
        reg ^= 4;
    } else if (b->v->elo && reg == NLNDAR) {
        reg = 0x24;
    }
    return b->v->base + channel_base[ch] + reg;
}

static uint32_t block_read(Board *b, uint64_t addr)
{
    uint32_t val = qtest_readl(b->qts, addr);

    return b->v->elo ? bswap32(val) : val;
}

static uint32_t reg_read(Board *b, unsigned ch, unsigned reg)
{
    return block_read(b, reg_addr(b, ch, reg));
}

static void reg_write(Board *b, unsigned ch, unsigned reg, uint32_t val)
{
    qtest_writel(b->qts, reg_addr(b, ch, reg), b->v->elo ? bswap32(val) : val);
}

static uint32_t dgsr(Board *b, unsigned i)
{
    return block_read(b, b->v->base + (b->v->elo ? 0x2a8 : i ? 0x600 : 0x300));
}

static bool irq(Board *b, unsigned ch)
{
    return qtest_get_irq(b->qts, b->v->irq[ch]);
}

static bool dack(Board *b, unsigned ch)
{
    return qtest_get_irq(b->qts, DACK_PIN + ch);
}

static bool ddone(Board *b, unsigned ch)
{
    return qtest_get_irq(b->qts, DDONE_PIN + ch);
}

static void dreq_level(Board *b, unsigned ch, int level)
{
    qtest_set_irq_in(b->qts, b->v->path, "dreq", ch, level);
}

static void dreq(Board *b, unsigned ch)
{
    dreq_level(b, ch, 1);
    dreq_level(b, ch, 0);
}

static void step(Board *b, int64_t ns)
{
    qtest_clock_step(b->qts, ns);
}

/* Long enough for every chain here that ends or pauses */
static void settle(Board *b)
{
    step(b, 20 * LINK_NS);
}

/*
 * Memory and chains
 */

static uint8_t pattern(uint32_t i)
{
    return i * 7 + (i >> 8);
}

static void put_pattern(Board *b, uint64_t addr, uint32_t len)
{
    g_autofree uint8_t *data = g_malloc(len);
    uint32_t i;

    for (i = 0; i < len; i++) {
        data[i] = pattern(i);
    }
    qtest_memwrite(b->qts, addr, data, len);
}

/* addr has the pattern from its byte "from" on */
static void assert_pattern(Board *b, uint64_t addr, uint32_t from, uint32_t len)
{
    g_autofree uint8_t *data = g_malloc(len);
    uint32_t i;

    qtest_memread(b->qts, addr, data, len);
    for (i = 0; i < len; i++) {
        g_assert_cmphex(data[i], ==, pattern(from + i));
    }
}

static void assert_untouched(Board *b, uint64_t addr, uint32_t len)
{
    g_autofree uint8_t *data = g_malloc(len);
    uint32_t i;

    qtest_memread(b->qts, addr, data, len);
    for (i = 0; i < len; i++) {
        g_assert_cmphex(data[i], ==, FILL);
    }
}

static void write64(Board *b, uint64_t addr, uint64_t val)
{
    val = b->v->elo ? cpu_to_le64(val) : cpu_to_be64(val);
    qtest_memwrite(b->qts, addr, &val, sizeof(val));
}

static void write32(Board *b, uint64_t addr, uint32_t val)
{
    val = b->v->elo ? cpu_to_le32(val) : cpu_to_be32(val);
    qtest_memwrite(b->qts, addr, &val, sizeof(val));
}

static uint64_t link_at(unsigned i)
{
    return LINKS + 32 * i;
}

static void put_link(Board *b, uint64_t addr, uint64_t src, uint64_t dst,
                     uint64_t next, uint32_t count)
{
    write64(b, addr, src);
    write64(b, addr + 8, dst);
    write64(b, addr + 16, next);
    write32(b, addr + 24, count);
    write32(b, addr + 28, 0);
}

static void set_next(Board *b, unsigned i, uint64_t next)
{
    write64(b, link_at(i) + 16, next);
}

/* n links of len bytes each, from SRC to DST, with fresh data */
static void put_chain(Board *b, unsigned n, uint32_t len)
{
    unsigned i;

    put_pattern(b, SRC, n * len);
    qtest_memset(b->qts, DST, FILL, n * len + 64);
    for (i = 0; i < n; i++) {
        uint64_t next = i + 1 < n ? link_at(i + 1) : NEXT_EOLND;

        put_link(b, link_at(i), SRC + i * len, DST + i * len, next, len);
    }
}

/* The chain's first bytes have been moved and nothing behind them */
static void assert_moved(Board *b, uint32_t len)
{
    assert_pattern(b, DST, 0, len);
    assert_untouched(b, DST + len, 64);
}

static void set_clndar(Board *b, unsigned ch, uint64_t addr)
{
    reg_write(b, ch, ECLNDAR, addr >> 32);
    reg_write(b, ch, CLNDAR, addr);
}

/* Program the channel: all but the start bit */
static void arm(Board *b, unsigned ch, uint32_t mr)
{
    reg_write(b, ch, MR, mr);
    set_clndar(b, ch, LINKS);
}

static void start(Board *b, unsigned ch, uint32_t mr)
{
    arm(b, ch, mr);
    reg_write(b, ch, MR, mr | MR_CS);
}

static void clear_status(Board *b, unsigned ch)
{
    reg_write(b, ch, SR, SR_W1C);
}

/* All interrupts of the end of a chain and of errors */
static uint32_t all_irqs(Board *b)
{
    return MR_NO_LIMIT | b->v->end_ie | (b->v->elo ? 0 : MR_EIE);
}

/*
 * Registers
 */

static void assert_reset_state(Board *b)
{
    unsigned ch, reg;

    for (ch = 0; ch < b->v->channels; ch++) {
        for (reg = MR; reg <= NLNDAR; reg += 4) {
            if (!b->v->elo || reg != ENLNDAR) {
                g_assert_cmphex(reg_read(b, ch, reg), ==, 0);
            }
        }
        g_assert_false(irq(b, ch));
        g_assert_false(dack(b, ch));
        g_assert_false(ddone(b, ch));
    }
    g_assert_cmphex(dgsr(b, 0), ==, 0);
    if (b->v->channels > 4) {
        g_assert_cmphex(dgsr(b, 1), ==, 0);
    }
}

/* What stays of a write of all ones, in every channel on its own */
static void test_registers(const void *data)
{
    Board b = board(data);
    uint32_t attr = b.v->attr_mask, ext = b.v->ext_mask;
    uint32_t snen = b.v->elo ? NEXT_SNEN : 0;
    /* MR last: its bits start and abort channels. CS stays out for that */
    const struct {
        unsigned reg;
        uint32_t kept;
    } regs[] = {
        { ECLNDAR, ext }, { CLNDAR, 0xffffffe0 | snen },
        { SATR, attr }, { SAR, 0xffffffff }, { DATR, attr },
        { DAR, 0xffffffff }, { BCR, 0x03ffffff },
        { NLNDAR, 0xffffffe9 | snen }, { SR, 0 },
    };
    unsigned ch, i;

    assert_reset_state(&b);
    for (ch = 0; ch < b.v->channels; ch++) {
        for (i = 0; i < ARRAY_SIZE(regs); i++) {
            reg_write(&b, ch, regs[i].reg, 0xffffffff);
            g_assert_cmphex(reg_read(&b, ch, regs[i].reg), ==, regs[i].kept);
            reg_write(&b, ch, regs[i].reg, 0);
        }
        if (!b.v->elo) {
            reg_write(&b, ch, ENLNDAR, 0xffffffff);
            g_assert_cmphex(reg_read(&b, ch, ENLNDAR), ==, ext);
            reg_write(&b, ch, ENLNDAR, 0);
        }
        reg_write(&b, ch, MR, ~(MR_CS | MR_CC));
        g_assert_cmphex(reg_read(&b, ch, MR), ==,
                        b.v->mr_mask & ~(MR_CS | MR_CC));
        reg_write(&b, ch, MR, 0);
        assert_reset_state(&b);
    }
    board_stop(&b);
}

/* Byte order and place of the words, with no help of the accessors above */
static void test_layout(const void *data)
{
    Board b = board(data);
    uint64_t chan = b.v->base + 0x180;

    /* of four bytes, only the top one has bits that BCR lacks */
    qtest_writel(b.qts, chan + 0x20, 0xffffffff);
    g_assert_cmphex(qtest_readl(b.qts, chan + 0x20), ==,
                    b.v->elo ? 0xffffff03 : 0x03ffffff);

    qtest_writel(b.qts, chan + 0x10, 0x01020304);
    qtest_writel(b.qts, chan + 0x14, 0x05060708);
    if (b.v->elo) {
        g_assert_cmphex(reg_read(&b, 1, SAR), ==, 0x04030201);
        g_assert_cmphex(reg_read(&b, 1, SATR), ==, 0);
        g_assert_cmphex(qtest_readl(b.qts, chan + 0x14), ==, 0);
    } else {
        g_assert_cmphex(reg_read(&b, 1, SATR), ==,
                        0x01020304 & b.v->attr_mask);
        g_assert_cmphex(reg_read(&b, 1, SAR), ==, 0x05060708);
    }
    board_stop(&b);
}

/* One byte a channel, the first in the top byte */
static void test_dgsr(const void *data)
{
    Board b = board(data);
    unsigned ch;

    put_chain(&b, 1, 4);
    for (ch = 0; ch < b.v->channels; ch++) {
        uint32_t shift = 24 - 8 * (ch % 4);

        start(&b, ch, 0);
        g_assert_cmphex(dgsr(&b, ch / 4), ==, SR_CB << shift);
        settle(&b);
        g_assert_cmphex(dgsr(&b, ch / 4), ==, b.v->end << shift);
        qtest_writel(b.qts, b.v->base + 0x300, 0xffffffff);
        g_assert_cmphex(dgsr(&b, ch / 4), ==, b.v->end << shift);
        clear_status(&b, ch);
        g_assert_cmphex(dgsr(&b, ch / 4), ==, 0);
    }
    board_stop(&b);
}

/* Only a 1 clears, only what is set, and never a read-only bit */
static void test_status_clear(const void *data)
{
    Board b = board(data);
    uint32_t both = SR_EOSI | b.v->end;

    put_chain(&b, 1, 4);
    start(&b, 0, MR_EOSIE);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    clear_status(&b, 0);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, both);
    reg_write(&b, 0, SR, 0);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, both);
    reg_write(&b, 0, SR, 0xff & ~both);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, both);
    reg_write(&b, 0, SR, SR_EOSI);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    reg_write(&b, 0, SR, SR_EOSI | b.v->end);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    board_stop(&b);
}

static void test_reset(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    start(&b, 0, all_irqs(&b));
    settle(&b);
    g_assert_true(irq(&b, 0));
    arm(&b, 1, MR_EMS_EN);
    dreq(&b, 1);
    g_assert_true(dack(&b, 1));
    start(&b, 3, MR_EMP_EN);
    settle(&b);
    start(&b, 2, 0);
    step(&b, FETCH_NS);
    system_reset(&b);
    assert_reset_state(&b);

    /* nothing of the running chains is left, and all can run again */
    qtest_memset(b.qts, DST, FILL, 128);
    settle(&b);
    assert_untouched(&b, DST, 128);
    dreq(&b, 3);
    reg_write(&b, 0, MR, MR_CC);
    assert_reset_state(&b);
    put_chain(&b, 2, 64);
    start(&b, 2, 0);
    settle(&b);
    assert_moved(&b, 128);
    board_stop(&b);
}

/*
 * Chains
 */

/* The start takes an edge of CS; the work is done later, and once */
static void test_start(const void *data)
{
    Board b = board(data);
    uint32_t cs = b.v->elo ? 0 : MR_CS;

    put_chain(&b, 1, 256);
    start(&b, 0, 0);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    assert_untouched(&b, DST, 256);
    step(&b, FETCH_NS);
    assert_untouched(&b, DST, 256);
    g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC);
    g_assert_cmphex(reg_read(&b, 0, DAR), ==, DST);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 256);
    step(&b, LINK_NS - 1);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    step(&b, 1);

    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmphex(reg_read(&b, 0, MR), ==, cs);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, LINKS);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 0);
    assert_moved(&b, 256);

    /* CS is still set on all but Elo: writing it again is no edge */
    clear_status(&b, 0);
    put_chain(&b, 1, 256);
    if (!b.v->elo) {
        reg_write(&b, 0, MR, MR_CS);
        settle(&b);
        assert_untouched(&b, DST, 256);
        reg_write(&b, 0, MR, 0);
    }
    reg_write(&b, 0, MR, MR_CS);
    settle(&b);
    assert_moved(&b, 256);
    board_stop(&b);
}

/* CLNDAR follows the links, one for each link time, and stays on the last */
static void test_chain(const void *data)
{
    Board b = board(data);
    unsigned ch, i;

    for (ch = 0; ch < b.v->channels; ch++) {
        /* more than the model's buffer, and pages of both sides to cross */
        put_chain(&b, 5, 5000);
        start(&b, ch, 0);
        step(&b, FETCH_NS);
        for (i = 0; i < 5; i++) {
            g_assert_cmphex(reg_read(&b, ch, SR), ==, SR_CB);
            g_assert_cmphex(reg_read(&b, ch, CLNDAR), ==, link_at(i));
            assert_moved(&b, i * 5000);
            step(&b, LINK_NS);
        }
        g_assert_cmphex(reg_read(&b, ch, SR), ==, b.v->end);
        g_assert_cmphex(reg_read(&b, ch, CLNDAR), ==, link_at(4));
        g_assert_cmphex(reg_read(&b, ch, NLNDAR), ==, NEXT_EOLND);
        assert_moved(&b, 5 * 5000);
    }
    board_stop(&b);
}

/* All channels at once, each with its own chain */
static void test_channels(const void *data)
{
    Board b = board(data);
    unsigned ch;

    put_chain(&b, b.v->channels, 64);
    for (ch = 0; ch < b.v->channels; ch++) {
        set_next(&b, ch, NEXT_EOLND);
        set_clndar(&b, ch, link_at(ch));
        reg_write(&b, ch, MR, MR_CS);
    }
    settle(&b);
    assert_moved(&b, b.v->channels * 64);
    for (ch = 0; ch < b.v->channels; ch++) {
        g_assert_cmphex(reg_read(&b, ch, CLNDAR), ==, link_at(ch));
        g_assert_cmphex(reg_read(&b, ch, SR), ==, b.v->end);
    }
    board_stop(&b);
}

/* A link in work is not read again: a chain cannot be extended behind it */
static void test_no_refetch(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    set_next(&b, 0, NEXT_EOLND);
    start(&b, 0, 0);
    step(&b, FETCH_NS);
    set_next(&b, 0, link_at(1));
    write64(&b, link_at(0), SRC + 1);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(0));
    assert_moved(&b, 64);
    board_stop(&b);
}

/* Linux sets the snoop bit of Elo in CLNDAR everywhere, in links on Elo */
static void test_snoop(const void *data)
{
    Board b = board(data);
    uint32_t snen = b.v->elo ? NEXT_SNEN : 0;

    put_chain(&b, 2, 64);
    set_next(&b, 0, link_at(1) | snen);
    set_next(&b, 1, NEXT_EOLND | snen);
    reg_write(&b, 0, CLNDAR, LINKS | NEXT_SNEN);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, LINKS | snen);
    reg_write(&b, 0, MR, MR_CS);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(1) | snen);
    assert_moved(&b, 128);
    board_stop(&b);
}

/* Attributes are kept beside the address and do not change it */
static void test_attributes(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    put_link(&b, LINKS, SRC | SNOOP, DST | SNOOP, NEXT_EOLND, 64);
    start(&b, 0, 0);
    step(&b, FETCH_NS);
    g_assert_cmphex(reg_read(&b, 0, SATR), ==, SNOOP >> 32);
    g_assert_cmphex(reg_read(&b, 0, DATR), ==, SNOOP >> 32);
    settle(&b);
    assert_moved(&b, 64);
    board_stop(&b);
}

/*
 * Addresses of more than 32 bits
 */

#define HIGH_RAM "-m 65G -object memory-backend-ram,id=ram,size=65G,reserve=off"

static Board high_board(const Variant *v)
{
    g_autofree char *args = g_strdup_printf("-machine memory-backend=ram %s",
                                            HIGH_RAM);

    return board_start(v, args);
}

/* Link, source and destination above "high", each in turn */
static void check_high(Board *b, uint64_t high)
{
    uint64_t mask = (uint64_t)b->v->ext_mask << 32 | 0xffffffff;
    uint64_t src = (high | SRC) & mask, dst = (high | DST) & mask;
    uint64_t link = (high | LINKS) & mask;

    put_pattern(b, src, 8192);
    qtest_memset(b->qts, dst, FILL, 8192 + 64);
    put_link(b, link, high | (SRC + 1), high | (DST + 1), NEXT_EOLND, 8000);
    set_clndar(b, 0, high | LINKS);
    reg_write(b, 0, MR, 0);
    reg_write(b, 0, MR, MR_CS);
    settle(b);
    g_assert_cmphex(reg_read(b, 0, SR), ==, b->v->end);
    assert_untouched(b, dst, 1);
    assert_pattern(b, dst + 1, 1, 8000);
    assert_untouched(b, dst + 8001, 64);
    clear_status(b, 0);
}

/* 32, 36 and 40 bits; what is above does not take part in the address */
static void test_address_width(const void *data)
{
    Board b = high_board(data);

    check_high(&b, 0);
    check_high(&b, 4 * GiB);
    check_high(&b, 11 * 4 * GiB);
    check_high(&b, 64 * GiB);           /* bit 36 */
    check_high(&b, 1ULL << 40);
    check_high(&b, 1ULL << 63);
    board_stop(&b);
}

/* A count over the end of 4 GiB carries into the upper word, if there is one */
static void test_address_carry(const void *data)
{
    Board b = high_board(data);
    uint64_t src = 4 * GiB - 100;

    put_pattern(&b, src, 200);
    if (b.v->elo) {
        put_pattern(&b, src, 100);
        qtest_memset(b.qts, 0, 0, 100);
    }
    qtest_memset(b.qts, DST, FILL, 264);
    put_link(&b, LINKS, src, DST, NEXT_EOLND, 200);
    start(&b, 0, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmphex(reg_read(&b, 0, SAR), ==, 100);
    g_assert_cmphex(reg_read(&b, 0, SATR), ==, b.v->elo ? 0 : 1);
    assert_pattern(&b, DST, 0, b.v->elo ? 100 : 200);
    board_stop(&b);
}

/*
 * Continue
 */

/* CC while the last link is in work */
static void test_continue_busy(const void *data)
{
    Board b = board(data);

    put_chain(&b, 3, 64);
    set_next(&b, 0, NEXT_EOLND);
    start(&b, 0, 0);
    step(&b, FETCH_NS);
    set_next(&b, 0, link_at(1));
    reg_write(&b, 0, MR, MR_CS | MR_CC);
    g_assert_cmphex(reg_read(&b, 0, MR), ==, MR_CS | MR_CC);
    step(&b, LINK_NS);
    g_assert_cmphex(reg_read(&b, 0, MR), ==, MR_CS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(1));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(2));
    assert_moved(&b, 192);
    board_stop(&b);
}

/* CC after the end: the last link is not moved again, what follows is */
static void test_continue_idle(const void *data)
{
    Board b = board(data);

    put_chain(&b, 3, 64);
    set_next(&b, 0, NEXT_EOLND);
    start(&b, 0, 0);
    settle(&b);
    assert_moved(&b, 64);
    clear_status(&b, 0);

    /* nothing new: nothing happens */
    reg_write(&b, 0, MR, reg_read(&b, 0, MR) | MR_CC);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, MR) & MR_CC, ==, 0);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    assert_moved(&b, 64);

    set_next(&b, 0, link_at(1));
    qtest_memset(b.qts, DST, FILL, 64);
    reg_write(&b, 0, MR, reg_read(&b, 0, MR) | MR_CC);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(2));
    assert_untouched(&b, DST, 64);
    assert_pattern(&b, DST + 64, 64, 128);
    board_stop(&b);
}

/* CC with no ended chain to continue is dropped */
static void test_continue_nothing(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    arm(&b, 0, 0);
    reg_write(&b, 0, MR, MR_CC);
    g_assert_cmphex(reg_read(&b, 0, MR), ==, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    assert_untouched(&b, DST, 64);
    board_stop(&b);
}

/*
 * Errors
 */

/* A start is refused before the status is clear and CS was dropped */
static void check_needs_cleaning(Board *b)
{
    uint32_t status = reg_read(b, 0, SR);

    put_chain(b, 1, 64);
    set_clndar(b, 0, LINKS);
    reg_write(b, 0, MR, 0);
    reg_write(b, 0, MR, MR_CS);
    settle(b);
    g_assert_cmphex(reg_read(b, 0, SR), ==, status);
    assert_untouched(b, DST, 64);
    clear_status(b, 0);
    reg_write(b, 0, MR, MR_CS);
    settle(b);
    g_assert_cmphex(reg_read(b, 0, SR), ==, 0);
    assert_untouched(b, DST, 64);
    reg_write(b, 0, MR, 0);
    reg_write(b, 0, MR, MR_CS);
    settle(b);
    g_assert_cmphex(reg_read(b, 0, SR), ==, b->v->end);
    assert_moved(b, 64);
}

/* Of the second of three links, what is in work after "good" bytes */
static uint32_t piece(uint32_t good)
{
    return MIN(5000 - good, 4096 - (5000 + good) % 4096);
}

/* The second of three links leaves memory after "good" bytes */
static void check_transfer_error(const void *data, bool write, uint32_t good)
{
    Board b = board(data);
    uint64_t edge = RAM_END - good;

    put_chain(&b, 3, 5000);
    if (write) {
        put_link(&b, link_at(1), SRC + 5000, edge, link_at(2), 5000);
    } else {
        put_pattern(&b, edge, good + 1);
        put_link(&b, link_at(1), edge, DST + 5000, link_at(2), 5000);
    }
    start(&b, 0, all_irqs(&b));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE);
    g_assert_true(irq(&b, 0));
    g_assert_cmphex(reg_read(&b, 0, MR) & MR_CS, ==, MR_CS);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(1));
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 5000 - good);
    if (write) {
        /* what could not be written was read all the same */
        g_assert_cmphex(reg_read(&b, 0, SAR), ==,
                        SRC + 5000 + good + piece(good));
        g_assert_cmphex(reg_read(&b, 0, DAR), ==, RAM_END);
        assert_pattern(&b, edge, 5000, good);
        assert_moved(&b, 5000);
    } else {
        g_assert_cmphex(reg_read(&b, 0, SAR), ==, RAM_END);
        g_assert_cmphex(reg_read(&b, 0, DAR), ==, DST + 5000 + good);
        assert_pattern(&b, DST, 0, 5000);
        assert_pattern(&b, DST + 5000, 0, good);
        assert_untouched(&b, DST + 5000 + good, 5000 - good);
    }
    check_needs_cleaning(&b);
    board_stop(&b);
}

static void test_read_error(const void *data)
{
    check_transfer_error(data, false, 0);
    check_transfer_error(data, false, 4200);
}

static void test_write_error(const void *data)
{
    check_transfer_error(data, true, 0);
    check_transfer_error(data, true, 4200);
}

static void test_fetch_error(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    set_next(&b, 0, RAM_END);
    start(&b, 0, all_irqs(&b));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, RAM_END);
    /* as the link before left them */
    g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC + 64);
    g_assert_cmphex(reg_read(&b, 0, DAR), ==, DST + 64);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 0);
    assert_moved(&b, 64);
    check_needs_cleaning(&b);
    board_stop(&b);
}

/* Address hold: SAR counts the unit that could not be written, or nothing */
static void test_hold_error(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    put_link(&b, LINKS, SRC, RAM_END, NEXT_EOLND, 64);
    start(&b, 0, MR_NO_LIMIT | MR_DAHE | MR_DAHTS(2));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE);
    g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC + 4);
    g_assert_cmphex(reg_read(&b, 0, DAR), ==, RAM_END);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 64);
    clear_status(&b, 0);
    reg_write(&b, 0, MR, 0);

    start(&b, 0, MR_NO_LIMIT | MR_SAHE | MR_SAHTS(2));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE);
    g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC);
    g_assert_cmphex(reg_read(&b, 0, DAR), ==, RAM_END);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 64);
    board_stop(&b);
}

static void test_zero_count(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    put_link(&b, link_at(1), SRC, DST, NEXT_EOLND, 0);
    start(&b, 0, all_irqs(&b));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_PE);
    g_assert_true(irq(&b, 0));
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(1));
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 0);
    assert_moved(&b, 64);
    check_needs_cleaning(&b);
    board_stop(&b);
}

/*
 * Halt, abort, chains without end
 */

static void test_halt(const void *data)
{
    Board b = board(data);

    put_chain(&b, 3, 64);
    start(&b, 0, MR_NO_LIMIT);
    step(&b, FETCH_NS + LINK_NS + LINK_NS / 2);
    reg_write(&b, 0, MR, MR_NO_LIMIT);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB | SR_CH);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB | SR_CH);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(1));
    assert_moved(&b, 64);

    /* CS resumes where it was */
    reg_write(&b, 0, MR, MR_NO_LIMIT | MR_CS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    assert_moved(&b, 192);
    board_stop(&b);
}

/* A halt of an idle channel is none */
static void test_halt_idle(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    start(&b, 0, 0);
    settle(&b);
    reg_write(&b, 0, MR, 0);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    board_stop(&b);
}

/* A new chain takes the place of a halted one */
static void test_halt_replace(const void *data)
{
    Board b = board(data);

    put_chain(&b, 3, 64);
    start(&b, 0, 0);
    step(&b, FETCH_NS + LINK_NS + LINK_NS / 2);
    reg_write(&b, 0, MR, 0);
    set_clndar(&b, 0, link_at(2));
    reg_write(&b, 0, MR, MR_CS);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    assert_pattern(&b, DST, 0, 64);
    assert_untouched(&b, DST + 64, 64);
    assert_pattern(&b, DST + 128, 128, 64);
    board_stop(&b);
}

/* As Linux stops a channel, then the next chain */
static void test_abort(const void *data)
{
    Board b = board(data);

    put_chain(&b, 3, 64);
    start(&b, 0, all_irqs(&b));
    step(&b, FETCH_NS + LINK_NS + LINK_NS / 2);
    reg_write(&b, 0, MR, all_irqs(&b) | MR_CS | MR_CA);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    reg_write(&b, 0, MR, all_irqs(&b));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    g_assert_false(irq(&b, 0));
    assert_moved(&b, 64);

    put_chain(&b, 3, 64);
    start(&b, 0, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    assert_moved(&b, 192);
    board_stop(&b);
}

static void test_abort_halted(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    start(&b, 0, 0);
    step(&b, FETCH_NS);
    reg_write(&b, 0, MR, 0);
    reg_write(&b, 0, MR, MR_CA);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    /* no start while CA is set */
    reg_write(&b, 0, MR, MR_CA | MR_CS);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    assert_untouched(&b, DST, 64);
    board_stop(&b);
}

/* On Elo the same bit masks the interrupt of errors and stops nothing */
static void test_error_mask(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    set_next(&b, 1, RAM_END);
    start(&b, 0, 0);
    step(&b, FETCH_NS + LINK_NS);
    reg_write(&b, 0, MR, MR_CS | MR_CA);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE);
    g_assert_false(irq(&b, 0));
    assert_moved(&b, 128);
    reg_write(&b, 0, MR, 0);
    g_assert_true(irq(&b, 0));
    board_stop(&b);
}

/* A link that is its own next costs time, and can be stopped */
static void test_loop(const void *data)
{
    Board b = board_start(data,
                          "-m 64M -global fsl-elo-dma.link-time-ns=0");

    put_chain(&b, 1, 64);
    set_next(&b, 0, link_at(0));
    start(&b, 0, MR_NO_LIMIT);
    step(&b, 1000);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    assert_moved(&b, 64);

    qtest_memset(b.qts, DST, FILL, 64);
    if (b.v->elo) {
        reg_write(&b, 0, MR, MR_NO_LIMIT);
        g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB | SR_CH);
    } else {
        reg_write(&b, 0, MR, MR_NO_LIMIT | MR_CS | MR_CA);
        g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    }
    step(&b, 1000);
    assert_untouched(&b, DST, 64);
    board_stop(&b);
}

/* Data that lands in the channel's own registers, which Elo cannot address */
static void test_own_registers(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    write32(&b, SRC, MR_CA);
    put_link(&b, link_at(0), SRC, reg_addr(&b, 0, MR), link_at(1), 4);
    start(&b, 0, MR_NO_LIMIT);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, MR), ==, MR_CA);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    assert_untouched(&b, DST, 128);
    board_stop(&b);
}

/*
 * Interrupts
 */

static void test_irq(const void *data)
{
    Board b = board(data);
    unsigned ch, other;

    put_chain(&b, 1, 64);
    for (ch = 0; ch < b.v->channels; ch++) {
        start(&b, ch, b.v->end_ie);
        settle(&b);
        for (other = 0; other < b.v->channels; other++) {
            bool same = b.v->irq[ch] == b.v->irq[other];

            g_assert(irq(&b, other) == same);
        }
        /* clearing another bit is not enough */
        reg_write(&b, ch, SR, SR_TE);
        g_assert_true(irq(&b, ch));
        clear_status(&b, ch);
        g_assert_false(irq(&b, ch));
    }
    board_stop(&b);
}

/* The level follows the enable bits as well as the status */
static void test_irq_enable(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    start(&b, 0, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_false(irq(&b, 0));
    reg_write(&b, 0, MR, b.v->end_ie);
    g_assert_true(irq(&b, 0));
    reg_write(&b, 0, MR, 0);
    g_assert_false(irq(&b, 0));
    board_stop(&b);
}

/* EIE is for both errors, and for nothing else */
static void test_irq_error_enable(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    start(&b, 0, MR_EIE);
    settle(&b);
    g_assert_false(irq(&b, 0));
    set_next(&b, 0, RAM_END);
    reg_write(&b, 0, MR, 0);
    start(&b, 0, MR_EOLNIE);
    clear_status(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE);
    g_assert_false(irq(&b, 0));
    reg_write(&b, 0, MR, MR_EIE);
    g_assert_true(irq(&b, 0));
    board_stop(&b);
}

/* Elo's one line is high while any channel has something */
static void test_irq_shared(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    start(&b, 0, MR_EOTIE);
    start(&b, 3, MR_EOTIE);
    settle(&b);
    g_assert_true(irq(&b, 0));
    g_assert_cmphex(dgsr(&b, 0), ==, SR_EOLSI << 24 | SR_EOLSI);
    clear_status(&b, 0);
    g_assert_true(irq(&b, 0));
    clear_status(&b, 3);
    g_assert_false(irq(&b, 0));
    board_stop(&b);
}

/* End of segment: after each link, or after those that ask for it */
static void test_segment(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    start(&b, 0, MR_EOSIE);
    step(&b, FETCH_NS);
    g_assert_false(irq(&b, 0));
    step(&b, LINK_NS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB | SR_EOSI);
    g_assert_true(irq(&b, 0));
    clear_status(&b, 0);
    g_assert_false(irq(&b, 0));
    step(&b, LINK_NS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end | SR_EOSI);
    clear_status(&b, 0);

    put_chain(&b, 3, 64);
    set_next(&b, 1, link_at(2) | NEXT_EOSIE);
    reg_write(&b, 0, MR, 0);
    start(&b, 0, 0);
    step(&b, FETCH_NS + LINK_NS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    step(&b, LINK_NS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB | SR_EOSI);
    g_assert_true(irq(&b, 0));
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(2));
    clear_status(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_false(irq(&b, 0));
    assert_moved(&b, 192);
    board_stop(&b);
}

/*
 * Direct mode and address hold
 */

static void put_direct(Board *b, unsigned ch, uint32_t len)
{
    put_pattern(b, SRC, len);
    qtest_memset(b->qts, DST, FILL, len + 64);
    reg_write(b, ch, SAR, SRC);
    reg_write(b, ch, DAR, DST);
    reg_write(b, ch, BCR, len);
}

static void test_direct(const void *data)
{
    Board b = board(data);
    uint32_t end = b.v->elo ? SR_EOLSI : 0;

    reg_write(&b, 0, MR, MR_CTM);
    put_direct(&b, 0, 6000);
    reg_write(&b, 0, MR, MR_CTM | MR_CS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    assert_untouched(&b, DST, 6000);

    /* a busy channel keeps its registers */
    reg_write(&b, 0, SAR, 0);
    reg_write(&b, 0, BCR, 1);
    g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 6000);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, end);
    g_assert_cmphex(reg_read(&b, 0, MR), ==, MR_CTM | (end ? 0 : MR_CS));
    g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC + 6000);
    g_assert_cmphex(reg_read(&b, 0, DAR), ==, DST + 6000);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 0);
    assert_moved(&b, 6000);

    /* the end of a direct transfer is the end of its only segment */
    clear_status(&b, 0);
    put_direct(&b, 0, 64);
    reg_write(&b, 0, MR, MR_CTM | MR_EOSIE);
    reg_write(&b, 0, MR, MR_CTM | MR_EOSIE | MR_CS);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, end | SR_EOSI);
    g_assert_true(irq(&b, 0));
    board_stop(&b);
}

static void test_direct_errors(const void *data)
{
    Board b = board(data);

    reg_write(&b, 0, MR, MR_CTM | MR_CS);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_PE);
    clear_status(&b, 0);

    reg_write(&b, 0, MR, MR_CTM);
    put_direct(&b, 0, 8192);
    reg_write(&b, 0, DAR, RAM_END - 4096);
    reg_write(&b, 0, MR, MR_CTM | MR_CS);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 4096);
    assert_pattern(&b, RAM_END - 4096, 0, 4096);
    board_stop(&b);
}

/* Each unit of a held source is the same bytes, of a held target the last */
static void test_hold(const void *data)
{
    Board b = board(data);
    unsigned log, i;

    for (log = 0; log < 4; log++) {
        unsigned size = 1 << log;

        put_chain(&b, 1, 64);
        start(&b, 0, MR_NO_LIMIT | MR_SAHE | MR_SAHTS(log));
        settle(&b);
        g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
        g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC);
        g_assert_cmphex(reg_read(&b, 0, DAR), ==, DST + 64);
        for (i = 0; i < 64; i += size) {
            assert_pattern(&b, DST + i, 0, size);
        }
        assert_untouched(&b, DST + 64, 64);
        clear_status(&b, 0);
        reg_write(&b, 0, MR, 0);

        put_chain(&b, 1, 64);
        start(&b, 0, MR_NO_LIMIT | MR_DAHE | MR_DAHTS(log));
        settle(&b);
        g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
        g_assert_cmphex(reg_read(&b, 0, SAR), ==, SRC + 64);
        g_assert_cmphex(reg_read(&b, 0, DAR), ==, DST);
        assert_pattern(&b, DST, 64 - size, size);
        assert_untouched(&b, DST + size, 64);
        clear_status(&b, 0);
        reg_write(&b, 0, MR, 0);
    }
    board_stop(&b);
}

/* Both sides at once, of different size */
static void test_hold_both(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    start(&b, 0, MR_NO_LIMIT | MR_SAHE | MR_SAHTS(2) | MR_DAHE | MR_DAHTS(1));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    assert_pattern(&b, DST, 2, 2);
    assert_untouched(&b, DST + 2, 64);
    board_stop(&b);
}

static void test_hold_errors(const void *data)
{
    static const struct {
        uint32_t mr;
        uint32_t len;
    } bad[] = {
        { MR_NO_LIMIT | MR_SAHE | MR_SAHTS(3), 60 },
        { MR_NO_LIMIT | MR_DAHE | MR_DAHTS(2), 62 },
        { MR_BWC(2) | MR_SAHE | MR_SAHTS(3), 64 },
        { MR_BWC(0) | MR_DAHE | MR_DAHTS(1), 64 },
    };
    Board b = board(data);
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        put_chain(&b, 1, bad[i].len);
        start(&b, 0, bad[i].mr);
        settle(&b);
        g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_PE);
        g_assert_cmphex(reg_read(&b, 0, BCR), ==, bad[i].len);
        assert_untouched(&b, DST, 64);
        clear_status(&b, 0);
        reg_write(&b, 0, MR, 0);
    }
    /* the smallest bandwidth that will do */
    put_chain(&b, 1, 64);
    start(&b, 0, MR_BWC(3) | MR_SAHE | MR_SAHTS(3));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    board_stop(&b);
}

/*
 * External control
 */

/* DREQ starts the chain as CS would, and sets it */
static void test_dreq_start(const void *data)
{
    Board b = board(data);
    unsigned ch;

    for (ch = 0; ch < b.v->channels; ch++) {
        put_chain(&b, 2, 64);
        arm(&b, ch, MR_EMS_EN);
        settle(&b);
        g_assert_cmphex(reg_read(&b, ch, SR), ==, 0);
        assert_untouched(&b, DST, 128);

        dreq(&b, ch);
        g_assert_cmphex(reg_read(&b, ch, SR), ==, SR_CB);
        g_assert_cmphex(reg_read(&b, ch, MR), ==, MR_EMS_EN | MR_CS);
        g_assert_true(dack(&b, ch));
        g_assert_false(ddone(&b, ch));
        step(&b, FETCH_NS + LINK_NS);
        g_assert_true(dack(&b, ch));
        step(&b, LINK_NS);
        g_assert_cmphex(reg_read(&b, ch, SR), ==, b.v->end);
        g_assert_false(dack(&b, ch));
        g_assert_true(ddone(&b, ch));
        assert_moved(&b, 128);

        /* the next start takes DDONE away */
        reg_write(&b, ch, MR, MR_EMS_EN);
        set_clndar(&b, ch, LINKS);
        g_assert_true(ddone(&b, ch));
        dreq(&b, ch);
        g_assert_false(ddone(&b, ch));
        settle(&b);
    }
    board_stop(&b);
}

/* Without external control there is neither DACK nor DDONE */
static void test_dreq_unused(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    start(&b, 0, 0);
    g_assert_false(dack(&b, 0));
    step(&b, FETCH_NS);
    g_assert_false(dack(&b, 0));
    settle(&b);
    g_assert_false(ddone(&b, 0));
    board_stop(&b);
}

/* Not armed, busy, with an error pending, not a rising edge: no request */
static void test_dreq_ignored(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    arm(&b, 0, 0);
    dreq(&b, 0);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    g_assert_false(dack(&b, 0));

    dreq_level(&b, 0, 1);
    reg_write(&b, 0, MR, MR_EMS_EN);
    dreq_level(&b, 0, 1);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);
    dreq_level(&b, 0, 0);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, 0);

    dreq(&b, 0);
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    if (!b.v->elo) {
        /* CS is still set: no edge */
        dreq(&b, 0);
        g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    }

    clear_status(&b, 0);
    put_link(&b, LINKS, SRC, DST, NEXT_EOLND, 0);
    arm(&b, 0, MR_EMS_EN);
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_PE);
    g_assert_false(ddone(&b, 0));
    g_assert_false(dack(&b, 0));
    reg_write(&b, 0, MR, MR_EMS_EN);
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_PE);
    board_stop(&b);
}

/* EMP_EN: each request is 2^BWC bytes, across links if it must be */
static void check_pause(const void *data, bool external_start)
{
    Board b = board(data);
    uint32_t mr = MR_EMP_EN | MR_BWC(5) | (external_start ? MR_EMS_EN : 0);
    unsigned moved;

    /* 32 bytes a request: 48-byte links end within and at requests */
    put_chain(&b, 3, 48);
    arm(&b, 0, mr);
    for (moved = 0; moved < 128; ) {
        if (moved || external_start) {
            dreq(&b, 0);
            g_assert_true(dack(&b, 0));
        } else {
            reg_write(&b, 0, MR, mr | MR_CS);
            g_assert_false(dack(&b, 0));
        }
        settle(&b);
        moved += 32;
        g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
        g_assert_false(dack(&b, 0));
        g_assert_false(ddone(&b, 0));
        assert_moved(&b, moved);
        g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(moved / 48));
    }
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_false(dack(&b, 0));
    g_assert_true(ddone(&b, 0));
    assert_moved(&b, 144);
    board_stop(&b);
}

static void test_pause(const void *data)
{
    check_pause(data, true);
}

static void test_pause_software_start(const void *data)
{
    check_pause(data, false);
}

/* A request that ends with the chain does not pause it */
static void test_pause_exact(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    arm(&b, 0, MR_EMP_EN | MR_EMS_EN | MR_BWC(6));
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    g_assert_cmphex(reg_read(&b, 0, CLNDAR), ==, link_at(1));
    /* it paused before the fetch: the link is read with the request */
    put_link(&b, link_at(1), SRC + 64, DST + 64, NEXT_EOLND, 60);
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_true(ddone(&b, 0));
    assert_moved(&b, 124);
    board_stop(&b);
}

static void test_pause_no_limit(const void *data)
{
    Board b = board(data);

    put_chain(&b, 3, 20000);
    arm(&b, 0, MR_EMP_EN | MR_EMS_EN | MR_NO_LIMIT);
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    assert_moved(&b, 3 * 20000);
    board_stop(&b);
}

/* A halted channel takes no request; it pauses still when it is resumed */
static void test_pause_halt(const void *data)
{
    Board b = board(data);
    uint32_t mr = MR_EMP_EN | MR_BWC(5);

    put_chain(&b, 1, 64);
    start(&b, 0, mr);
    settle(&b);
    reg_write(&b, 0, MR, mr);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB | SR_CH);
    dreq(&b, 0);
    settle(&b);
    assert_moved(&b, 32);
    reg_write(&b, 0, MR, mr | MR_CS);
    settle(&b);
    assert_moved(&b, 32);

    /* DACK goes with a halt and comes back */
    dreq(&b, 0);
    g_assert_true(dack(&b, 0));
    reg_write(&b, 0, MR, mr);
    g_assert_false(dack(&b, 0));
    reg_write(&b, 0, MR, mr | MR_CS);
    g_assert_true(dack(&b, 0));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    assert_moved(&b, 64);
    board_stop(&b);
}

/* Requests of a device that is a held address */
static void test_pause_hold(const void *data)
{
    Board b = board(data);
    unsigned i;

    put_chain(&b, 1, 16);
    arm(&b, 0, MR_EMS_EN | MR_EMP_EN | MR_BWC(2) | MR_DAHE | MR_DAHTS(2));
    for (i = 0; i < 16; i += 4) {
        dreq(&b, 0);
        settle(&b);
        assert_pattern(&b, DST, i, 4);
    }
    g_assert_true(ddone(&b, 0));
    assert_untouched(&b, DST + 4, 64);
    board_stop(&b);
}

static void test_pause_direct(const void *data)
{
    Board b = board(data);
    uint32_t mr = MR_CTM | MR_EMS_EN | MR_EMP_EN | MR_BWC(10);

    reg_write(&b, 0, MR, mr);
    put_direct(&b, 0, 2000);
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 2000 - 1024);
    assert_moved(&b, 1024);
    dreq(&b, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, BCR), ==, 0);
    g_assert_true(ddone(&b, 0));
    assert_moved(&b, 2000);
    board_stop(&b);
}

/*
 * Faults on demand
 */

static void check_fault_link(Board *b, const char *side, unsigned nth)
{
    uint32_t before = 5000 * (nth - 1);
    uint32_t lost = g_str_equal(side, "write") ?
        MIN(5000, 4096 - before % 4096) : 0;

    put_chain(b, 4, 5000);
    set_str(b, "fault-side", side);
    set_uint(b, "fault-link", nth);
    start(b, 0, all_irqs(b));
    settle(b);
    g_assert_cmphex(reg_read(b, 0, SR), ==, SR_TE);
    g_assert_true(irq(b, 0));
    g_assert_cmphex(reg_read(b, 0, CLNDAR), ==, link_at(nth - 1));
    g_assert_cmphex(reg_read(b, 0, BCR), ==, 5000);
    g_assert_cmphex(reg_read(b, 0, SAR), ==, SRC + before + lost);
    g_assert_cmphex(reg_read(b, 0, DAR), ==, DST + before);
    assert_moved(b, before);
    /* once */
    check_needs_cleaning(b);
    clear_status(b, 0);
    reg_write(b, 0, MR, 0);
}

static void test_fault_link(const void *data)
{
    Board b = board(data);

    check_fault_link(&b, "read", 1);
    check_fault_link(&b, "write", 1);
    check_fault_link(&b, "read", 3);
    check_fault_link(&b, "write", 4);
    board_stop(&b);
}

/* With UART's IIR as the source: a read takes its interrupt away */
static void check_fault_side(Board *b, const char *side, uint8_t left)
{
    uint64_t iir = CCSR + 0x4502;

    qtest_writeb(b->qts, CCSR + 0x4501, 0);
    qtest_writeb(b->qts, CCSR + 0x4501, 2);
    put_link(b, LINKS, iir, DST, NEXT_EOLND, 1);
    set_str(b, "fault-side", side);
    set_uint(b, "fault-link", 1);
    start(b, 0, 0);
    settle(b);
    g_assert_cmphex(reg_read(b, 0, SR), ==, SR_TE);
    g_assert_cmphex(qtest_readb(b->qts, iir) & 0xf, ==, left);
    clear_status(b, 0);
    reg_write(b, 0, MR, 0);
}

static void test_fault_side(const void *data)
{
    Board b = board_start(data, "-m 64M -serial null");

    check_fault_side(&b, "read", 2);
    check_fault_side(&b, "write", 1);
    board_stop(&b);
}

/* The link is never read: the registers are those of the one before it */
static void check_fault_fetch(Board *b, unsigned nth)
{
    uint32_t before = 5000 * (nth - 1);

    put_chain(b, 3, 5000);
    arm(b, 0, all_irqs(b));
    reg_write(b, 0, SAR, SRC);
    reg_write(b, 0, DAR, DST);
    reg_write(b, 0, BCR, 0);
    set_uint(b, "fault-link", nth);
    reg_write(b, 0, MR, all_irqs(b) | MR_CS);
    settle(b);
    g_assert_cmphex(reg_read(b, 0, SR), ==, SR_TE);
    g_assert_true(irq(b, 0));
    g_assert_cmphex(reg_read(b, 0, CLNDAR), ==, link_at(nth - 1));
    g_assert_cmphex(reg_read(b, 0, SAR), ==, SRC + before);
    g_assert_cmphex(reg_read(b, 0, DAR), ==, DST + before);
    g_assert_cmphex(reg_read(b, 0, BCR), ==, 0);
    g_assert_cmpuint(get_uint(b, "fault-link"), ==, 0);
    assert_moved(b, before);
    check_needs_cleaning(b);
    clear_status(b, 0);
    reg_write(b, 0, MR, 0);
}

static void test_fault_fetch(const void *data)
{
    Board b = board(data);

    set_str(&b, "fault-side", "fetch");
    check_fault_fetch(&b, 1);
    check_fault_fetch(&b, 3);

    /* a direct transfer counts, and has nothing to fetch */
    reg_write(&b, 0, MR, MR_CTM);
    put_direct(&b, 0, 64);
    set_uint(&b, "fault-link", 1);
    reg_write(&b, 0, MR, MR_CTM | MR_CS);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR) & SR_TE, ==, 0);
    g_assert_cmpuint(get_uint(&b, "fault-link"), ==, 0);
    assert_moved(&b, 64);
    board_stop(&b);
}

/* An interrupt for each link that the guest did not ask for */
static void test_fault_storm(const void *data)
{
    Board b = board(data);
    unsigned i;

    set_uint(&b, "fault-channel", 1);
    set_bool(&b, "fault-storm", true);
    g_assert_true(get_bool(&b, "fault-storm"));
    put_chain(&b, 4, 64);
    start(&b, 1, 0);
    step(&b, FETCH_NS);
    for (i = 0; i < 3; i++) {
        g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_CB);
        g_assert_false(irq(&b, 1));
        step(&b, LINK_NS);
        g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_CB | SR_EOSI);
        g_assert_true(irq(&b, 1));
        reg_write(&b, 1, SR, SR_EOSI);
    }
    step(&b, LINK_NS);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, b.v->end | SR_EOSI);
    g_assert_true(irq(&b, 1));
    clear_status(&b, 1);
    reg_write(&b, 1, MR, 0);
    assert_moved(&b, 256);

    /* other channels are left alone, and so is this one afterwards */
    start(&b, 0, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    set_bool(&b, "fault-storm", false);
    start(&b, 1, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, b.v->end);
    g_assert_false(irq(&b, 1));
    board_stop(&b);
}

/* Channel 1 has done the first of four links, and cannot be stopped */
static uint32_t start_stuck(Board *b)
{
    set_uint(b, "fault-channel", 1);
    set_bool(b, "fault-stuck", true);
    put_chain(b, 4, 64);
    start(b, 1, 0);
    step(b, FETCH_NS + LINK_NS);
    return reg_read(b, 1, MR);
}

/* Neither MR[CA] nor MR[CS] stops it, and it goes on at its pace */
static void test_fault_stuck(const void *data)
{
    Board b = board(data);
    uint32_t mr = start_stuck(&b);

    step(&b, LINK_NS / 2);
    if (!b.v->elo) {
        reg_write(&b, 1, MR, mr | MR_CA);
    }
    reg_write(&b, 1, MR, mr & ~MR_CS);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_CB);
    assert_moved(&b, 64);
    reg_write(&b, 1, MR, mr);
    step(&b, LINK_NS / 2 - 1);
    assert_moved(&b, 64);
    step(&b, 1);
    assert_moved(&b, 128);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, b.v->end);
    assert_moved(&b, 256);
    clear_status(&b, 1);
    reg_write(&b, 1, MR, 0);

    /* other channels are left alone, and so is this one afterwards */
    start(&b, 0, 0);
    step(&b, FETCH_NS + LINK_NS);
    reg_write(&b, 0, MR, mr & ~MR_CS);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_CB | SR_CH);
    set_bool(&b, "fault-stuck", false);
    start(&b, 1, 0);
    step(&b, FETCH_NS + LINK_NS);
    reg_write(&b, 1, MR, mr & ~MR_CS);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_CB | SR_CH);
    board_stop(&b);
}

/* What it was told meanwhile, it does when the fault has gone */
static void test_fault_stuck_late(const void *data)
{
    Board b = board(data);
    uint32_t mr = start_stuck(&b);

    set_bool(&b, "fault-stuck", false);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_CB);
    set_bool(&b, "fault-stuck", true);
    reg_write(&b, 1, MR, mr & ~MR_CS);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_CB);
    set_bool(&b, "fault-stuck", false);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_CB | SR_CH);
    settle(&b);
    assert_moved(&b, 64);
    g_assert_false(irq(&b, 1));

    /* it can be gone on with, and what is idle is left alone */
    reg_write(&b, 1, MR, mr);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, b.v->end);
    assert_moved(&b, 256);
    reg_write(&b, 1, MR, mr & ~MR_CS);
    set_bool(&b, "fault-stuck", false);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, b.v->end);
    board_stop(&b);
}

static void test_fault_count(const void *data)
{
    Board b = board(data);

    /* links of more than one chain count, those of other channels do not */
    put_chain(&b, 2, 64);
    set_uint(&b, "fault-channel", 1);
    set_uint(&b, "fault-link", 3);
    start(&b, 0, 0);
    settle(&b);
    start(&b, 1, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, b.v->end);
    clear_status(&b, 1);
    reg_write(&b, 1, MR, 0);
    start(&b, 1, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_TE);
    g_assert_cmphex(reg_read(&b, 1, CLNDAR), ==, link_at(0));
    board_stop(&b);
}

/* From the command line, and over a reset */
static void test_fault_global(const void *data)
{
    Board b = board_start(data, "-m 64M -global fsl-elo-dma.fault-link=2"
                          " -global fsl-elo-dma.fault-channel=1"
                          " -global fsl-elo-dma.fault-side=write");

    system_reset(&b);
    put_chain(&b, 2, 64);
    start(&b, 1, 0);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 1, SR), ==, SR_TE);
    g_assert_cmphex(reg_read(&b, 1, CLNDAR), ==, link_at(1));
    assert_moved(&b, 64);
    board_stop(&b);
}

static void test_fault_pe(const void *data)
{
    Board b = board(data);

    put_chain(&b, 2, 64);
    start(&b, 0, all_irqs(&b));
    step(&b, FETCH_NS);
    /* the run that is under way is not the next one */
    set_bool(&b, "fault-pe", true);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    clear_status(&b, 0);

    put_chain(&b, 2, 64);
    reg_write(&b, 0, MR, 0);
    start(&b, 0, all_irqs(&b));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_PE);
    g_assert_true(irq(&b, 0));
    assert_untouched(&b, DST, 128);
    check_needs_cleaning(&b);
    board_stop(&b);
}

static void test_fault_lost_irq(const void *data)
{
    Board b = board(data);
    unsigned i;

    set_uint(&b, "fault-lost-irq", 2);
    for (i = 0; i < 3; i++) {
        put_chain(&b, 2, 64);
        reg_write(&b, 0, MR, 0);
        start(&b, 0, all_irqs(&b));
        settle(&b);
        g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
        g_assert(irq(&b, 0) == (i == 2));
        assert_moved(&b, 128);
        clear_status(&b, 0);
    }

    /* the next status change brings the line up */
    set_uint(&b, "fault-lost-irq", 1);
    put_chain(&b, 2, 64);
    reg_write(&b, 0, MR, 0);
    start(&b, 0, all_irqs(&b) | MR_EOSIE);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end | SR_EOSI);
    g_assert_true(irq(&b, 0));
    reg_write(&b, 0, SR, SR_EOSI);
    g_assert_true(irq(&b, 0));
    clear_status(&b, 0);
    g_assert_false(irq(&b, 0));
    board_stop(&b);
}

/* What brings up a lost interrupt need not be enabled itself */
static void test_fault_lost_irq_found(const void *data)
{
    Board b = board(data);

    set_uint(&b, "fault-lost-irq", 1);
    put_chain(&b, 1, 64);
    start(&b, 0, b.v->end_ie);
    settle(&b);
    g_assert_false(irq(&b, 0));
    set_next(&b, 0, RAM_END);
    reg_write(&b, 0, MR, 0);
    start(&b, 0, b.v->end_ie | (b.v->elo ? MR_CA : 0));
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, SR_TE | b.v->end);
    g_assert_true(irq(&b, 0));

    /* an interrupt that is up already cannot be lost */
    reg_write(&b, 0, SR, SR_TE);
    set_uint(&b, "fault-lost-irq", 1);
    put_chain(&b, 1, 64);
    start(&b, 0, b.v->end_ie);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    g_assert_cmpuint(get_uint(&b, "fault-lost-irq"), ==, 0);
    g_assert_true(irq(&b, 0));
    board_stop(&b);
}

/*
 * What the model logs
 */

static size_t log_size(const char *name)
{
    g_autofree char *text = NULL;
    size_t len;

    g_assert_true(g_file_get_contents(name, &text, &len, NULL));
    return len;
}

static void assert_logged(const char *name, size_t from, const char *what)
{
    g_autofree char *text = NULL;

    g_assert_true(g_file_get_contents(name, &text, NULL, NULL));
    if (!strstr(text + from, what)) {
        g_test_message("no \"%s\" in: %s", what, text + from);
        g_test_fail();
    }
}

/*
 * Requests on demand
 */

#define PERIOD_NS   10000

/* Each pulse starts the chain or gives it 32 bytes more */
static void test_request_pulses(const void *data)
{
    Board b = board(data);
    unsigned last = b.v->channels - 1;
    unsigned i;

    put_chain(&b, 2, 64);
    arm(&b, last, MR_EMS_EN | MR_EMP_EN | MR_BWC(5));
    set_uint(&b, "request-channel", last);
    g_assert_cmpuint(get_uint(&b, "request-period-ns"), ==, 0);
    step(&b, 3 * PERIOD_NS);
    g_assert_cmphex(reg_read(&b, last, SR), ==, 0);
    set_uint(&b, "request-period-ns", PERIOD_NS);
    step(&b, PERIOD_NS - 1);
    for (i = 0; i < 4; i++) {
        assert_moved(&b, 32 * i);
        g_assert_false(dack(&b, last));
        step(&b, 1);
        g_assert_cmphex(reg_read(&b, last, SR), ==, SR_CB);
        g_assert_true(dack(&b, last));
        step(&b, PERIOD_NS - 1);
    }
    g_assert_cmphex(reg_read(&b, last, SR), ==, b.v->end);
    g_assert_true(ddone(&b, last));
    assert_moved(&b, 128);
    board_stop(&b);
}

/* An edge of its own: DREQ's level takes no part in it, and stays as it is */
static void test_request_beside_dreq(const void *data)
{
    Board b = board(data);

    put_chain(&b, 1, 64);
    dreq_level(&b, 0, 1);
    arm(&b, 0, MR_EMS_EN | MR_EMP_EN | MR_BWC(5));
    set_uint(&b, "request-period-ns", PERIOD_NS);
    step(&b, PERIOD_NS + LINK_NS + FETCH_NS);
    assert_moved(&b, 32);
    set_uint(&b, "request-period-ns", 0);
    dreq_level(&b, 0, 1);
    step(&b, 3 * PERIOD_NS);
    assert_moved(&b, 32);
    dreq_level(&b, 0, 0);
    dreq(&b, 0);
    settle(&b);
    assert_moved(&b, 64);
    board_stop(&b);
}

/* From the command line, over a reset with a new first period, and refused */
static void test_request_set(const void *data)
{
    static const unsigned bad[] = { 1, 999 };
    Board b = board_start(data, "-m 64M"
                          " -global fsl-elo-dma.request-period-ns=10000"
                          " -global fsl-elo-dma.request-channel=2");
    unsigned i;

    step(&b, PERIOD_NS / 2);
    system_reset(&b);
    put_chain(&b, 1, 64);
    arm(&b, 2, MR_EMS_EN);
    step(&b, PERIOD_NS - 1);
    g_assert_cmphex(reg_read(&b, 2, SR), ==, 0);
    step(&b, 1);
    g_assert_cmphex(reg_read(&b, 2, SR), ==, SR_CB);
    settle(&b);
    assert_moved(&b, 64);

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        QDict *rsp = qtest_qmp(b.qts, "{'execute': 'qom-set', 'arguments':"
                               " {'path': %s, 'property': 'request-period-ns',"
                               "  'value': %u}}", b.v->path, bad[i]);

        g_assert_true(qdict_haskey(rsp, "error"));
        qobject_unref(rsp);
    }
    g_assert_cmpuint(get_uint(&b, "request-period-ns"), ==, PERIOD_NS);
    board_stop(&b);
}

/* A channel that does not exist gets nothing, not even a complaint */
static void test_request_no_channel(const void *data)
{
    g_autofree char *name = g_strdup_printf("%s/requests", tmpdir);
    g_autofree char *args = g_strdup_printf("-m 64M -d guest_errors -D %s",
                                            name);
    Board b = board_start(data, args);
    size_t before = log_size(name);

    set_uint(&b, "request-channel", b.v->channels);
    set_uint(&b, "request-period-ns", 1000);
    step(&b, 3000);
    g_assert_cmpuint(log_size(name), ==, before);
    set_uint(&b, "request-channel", b.v->channels - 1);
    step(&b, 3000);
    g_assert_cmpuint(log_size(name), >, before);
    board_stop(&b);
    unlink(name);
}

/*
 * Device
 */

/* Channels, lines and registers depend on it */
static void test_fixed_variant(const void *data)
{
    Board b = board(data);
    QDict *rsp = qtest_qmp(b.qts, "{'execute': 'qom-set', 'arguments':"
                           " {'path': %s, 'property': 'variant',"
                           "  'value': 'elo'}}", b.v->path);

    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
    board_stop(&b);
}

/* What must be logged as the guest's mistake */
typedef struct Mistake {
    const char *log;
    void (*make)(Board *b);
} Mistake;

static void mistake_misaligned(Board *b)
{
    reg_write(b, 0, CLNDAR, LINKS | 4);
    g_assert_cmphex(reg_read(b, 0, CLNDAR), ==, LINKS);
}

static void mistake_next(Board *b)
{
    put_chain(b, 1, 64);
    set_next(b, 0, NEXT_EOLND | 2);
    start(b, 0, 0);
    settle(b);
    clear_status(b, 0);
    reg_write(b, 0, MR, 0);
}

static void mistake_read_only(Board *b)
{
    qtest_writel(b->qts, b->v->base + (b->v->elo ? 0x2a8 : 0x300), 1);
}

static void mistake_reserved(Board *b)
{
    reg_write(b, 0, MR, 0x80000000);
}

static void mistake_reserved_status(Board *b)
{
    reg_write(b, 0, SR, 0x100);
}

static void mistake_busy(Board *b)
{
    put_chain(b, 1, 64);
    start(b, 0, 0);
    reg_write(b, 0, CLNDAR, DST);
    g_assert_cmphex(reg_read(b, 0, CLNDAR), ==, LINKS);
    settle(b);
    clear_status(b, 0);
    reg_write(b, 0, MR, 0);
}

static void mistake_hold(Board *b)
{
    put_chain(b, 1, 63);
    start(b, 0, MR_NO_LIMIT | MR_SAHE | MR_SAHTS(1));
    settle(b);
}

static void mistake_error_pending(Board *b)
{
    reg_write(b, 0, MR, 0);
    reg_write(b, 0, MR, MR_CS);
    clear_status(b, 0);
    reg_write(b, 0, MR, 0);
}

static void mistake_dreq(Board *b)
{
    dreq(b, 1);
}

static void mistake_request(Board *b)
{
    set_uint(b, "request-channel", 1);
    set_uint(b, "request-period-ns", 1000);
    step(b, 1000);
    set_uint(b, "request-period-ns", 0);
}

static void mistake_continue(Board *b)
{
    reg_write(b, 1, MR, MR_CC);
}

static void mistake_hole(Board *b)
{
    g_assert_cmphex(qtest_readl(b->qts, b->v->base), ==, 0);
}

static void mistake_channel_hole(Board *b)
{
    g_assert_cmphex(qtest_readl(b->qts, b->v->base + 0x130), ==, 0);
}

static void mistake_behind(Board *b)
{
    g_assert_cmphex(qtest_readl(b->qts, b->v->base + 0x604), ==, 0);
}

static void mistake_size(Board *b)
{
    g_assert_cmphex(qtest_readb(b->qts, reg_addr(b, 0, MR)), ==, 0);
}

static const Mistake mistakes[] = {
    { "reserved bits 0x00000004 in CLNDAR", mistake_misaligned },
    { "reserved bits 0x00000002 in next link", mistake_next },
    { "no writable register at", mistake_read_only },
    { "reserved bits 0x80000000 in MR", mistake_reserved },
    { "reserved bit", mistake_reserved_status },
    { "write to CLNDAR of a busy channel", mistake_busy },
    { "hold size does not divide the byte count", mistake_hold },
    { "start with an error pending", mistake_error_pending },
    { "DREQ when not armed", mistake_dreq },
    { "DREQ when not armed", mistake_request },
    { "no ended chain to continue", mistake_continue },
    { "no register at 0x0", mistake_hole },
    { "no register at 0x130", mistake_channel_hole },
    { "no register at 0x604", mistake_behind },
    { "invalid size", mistake_size },
};

/* Each mistake is logged, and a flawless chain logs nothing */
static void test_guest_errors(const void *data)
{
    g_autofree char *name = g_strdup_printf("%s/guest-errors", tmpdir);
    g_autofree char *args = g_strdup_printf("-m 64M -d guest_errors -D %s",
                                            name);
    Board b = board_start(data, args);
    size_t before;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
        before = log_size(name);
        mistakes[i].make(&b);
        assert_logged(name, before, mistakes[i].log);
    }
    before = log_size(name);
    put_chain(&b, 3, 5000);
    start(&b, 0, all_irqs(&b));
    settle(&b);
    clear_status(&b, 0);
    g_assert_cmpuint(log_size(name), ==, before);
    board_stop(&b);
    unlink(name);
}

/* What started a chain: software, or a request */
static void test_trace(const void *data)
{
    g_autofree char *name = g_strdup_printf("%s/trace", tmpdir);
    g_autofree char *args =
        g_strdup_printf("-m 64M -d guest_errors,trace:fsl_elo_dma_start -D %s",
                        name);
    Board b = board_start(data, args);
    g_autofree char *cs = g_strdup_printf("%s: channel 0 by CS link 0x%x",
                                          b.v->name, (unsigned)LINKS);
    g_autofree char *request = g_strdup_printf("%s: channel 1 by request link "
                                               "0x%x", b.v->name,
                                               (unsigned)LINKS);
    size_t before;

    put_chain(&b, 1, 64);
    start(&b, 0, 0);
    settle(&b);
    assert_logged(name, 0, cs);

    before = log_size(name);
    arm(&b, 1, MR_EMS_EN);
    settle(&b);
    g_assert_cmpuint(log_size(name), ==, before);
    dreq(&b, 1);
    assert_logged(name, before, request);
    board_stop(&b);
    unlink(name);
}

/* Where the board puts its device tree, behind the kernel from above */
#define TREE        (25 * MiB)

static uint32_t tree_word(const uint8_t *tree, unsigned offset)
{
    return ldl_be_p(tree + offset);
}

/* Properties of this name that are one cell of this value */
static unsigned count_cells(const uint8_t *tree, const char *name, uint32_t val)
{
    uint32_t at = tree_word(tree, 8), end = at + tree_word(tree, 36);
    uint32_t strings = tree_word(tree, 12);
    unsigned found = 0;

    for (; at + 16 <= end; at += 4) {
        uint32_t name_at = strings + tree_word(tree, at + 8);

        /* a property: its mark, length, name and content */
        if (tree_word(tree, at) == 3 && tree_word(tree, at + 4) == 4 &&
            name_at < tree_word(tree, 4) &&
            g_str_equal((const char *)tree + name_at, name) &&
            tree_word(tree, at + 12) == val) {
            found++;
        }
    }
    return found;
}

/* Both controllers have their channels looked up by one number */
static void test_device_tree(const void *data)
{
    Board b = board(data);
    g_autofree uint8_t *tree = NULL;
    uint8_t head[8];

    qtest_memread(b.qts, TREE, head, sizeof(head));
    g_assert_cmphex(tree_word(head, 0), ==, 0xd00dfeed);
    g_assert_cmpuint(tree_word(head, 4), <=, MiB);
    tree = g_malloc(tree_word(head, 4));
    qtest_memread(b.qts, TREE, tree, tree_word(head, 4));
    g_assert_cmpuint(count_cells(tree, "#dma-cells", 1), ==, 2);
    board_stop(&b);
}

static void wait_migrated(Board *b)
{
    for (;;) {
        QDict *rsp = qtest_qmp(b->qts, "{'execute': 'query-migrate'}");
        QDict *ret = qdict_get_qdict(rsp, "return");
        const char *status = qdict_get_try_str(ret, "status");
        bool done = status && g_str_equal(status, "completed");

        g_assert_false(status && g_str_equal(status, "failed"));
        qobject_unref(rsp);
        if (done) {
            return;
        }
        g_usleep(10 * 1000);
    }
}

/* Move all to a new machine, which takes the place of the old one */
static void migrate(Board *b)
{
    g_autofree char *uri = g_strdup_printf("unix:%s/migrate", tmpdir);
    g_autofree char *args = g_strdup_printf("-m 64M -incoming %s", uri);
    Board to = board_start(b->v, args);

    /* virtual time stands still between steps, but is not migrated */
    qtest_clock_set(to.qts, qtest_clock_step(b->qts, 0));
    qtest_qmp_assert_success(b->qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': %s}}", uri);
    wait_migrated(b);
    qtest_qmp_eventwait(to.qts, "RESUME");
    board_stop(b);
    *b = to;
}

/* Leave a running, a paused, a halted and an ended channel behind */
static void put_all_states(Board *b)
{
    put_chain(b, 4, 64);
    start(b, 1, MR_EMP_EN | MR_BWC(4));
    start(b, 2, MR_NO_LIMIT);
    step(b, FETCH_NS);
    reg_write(b, 2, MR, MR_NO_LIMIT);
    set_clndar(b, 3, link_at(3));
    reg_write(b, 3, MR, MR_NO_LIMIT | b->v->end_ie | MR_CS);
    settle(b);
    start(b, 0, MR_NO_LIMIT);
    step(b, FETCH_NS + LINK_NS / 2);
    set_uint(b, "fault-channel", 1);
    set_uint(b, "fault-link", 4);
    set_uint(b, "fault-lost-irq", 5);
    set_bool(b, "fault-pe", true);
    set_bool(b, "fault-storm", true);
    set_bool(b, "fault-stuck", true);
    set_str(b, "fault-side", "fetch");
    set_uint(b, "request-channel", 1);
    set_uint(b, "request-period-ns", PERIOD_NS);
    qtest_memset(b->qts, DST, FILL, 4 * 64);
}

/* Each goes on where it was, and at its time */
static void test_migration(const void *data)
{
    Board b = board(data);

    put_all_states(&b);
    migrate(&b);
    g_assert_cmphex(dgsr(&b, 0), ==, SR_CB << 24 | SR_CB << 16 |
                    (SR_CB | SR_CH) << 8 | b.v->end);
    g_assert_cmphex(reg_read(&b, 3, CLNDAR), ==, link_at(3));
    step(&b, LINK_NS / 2 - 1);
    assert_untouched(&b, DST, 64);
    step(&b, 1);
    assert_moved(&b, 64);
    settle(&b);
    g_assert_cmphex(reg_read(&b, 0, SR), ==, b.v->end);
    assert_moved(&b, 256);

    /* requests on demand come when they would have come */
    qtest_memset(b.qts, DST, FILL, 64);
    step(&b, PERIOD_NS - LINK_NS / 2 - 20 * LINK_NS - 1);
    g_assert_false(dack(&b, 1));
    step(&b, 1);
    g_assert_true(dack(&b, 1));
    settle(&b);
    assert_untouched(&b, DST, 16);
    assert_pattern(&b, DST + 16, 16, 16);
    assert_untouched(&b, DST + 32, 32);

    put_chain(&b, 4, 64);
    reg_write(&b, 2, MR, MR_NO_LIMIT | MR_CS);
    settle(&b);
    assert_moved(&b, 256);

    /* the interrupt controller has the line as high: it is not raised again */
    reg_write(&b, 3, MR, reg_read(&b, 3, MR));
    g_assert_false(irq(&b, 3));
    g_assert_cmpuint(get_uint(&b, "fault-link"), ==, 4);
    g_assert_cmpuint(get_uint(&b, "fault-lost-irq"), ==, 5);
    g_assert_true(get_bool(&b, "fault-pe"));
    g_assert_true(get_bool(&b, "fault-storm"));
    g_assert_true(get_bool(&b, "fault-stuck"));
    g_assert_cmpuint(get_uint(&b, "request-channel"), ==, 1);
    g_assert_cmpuint(get_uint(&b, "request-period-ns"), ==, PERIOD_NS);
    board_stop(&b);
}

/*
 * Table
 */

enum {
    ELO = 1,
    PLUS = 2,
    ALL = ELO | PLUS,
};

static const struct {
    const char *name;
    void (*run)(const void *variant);
    unsigned who;
} tests[] = {
    { "registers", test_registers, ALL },
    { "layout", test_layout, ALL },
    { "dgsr", test_dgsr, ALL },
    { "status-clear", test_status_clear, ALL },
    { "reset", test_reset, ALL },
    { "start", test_start, ALL },
    { "chain", test_chain, ALL },
    { "channels", test_channels, ALL },
    { "no-refetch", test_no_refetch, ALL },
    { "snoop", test_snoop, ALL },
    { "attributes", test_attributes, PLUS },
    { "address-width", test_address_width, ALL },
    { "address-carry", test_address_carry, ALL },
    { "continue/busy", test_continue_busy, ALL },
    { "continue/idle", test_continue_idle, ALL },
    { "continue/nothing", test_continue_nothing, ALL },
    { "error/read", test_read_error, ALL },
    { "error/write", test_write_error, ALL },
    { "error/fetch", test_fetch_error, ALL },
    { "error/hold", test_hold_error, ALL },
    { "error/zero-count", test_zero_count, ALL },
    { "error/mask", test_error_mask, ELO },
    { "halt/resume", test_halt, ALL },
    { "halt/idle", test_halt_idle, ALL },
    { "halt/replace", test_halt_replace, ALL },
    { "abort/busy", test_abort, PLUS },
    { "abort/halted", test_abort_halted, PLUS },
    { "loop", test_loop, ALL },
    { "own-registers", test_own_registers, PLUS },
    { "irq/end", test_irq, ALL },
    { "irq/enable", test_irq_enable, ALL },
    { "irq/error-enable", test_irq_error_enable, PLUS },
    { "irq/shared", test_irq_shared, ELO },
    { "irq/segment", test_segment, ALL },
    { "direct/end", test_direct, ALL },
    { "direct/errors", test_direct_errors, ALL },
    { "hold/one", test_hold, ALL },
    { "hold/both", test_hold_both, ALL },
    { "hold/errors", test_hold_errors, ALL },
    { "dreq/start", test_dreq_start, ALL },
    { "dreq/unused", test_dreq_unused, ALL },
    { "dreq/ignored", test_dreq_ignored, ALL },
    { "pause/external-start", test_pause, ALL },
    { "pause/software-start", test_pause_software_start, ALL },
    { "pause/exact", test_pause_exact, ALL },
    { "pause/no-limit", test_pause_no_limit, ALL },
    { "pause/halt", test_pause_halt, ALL },
    { "pause/hold", test_pause_hold, ALL },
    { "pause/direct", test_pause_direct, ALL },
    { "fault/link", test_fault_link, ALL },
    { "fault/count", test_fault_count, ALL },
    { "fault/global", test_fault_global, ALL },
    { "fault/pe", test_fault_pe, ALL },
    { "fault/side", test_fault_side, PLUS },
    { "fault/fetch", test_fault_fetch, ALL },
    { "fault/storm", test_fault_storm, ALL },
    { "fault/stuck", test_fault_stuck, ALL },
    { "fault/stuck-late", test_fault_stuck_late, ALL },
    { "fault/lost-irq", test_fault_lost_irq, ALL },
    { "fault/lost-irq-found", test_fault_lost_irq_found, ALL },
    { "request/pulses", test_request_pulses, ALL },
    { "request/beside-dreq", test_request_beside_dreq, ALL },
    { "request/set", test_request_set, ALL },
    { "request/no-channel", test_request_no_channel, ALL },
    { "fixed-variant", test_fixed_variant, ALL },
    { "device-tree", test_device_tree, ALL },
    { "trace", test_trace, ALL },
    { "guest-errors", test_guest_errors, ALL },
    { "migration", test_migration, ALL },
};

static void add_test(const Variant *v, unsigned i)
{
    g_autofree char *path = g_strdup_printf("fsl-elo-dma/%s/%s",
                                            v->name, tests[i].name);

    if (tests[i].who & (v->elo ? ELO : PLUS)) {
        qtest_add_data_func(path, v, tests[i].run);
    }
}

int main(int argc, char **argv)
{
    unsigned v, i;
    int ret;

    g_test_init(&argc, &argv, NULL);
    tmpdir = g_dir_make_tmp("fsl-elo-dma-XXXXXX", NULL);
    g_assert_nonnull(tmpdir);
    kernel = g_strdup_printf("%s/kernel", tmpdir);
    make_kernel(kernel);
    for (v = 0; v < ARRAY_SIZE(variants); v++) {
        for (i = 0; i < ARRAY_SIZE(tests); i++) {
            add_test(&variants[v], i);
        }
    }
    ret = g_test_run();
    unlink(kernel);
    rmdir(tmpdir);
    g_free(kernel);
    g_free(tmpdir);
    return ret;
}
