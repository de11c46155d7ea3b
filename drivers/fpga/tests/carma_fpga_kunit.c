// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the CARMA programmer's driver
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * The driver is compiled into the test, and what it calls to reach its hardware is
 * made up here: registers, interrupt, DMA channel. The fake does what each test
 * tells it to, and records; the tests assert.
 */
#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/fsldma.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/workqueue.h>

static unsigned int carma_fake_read(const void __iomem *addr);
static void carma_fake_write(u32 val, void __iomem *addr);
static void carma_fake_push(void __iomem *addr, const void *buf, size_t len);
static struct dma_chan *carma_fake_request_chan(struct device *dev, const char *name);
static void carma_fake_release_chan(struct dma_chan *chan);
static dma_addr_t carma_fake_map(struct device *dev, phys_addr_t addr, size_t size,
				 enum dma_data_direction dir, unsigned long attrs);
static void carma_fake_unmap(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs);
static int carma_fake_mapping_error(struct device *dev, dma_addr_t addr);
static struct device_link *carma_fake_link(struct device *consumer, struct device *supplier,
					   u32 flags);
static void __iomem *carma_fake_ioremap(struct platform_device *pdev, unsigned int index,
					struct resource **res);
static int carma_fake_get_irq(struct platform_device *pdev, unsigned int index);
static int carma_fake_request_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
				  unsigned long flags, const char *name, void *data);
static void carma_fake_synchronize_irq(unsigned int irq);

#undef ioread8
#undef iowrite8
#undef ioread32be
#undef iowrite32be
#undef memcpy_toio
#undef module_platform_driver
#undef MODULE_DEVICE_TABLE
#define ioread8					carma_fake_read
#define iowrite8				carma_fake_write
#define ioread32be				carma_fake_read
#define iowrite32be				carma_fake_write
#define memcpy_toio				carma_fake_push
#define dma_request_chan			carma_fake_request_chan
#define dma_release_channel			carma_fake_release_chan
#define dma_map_resource			carma_fake_map
#define dma_unmap_resource			carma_fake_unmap
#define dma_mapping_error			carma_fake_mapping_error
#define device_link_add				carma_fake_link
#define devm_platform_get_and_ioremap_resource	carma_fake_ioremap
#define platform_get_irq			carma_fake_get_irq
#define devm_request_irq			carma_fake_request_irq
#define synchronize_irq				carma_fake_synchronize_irq
#define module_platform_driver(...)
#define MODULE_DEVICE_TABLE(...)

#include "../carma-fpga.c"

#define CARMA_FAKE_BASE		0xf0000000
#define CARMA_FAKE_BUS		0xe0003000	/* the window, as the channel sees it */
#define CARMA_FAKE_FIFO		2048
#define CARMA_FAKE_PIECE	SZ_64K

/* How a load ends */
enum carma_fake_end {
	CARMA_FAKE_GOOD,
	CARMA_FAKE_LATE_DMA,		/* good, but the callback comes later */
	CARMA_FAKE_NO_CONFIG,		/* no errors, and not configured */
	CARMA_FAKE_SHORT,		/* configured, by a byte less */
	CARMA_FAKE_ERROR,		/* configured, and an error bit */
	CARMA_FAKE_DMA_ERROR,		/* the programmer says nothing */
	CARMA_FAKE_POWER_LOST,		/* good, but power goes after it */
	CARMA_FAKE_NEVER,
};

struct carma_fake {
	/* what the tests set */
	u32 version;
	u8 cpld;
	u8 power_on;			/* power status when it is on */
	u32 fifo_stuck;			/* bytes that never leave the FIFO */
	enum carma_fake_end end;
	int chan_err;			/* of requesting the channel */
	int config_err;
	int submit_err;
	bool link_fails;		/* to the channel's device */
	bool refuse;			/* a descriptor */
	bool map_fails;

	/* the programmer */
	u32 control;
	u32 status;
	u32 total;
	u32 given;
	u8 power;
	irq_handler_t handler;
	void *data;

	/* the channel */
	struct dma_device dma;
	struct dma_chan chan;
	struct dma_chan_dev chan_dev;
	struct dma_async_tx_descriptor tx;
	struct fsldma_peripheral_config config;
	struct delayed_work late;
	unsigned int channels;		/* requested and not released */
	unsigned int maps;		/* mapped and not unmapped */
	bool prepared;
	bool submitted;
	bool issued;

	/* what was seen of a load */
	bool armed;			/* the channel was, when the programmer was enabled */
	bool by_dma;
	bool by_cpu;
	unsigned int enables;
	unsigned int terminated;
	int terminate_err;
	unsigned int synchronized;	/* with the interrupt */
	unsigned int too_long;		/* pieces longer than the window, or the FIFO */
	unsigned int elsewhere;		/* pieces that begin elsewhere */
	size_t dst_bytes;
	size_t src_bytes;
	ktime_t off;
	s64 off_ms;			/* for how long power was off */
	struct completion enabled;
};

static struct carma_fake fake;
static u8 carma_fake_regs[CARMA_WINDOW + CARMA_WINDOW_SIZE];

/* ---- the programmer ---- */

static void carma_fake_interrupt(void)
{
	unsigned long flags;

	local_irq_save(flags);
	fake.handler(1, fake.data);
	local_irq_restore(flags);
}

static void carma_fake_called(enum dmaengine_tx_result result)
{
	struct dmaengine_result r = { .result = result };

	fake.submitted = false;
	fake.tx.callback_result(fake.tx.callback_param, &r);
}

static void carma_fake_late(struct work_struct *work)
{
	carma_fake_called(DMA_TRANS_NOERROR);
}

static void carma_fake_finish(void)
{
	fake.given = fake.total;
	fake.status = CARMA_STATUS_DONE;
	if (fake.end == CARMA_FAKE_NO_CONFIG)
		fake.status = 0;
	if (fake.end == CARMA_FAKE_ERROR)
		fake.status |= BIT(5);
	if (fake.end == CARMA_FAKE_SHORT)
		fake.given--;
	carma_fake_interrupt();
	if (fake.end == CARMA_FAKE_POWER_LOST)
		fake.power = CARMA_POWER_STATUS_ALARM;
}

static void carma_fake_run_dma(void)
{
	fake.by_dma = true;
	fake.armed = fake.submitted && fake.issued;
	if (fake.end == CARMA_FAKE_NEVER) {
		complete(&fake.enabled);
	} else if (fake.end == CARMA_FAKE_DMA_ERROR) {
		carma_fake_called(DMA_TRANS_READ_FAILED);
	} else if (fake.end == CARMA_FAKE_LATE_DMA) {
		carma_fake_finish();
		schedule_delayed_work(&fake.late, msecs_to_jiffies(20));
	} else {
		carma_fake_called(DMA_TRANS_NOERROR);
		carma_fake_finish();
	}
}

static void carma_fake_control(u32 val)
{
	fake.control = val & ~CARMA_CONTROL_RESET;
	if (val & CARMA_CONTROL_RESET) {
		fake.status = 0;
		fake.given = 0;
	}
	if (!(val & CARMA_CONTROL_ENABLE))
		return;

	fake.enables++;
	if (val & CARMA_CONTROL_DMA)
		carma_fake_run_dma();
	else
		fake.by_cpu = true;
}

static void carma_fake_push(void __iomem *addr, const void *buf, size_t len)
{
	if (len > CARMA_FAKE_FIFO)
		fake.too_long++;
	fake.given += len;
	if (fake.given == fake.total && fake.end != CARMA_FAKE_NEVER)
		carma_fake_finish();
}

static void carma_fake_set_power(u32 on)
{
	if (on && !fake.power)
		fake.off_ms = ktime_ms_delta(ktime_get(), fake.off);
	if (!on)
		fake.off = ktime_get();
	fake.power = on ? fake.power_on : 0;
}

static unsigned int carma_fake_read(const void __iomem *addr)
{
	switch ((__force const u8 *)addr - carma_fake_regs) {
	case CARMA_VERSION:
		return fake.version;
	case CARMA_CONTROL:
		return fake.control;
	case CARMA_STATUS:
		return fake.status;
	case CARMA_FIFO_SIZE:
		return CARMA_FAKE_FIFO;
	case CARMA_FIFO_USED:
		return fake.fifo_stuck;
	case CARMA_TOTAL_BYTES:
		return fake.total;
	case CARMA_CURRENT_BYTES:
		return fake.given;
	case CARMA_CPLD_VERSION:
		return fake.cpld;
	case CARMA_POWER_CONTROL:
		return fake.power ? CARMA_POWER_CONTROL_ENABLE : 0;
	case CARMA_POWER_STATUS:
		return fake.power;
	}
	return 0;
}

static void carma_fake_write(u32 val, void __iomem *addr)
{
	switch ((__force u8 *)addr - carma_fake_regs) {
	case CARMA_CONTROL:
		carma_fake_control(val);
		break;
	case CARMA_TOTAL_BYTES:
		fake.total = val;
		break;
	case CARMA_POWER_CONTROL:
		carma_fake_set_power(val);
		break;
	}
}

static void __iomem *carma_fake_ioremap(struct platform_device *pdev, unsigned int index,
					struct resource **res)
{
	static struct resource window = DEFINE_RES_MEM(CARMA_FAKE_BASE, sizeof(carma_fake_regs));

	*res = &window;
	return (__force void __iomem *)carma_fake_regs;
}

static int carma_fake_get_irq(struct platform_device *pdev, unsigned int index)
{
	return 1;
}

static int carma_fake_request_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
				  unsigned long flags, const char *name, void *data)
{
	fake.handler = handler;
	fake.data = data;
	return 0;
}

static void carma_fake_synchronize_irq(unsigned int irq)
{
	fake.synchronized++;
}

/* ---- the channel ---- */

static struct dma_chan *carma_fake_request_chan(struct device *dev, const char *name)
{
	if (fake.chan_err)
		return ERR_PTR(fake.chan_err);

	fake.channels += !strcmp(name, "fifo");
	return &fake.chan;
}

static void carma_fake_release_chan(struct dma_chan *chan)
{
	fake.channels--;
}

/* Nobody looks into it. */
static struct device_link *carma_fake_link(struct device *consumer, struct device *supplier,
					   u32 flags)
{
	return fake.link_fails ? NULL : (struct device_link *)&fake;
}

static dma_addr_t carma_fake_map(struct device *dev, phys_addr_t addr, size_t size,
				 enum dma_data_direction dir, unsigned long attrs)
{
	if (fake.map_fails || addr != CARMA_FAKE_BASE + CARMA_WINDOW)
		return DMA_MAPPING_ERROR;

	fake.maps++;
	return CARMA_FAKE_BUS;
}

static void carma_fake_unmap(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	fake.maps -= addr == CARMA_FAKE_BUS && size == CARMA_WINDOW_SIZE;
}

static int carma_fake_mapping_error(struct device *dev, dma_addr_t addr)
{
	return addr == DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

static int carma_fake_config(struct dma_chan *chan, struct dma_slave_config *config)
{
	if (config->peripheral_size == sizeof(fake.config))
		memcpy(&fake.config, config->peripheral_config, sizeof(fake.config));
	return fake.config_err;
}

static dma_cookie_t carma_fake_submit(struct dma_async_tx_descriptor *tx)
{
	if (fake.submit_err)
		return fake.submit_err;

	fake.submitted = true;
	return DMA_MIN_COOKIE;
}

static struct dma_async_tx_descriptor *
carma_fake_prep(struct dma_chan *chan, struct scatterlist *dst_sg, unsigned int dst_nents,
		struct scatterlist *src_sg, unsigned int src_nents, unsigned long flags)
{
	struct scatterlist *sg;
	unsigned int i;

	if (fake.refuse)
		return NULL;

	for_each_sg(dst_sg, sg, dst_nents, i) {
		fake.too_long += sg_dma_len(sg) > CARMA_WINDOW_SIZE;
		fake.elsewhere += sg_dma_address(sg) != CARMA_FAKE_BUS;
		fake.dst_bytes += sg_dma_len(sg);
	}
	for_each_sg(src_sg, sg, src_nents, i)
		fake.src_bytes += sg_dma_len(sg);
	fake.prepared = true;
	fake.tx.chan = chan;
	fake.tx.tx_submit = carma_fake_submit;
	return &fake.tx;
}

static void carma_fake_issue(struct dma_chan *chan)
{
	fake.issued = fake.submitted;
}

static int carma_fake_terminate(struct dma_chan *chan)
{
	msleep(20); /* for those who do not wait */
	fake.terminated++;
	fake.prepared = false;
	fake.submitted = false;
	return fake.terminate_err;
}

/* ---- what the tests share ---- */

struct carma_test {
	struct platform_device *pdev;
	struct fpga_manager *mgr;
	struct sg_table image;
	struct work_struct work;
	int err;
};

static bool carma_test_bind(struct kunit *test)
{
	const struct platform_device_info info = {
		.name = carma_fpga_driver.driver.name,
		.id = PLATFORM_DEVID_NONE,
		.dma_mask = DMA_BIT_MASK(32),
	};
	struct carma_test *t = test->priv;

	t->pdev = platform_device_register_full(&info);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->pdev));
	fake.dma.dev = &t->pdev->dev;

	t->mgr = fpga_mgr_get(&t->pdev->dev);
	if (IS_ERR(t->mgr))
		t->mgr = NULL;

	return t->mgr;
}

static void carma_test_unbind(struct carma_test *t)
{
	if (t->pdev)
		platform_device_unregister(t->pdev);
	t->pdev = NULL;
}

static void carma_test_release(struct carma_test *t)
{
	carma_test_unbind(t);
	if (t->mgr)
		fpga_mgr_put(t->mgr);
	t->mgr = NULL;
}

/* One buffer again and again: nobody looks at the bytes. */
static void carma_test_make_image(struct kunit *test, size_t size)
{
	struct carma_test *t = test->priv;
	struct scatterlist *sg;
	unsigned int i;
	void *buf;

	buf = kunit_kzalloc(test, CARMA_FAKE_PIECE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	sg_free_table(&t->image);
	KUNIT_ASSERT_EQ(test, 0, sg_alloc_table(&t->image, DIV_ROUND_UP(size, CARMA_FAKE_PIECE),
						GFP_KERNEL));
	for_each_sgtable_sg(&t->image, sg, i) {
		sg_set_buf(sg, buf, min_t(size_t, size, CARMA_FAKE_PIECE));
		size -= sg->length;
	}
}

static int carma_test_load_flags(struct carma_test *t, u32 flags)
{
	struct fpga_image_info info = { .sgt = &t->image, .flags = flags };
	int err;

	err = fpga_mgr_lock(t->mgr);
	if (err)
		return err;

	fake.armed = false;
	fake.by_dma = false;
	fake.by_cpu = false;
	fake.issued = false;
	fake.dst_bytes = 0;
	fake.src_bytes = 0;
	err = fpga_mgr_load(t->mgr, &info);
	fpga_mgr_unlock(t->mgr);
	return err;
}

static int carma_test_load(struct kunit *test)
{
	return carma_test_load_flags(test->priv, 0);
}

/* Whatever went wrong before: nothing is left of it, and the next load is good. */
static void carma_test_recovers(struct kunit *test)
{
	fake.end = CARMA_FAKE_GOOD;
	fake.fifo_stuck = 0;
	fake.power_on = CARMA_POWER_STATUS_GOOD;
	KUNIT_EXPECT_EQ(test, fake.maps, 0);
	KUNIT_EXPECT_FALSE(test, fake.submitted);
	KUNIT_EXPECT_EQ(test, fake.control, 0);
	KUNIT_EXPECT_EQ(test, carma_test_load(test), 0);
	KUNIT_EXPECT_EQ(test, fake.given, CARMA_IMAGE_EP2S130);
}

static int carma_test_init(struct kunit *test)
{
	struct carma_test *t;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;

	memset(&fake, 0, sizeof(fake));
	fake.version = CARMA_VERSION_EP2S130;
	fake.cpld = 3;
	fake.power_on = CARMA_POWER_STATUS_GOOD;
	fake.power = CARMA_POWER_STATUS_GOOD;
	fake.chan.device = &fake.dma;
	fake.chan.dev = &fake.chan_dev;
	fake.chan_dev.device.init_name = "carma_fake_chan";
	fake.dma.device_config = carma_fake_config;
	fake.dma.device_prep_sg_to_sg = carma_fake_prep;
	fake.dma.device_issue_pending = carma_fake_issue;
	fake.dma.device_terminate_all = carma_fake_terminate;
	dma_cap_set(DMA_SG, fake.dma.cap_mask);
	INIT_DELAYED_WORK(&fake.late, carma_fake_late);
	init_completion(&fake.enabled);
	carma_test_make_image(test, CARMA_IMAGE_EP2S130);
	return 0;
}

static void carma_test_exit(struct kunit *test)
{
	struct carma_test *t = test->priv;

	carma_test_release(t);
	sg_free_table(&t->image);
	KUNIT_EXPECT_EQ(test, fake.channels, 0);
	KUNIT_EXPECT_EQ(test, fake.maps, 0);
}

/* ---- the tests ---- */

static void carma_test_dma(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	KUNIT_EXPECT_TRUE(test, fake.config.external_start);
	KUNIT_EXPECT_TRUE(test, fake.config.external_pause);
	KUNIT_EXPECT_EQ(test, fake.config.request_count, CARMA_FAKE_FIFO / 2);

	KUNIT_EXPECT_EQ(test, carma_test_load(test), 0);
	KUNIT_EXPECT_TRUE(test, fake.armed);
	KUNIT_EXPECT_FALSE(test, fake.by_cpu);
	KUNIT_EXPECT_EQ(test, fake.src_bytes, CARMA_IMAGE_EP2S130);
	KUNIT_EXPECT_EQ(test, fake.dst_bytes, CARMA_IMAGE_EP2S130);
	KUNIT_EXPECT_EQ(test, fake.too_long, 0);
	KUNIT_EXPECT_EQ(test, fake.elsewhere, 0);
	KUNIT_EXPECT_EQ(test, fake.total, CARMA_IMAGE_EP2S130);
	KUNIT_EXPECT_EQ(test, fake.terminated, 0);
	KUNIT_EXPECT_EQ(test, fake.synchronized, 1);
	carma_test_recovers(test);
}

static void carma_test_sizes(struct kunit *test)
{
	static const struct { u32 version; size_t size; int err; } row[] = {
		{ 0, CARMA_IMAGE_EP2S90, 0 },
		{ CARMA_VERSION_EP2S130, CARMA_IMAGE_EP2S130, 0 },
		{ 0, CARMA_IMAGE_EP2S130, -EINVAL },
		{ CARMA_VERSION_EP2S130, CARMA_IMAGE_EP2S90, -EINVAL },
		{ 0, CARMA_IMAGE_EP2S90 - 1, -EINVAL },
		{ CARMA_VERSION_EP2S130, CARMA_IMAGE_EP2S130 + 1, -EINVAL },
		{ (u32)~CARMA_VERSION_EP2S130, CARMA_IMAGE_EP2S90, 0 },
	};
	unsigned int i, enables = 0;

	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		fake.version = row[i].version;
		carma_test_make_image(test, row[i].size);
		KUNIT_EXPECT_EQ_MSG(test, carma_test_load(test), row[i].err, "row %u", i);
		enables += !row[i].err;
		KUNIT_EXPECT_EQ_MSG(test, fake.enables, enables, "row %u", i);
	}
}

static void carma_test_flags(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	KUNIT_EXPECT_EQ(test, carma_test_load_flags(test->priv, FPGA_MGR_PARTIAL_RECONFIG),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, fake.enables, 0);
	carma_test_recovers(test);
}

static void carma_test_cpld(struct kunit *test)
{
	unsigned int cpld;

	for (cpld = 0; cpld < 5; cpld++) {
		fake.cpld = cpld;
		KUNIT_EXPECT_EQ_MSG(test, carma_test_bind(test), cpld == 2 || cpld == 3,
				    "CPLD version %u", cpld);
		carma_test_release(test->priv);
	}
}

static void carma_test_state(struct kunit *test)
{
	struct carma_test *t = test->priv;

	fake.power = 0;
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	KUNIT_EXPECT_EQ(test, t->mgr->state, FPGA_MGR_STATE_POWER_OFF);

	fake.power = CARMA_POWER_STATUS_GOOD;
	KUNIT_EXPECT_EQ(test, carma_fpga_state(t->mgr), FPGA_MGR_STATE_POWER_UP);
	fake.status = CARMA_STATUS_DONE;
	KUNIT_EXPECT_EQ(test, carma_fpga_state(t->mgr), FPGA_MGR_STATE_OPERATING);
	fake.power = CARMA_POWER_STATUS_ALARM;
	KUNIT_EXPECT_EQ(test, carma_fpga_state(t->mgr), FPGA_MGR_STATE_POWER_OFF);
}

static void carma_test_status(struct kunit *test)
{
	struct carma_test *t = test->priv;
	unsigned int bit;

	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	for (bit = 0; bit < 32; bit++) {
		fake.status = BIT(bit);
		KUNIT_EXPECT_EQ_MSG(test, carma_fpga_status(t->mgr),
				    bit >= 1 && bit <= 15 ? FPGA_MGR_STATUS_OPERATION_ERR : 0,
				    "bit %u", bit);
	}
}

static void carma_test_power(struct kunit *test)
{
	fake.power = 0;
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	KUNIT_EXPECT_EQ(test, carma_test_load(test), 0);

	fake.power = CARMA_POWER_STATUS_ALARM;
	KUNIT_EXPECT_EQ(test, carma_test_load(test), 0);
	KUNIT_EXPECT_GE(test, fake.off_ms, CARMA_POWER_OFF_MS);
}

static void carma_test_no_power(struct kunit *test)
{
	static const struct { u8 status; int err; } row[] = {
		{ 0, -ETIMEDOUT },
		{ 0x07, -ETIMEDOUT },
		{ CARMA_POWER_STATUS_ALARM, -EIO },
	};
	unsigned int i;

	fake.power = 0;
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		fake.power_on = row[i].status;
		KUNIT_EXPECT_EQ_MSG(test, carma_test_load(test), row[i].err, "row %u", i);
		KUNIT_EXPECT_EQ(test, fake.power, 0);
		KUNIT_EXPECT_EQ(test, fake.enables, 0);
	}
	carma_test_recovers(test);
}

/* No channel, or none that can do it: the CPU writes every image. */
static void carma_test_no_channel(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		fake.chan_err = i == 0 ? -ENODEV : 0;
		fake.config_err = i == 1 ? -EINVAL : 0;
		fake.link_fails = i == 2;
		if (i == 3)
			dma_cap_clear(DMA_SG, fake.dma.cap_mask);
		KUNIT_ASSERT_TRUE_MSG(test, carma_test_bind(test), "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, fake.channels, 0, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, carma_test_load(test), 0, "row %u", i);
		KUNIT_EXPECT_EQ(test, fake.given, CARMA_IMAGE_EP2S130);
		KUNIT_EXPECT_TRUE(test, fake.by_cpu);
		carma_test_release(test->priv);
	}
	KUNIT_EXPECT_EQ(test, fake.too_long, 0);
}

static void carma_test_deferred(struct kunit *test)
{
	fake.chan_err = -EPROBE_DEFER;
	KUNIT_EXPECT_FALSE(test, carma_test_bind(test));
}

/* The channel takes this image in no way: the CPU writes it, and the next goes by DMA. */
static void carma_test_refused(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	for (i = 0; i < 3; i++) {
		fake.refuse = i == 0;
		fake.submit_err = i == 1 ? -ENODEV : 0;
		fake.map_fails = i == 2;
		KUNIT_EXPECT_EQ_MSG(test, carma_test_load(test), 0, "row %u", i);
		KUNIT_EXPECT_TRUE_MSG(test, fake.by_cpu && !fake.by_dma, "row %u", i);
		KUNIT_EXPECT_FALSE_MSG(test, fake.issued, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, fake.terminated, i >= 1, "row %u", i);
	}
	fake.map_fails = false;
	carma_test_recovers(test);
	KUNIT_EXPECT_TRUE(test, fake.by_dma);
}

static void carma_test_errors(struct kunit *test)
{
	static const enum carma_fake_end end[] = {
		CARMA_FAKE_NO_CONFIG, CARMA_FAKE_SHORT, CARMA_FAKE_ERROR, CARMA_FAKE_DMA_ERROR,
		CARMA_FAKE_POWER_LOST,
	};
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	for (i = 0; i < ARRAY_SIZE(end); i++) {
		fake.end = end[i];
		KUNIT_EXPECT_EQ_MSG(test, carma_test_load(test), -EIO, "end %u", end[i]);
		KUNIT_EXPECT_TRUE(test, fake.by_dma && !fake.by_cpu);
		if (end[i] != CARMA_FAKE_POWER_LOST)
			KUNIT_EXPECT_EQ_MSG(test, fake.terminated, 1, "end %u", end[i]);
		fake.terminated = 0;
		carma_test_recovers(test);
	}
}

/* A channel that does not stop is not used again. */
static void carma_test_stuck(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	fake.end = CARMA_FAKE_ERROR;
	fake.terminate_err = -ETIMEDOUT;
	KUNIT_EXPECT_EQ(test, carma_test_load(test), -EIO);
	KUNIT_EXPECT_TRUE(test, fake.by_dma);

	carma_test_recovers(test);
	KUNIT_EXPECT_TRUE(test, fake.by_cpu && !fake.by_dma);
	KUNIT_EXPECT_FALSE(test, fake.issued);
}

static void carma_test_cpu_errors(struct kunit *test)
{
	fake.chan_err = -ENODEV;
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));

	fake.fifo_stuck = 1;
	fake.end = CARMA_FAKE_NEVER;
	KUNIT_EXPECT_EQ(test, carma_test_load(test), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, fake.given, CARMA_FAKE_FIFO);
	carma_test_recovers(test);

	fake.end = CARMA_FAKE_ERROR;
	KUNIT_EXPECT_EQ(test, carma_test_load(test), -EIO);
	carma_test_recovers(test);
}

/* The programmer's interrupt overtakes the channel's callback. */
static void carma_test_late_callback(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	fake.end = CARMA_FAKE_LATE_DMA;
	KUNIT_EXPECT_EQ(test, carma_test_load(test), 0);
	KUNIT_EXPECT_FALSE(test, fake.submitted);
	flush_delayed_work(&fake.late);
	carma_test_recovers(test);
}

/* An interrupt that comes when nothing is loaded is somebody else's. */
static void carma_test_stray_interrupt(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	KUNIT_EXPECT_EQ(test, fake.handler(1, fake.data), IRQ_NONE);
	carma_test_recovers(test);
	KUNIT_EXPECT_EQ(test, fake.handler(1, fake.data), IRQ_NONE);
}

static void carma_test_load_work(struct work_struct *work)
{
	struct carma_test *t = container_of(work, struct carma_test, work);

	t->err = carma_test_load_flags(t, 0);
}

static void carma_test_removed(struct kunit *test)
{
	struct carma_test *t = test->priv;

	KUNIT_ASSERT_TRUE(test, carma_test_bind(test));
	fake.end = CARMA_FAKE_NEVER;
	INIT_WORK(&t->work, carma_test_load_work);
	schedule_work(&t->work);
	wait_for_completion(&fake.enabled);
	carma_test_unbind(t);
	KUNIT_EXPECT_EQ(test, fake.maps, 0);
	flush_work(&t->work);
	KUNIT_EXPECT_EQ(test, t->err, -ENODEV);
	KUNIT_EXPECT_EQ(test, fake.terminated, 1);
	KUNIT_EXPECT_EQ(test, fake.control, 0);

	/* the manager is still held */
	KUNIT_EXPECT_EQ(test, carma_test_load(test), -ENODEV);
}

static struct kunit_case carma_test_cases[] = {
	KUNIT_CASE(carma_test_dma),
	KUNIT_CASE(carma_test_sizes),
	KUNIT_CASE(carma_test_flags),
	KUNIT_CASE(carma_test_cpld),
	KUNIT_CASE(carma_test_state),
	KUNIT_CASE(carma_test_status),
	KUNIT_CASE(carma_test_power),
	KUNIT_CASE(carma_test_no_power),
	KUNIT_CASE(carma_test_no_channel),
	KUNIT_CASE(carma_test_deferred),
	KUNIT_CASE(carma_test_refused),
	KUNIT_CASE(carma_test_errors),
	KUNIT_CASE(carma_test_stuck),
	KUNIT_CASE(carma_test_cpu_errors),
	KUNIT_CASE(carma_test_late_callback),
	KUNIT_CASE(carma_test_stray_interrupt),
	KUNIT_CASE(carma_test_removed),
	{}
};

/*
 * Under another name, the driver itself may be there too. Without an owner it does not
 * refer to the module's kobject, which Linux 6.1 makes after a suite has run.
 */
static int carma_test_suite_init(struct kunit_suite *suite)
{
	carma_fpga_driver.driver.name = "carma-fpga-kunit";
	carma_fpga_driver.driver.of_match_table = NULL;
	carma_fpga_driver.driver.bus = &platform_bus_type;
	return driver_register(&carma_fpga_driver.driver);
}

static void carma_test_suite_exit(struct kunit_suite *suite)
{
	driver_unregister(&carma_fpga_driver.driver);
}

static struct kunit_suite carma_test_suite = {
	.name = "carma_fpga",
	.suite_init = carma_test_suite_init,
	.suite_exit = carma_test_suite_exit,
	.init = carma_test_init,
	.exit = carma_test_exit,
	.test_cases = carma_test_cases,
};

kunit_test_suite(carma_test_suite);
