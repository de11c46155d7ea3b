// SPDX-License-Identifier: GPL-2.0-only
/*
 * FPGA manager for the CARMA data-FPGA programmer
 *
 * Copyright (C) 2026 dmaengine-sg developers
 *
 * The programmer configures the board's data FPGAs with what is written into its
 * FIFO. With DMA it asks for half a FIFO at a time by the channel's request line,
 * and stops for good at the first pause that it did not ask for. So the channel
 * gets the whole image as one descriptor, and is armed before the programmer is
 * enabled. What has no DMA is written by the CPU.
 */
#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fpga/fpga-mgr.h>
#include <linux/fsldma.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

/* 32 bits, big-endian */
#define CARMA_VERSION			0x0000
#define   CARMA_VERSION_EP2S130		BIT(18)
#define CARMA_CONTROL			0x0040
#define   CARMA_CONTROL_ENABLE		BIT(0)
#define   CARMA_CONTROL_RESET		BIT(1)
#define   CARMA_CONTROL_DMA		BIT(2)
#define CARMA_STATUS			0x0044
#define   CARMA_STATUS_ERRORS		GENMASK(15, 1)
#define   CARMA_STATUS_DONE		BIT(18)
#define CARMA_FIFO_SIZE			0x0048
#define CARMA_FIFO_USED			0x004c
#define CARMA_TOTAL_BYTES		0x0050
#define CARMA_CURRENT_BYTES		0x0054
/* 8 bits */
#define CARMA_CPLD_VERSION		0x2000
#define CARMA_POWER_CONTROL		0x2006
#define   CARMA_POWER_CONTROL_ENABLE	BIT(0)
#define CARMA_POWER_STATUS		0x200a
#define   CARMA_POWER_STATUS_GOOD	GENMASK(3, 0)
#define   CARMA_POWER_STATUS_ALARM	BIT(4)
#define CARMA_POWER_FAILURE		0x200b
/* every write in here goes into the FIFO */
#define CARMA_WINDOW			0x3000
#define CARMA_WINDOW_SIZE		SZ_4K

#define CARMA_IMAGE_EP2S90		12849552
#define CARMA_IMAGE_EP2S130		18662880

#define CARMA_POWER_ON_US		(1 * USEC_PER_SEC)
#define CARMA_POWER_OFF_MS		500
#define CARMA_FIFO_US			(250 * USEC_PER_MSEC)
/* An image takes about a second. */
#define CARMA_LOAD_TIMEOUT		(10 * HZ)
/* The channel is done before the programmer is; its client may hear of it later. */
#define CARMA_DMA_TIMEOUT		(1 * HZ)

enum carma_fpga_dma {
	CARMA_DMA_NONE,
	CARMA_DMA_RUNNING,
	CARMA_DMA_DONE,
	CARMA_DMA_FAILED,
};

/**
 * struct carma_fpga - a programmer
 * @dev: its device
 * @regs: its registers, with the FIFO's window
 * @irq: its interrupt
 * @window: physical address of the FIFO's window
 * @fifo_size: bytes that fit into the FIFO
 * @chan: DMA channel that it paces, or NULL
 * @stuck: the channel did not stop after a load that failed
 * @power_off: when power was last known to be on, or not known to be off
 * @wait: where the loader waits for an end
 * @lock: protects all members below
 * @ended: the programmer raised its interrupt
 * @removed: the driver is being unbound
 * @dma: what became of the DMA transaction
 * @status: status register at the end of the load
 * @bytes: bytes that the programmer had counted then
 */
struct carma_fpga {
	struct device *dev;
	void __iomem *regs;
	int irq;
	phys_addr_t window;
	u32 fifo_size;
	struct dma_chan *chan;
	bool stuck;
	ktime_t power_off;
	wait_queue_head_t wait;

	spinlock_t lock;	/* how a load ends */
	bool ended;
	bool removed;
	enum carma_fpga_dma dma;
	u32 status;
	u32 bytes;
};

/**
 * struct carma_fpga_copy - an image on its way into the FIFO by DMA
 * @image: source; it belongs to the FPGA manager's client
 * @fifo: destination: the window, as often as it takes
 * @window: bus address of the window
 */
struct carma_fpga_copy {
	struct sg_table *image;
	struct sg_table fifo;
	dma_addr_t window;
};

static u32 carma_fpga_read(struct carma_fpga *priv, unsigned int reg)
{
	return ioread32be(priv->regs + reg);
}

static void carma_fpga_write(struct carma_fpga *priv, unsigned int reg, u32 val)
{
	iowrite32be(val, priv->regs + reg);
}

static size_t carma_fpga_image_size(struct carma_fpga *priv)
{
	if (carma_fpga_read(priv, CARMA_VERSION) & CARMA_VERSION_EP2S130)
		return CARMA_IMAGE_EP2S130;

	return CARMA_IMAGE_EP2S90;
}

/*
 * Power
 */

static u8 carma_fpga_power_status(struct carma_fpga *priv)
{
	return ioread8(priv->regs + CARMA_POWER_STATUS);
}

static bool carma_fpga_has_power(struct carma_fpga *priv)
{
	return carma_fpga_power_status(priv) == CARMA_POWER_STATUS_GOOD;
}

static void carma_fpga_power_down(struct carma_fpga *priv)
{
	iowrite8(0, priv->regs + CARMA_POWER_CONTROL);
	priv->power_off = ktime_get();
}

/* Power that is on and not good comes back only by way of off. */
static int carma_fpga_power_up(struct carma_fpga *priv)
{
	u8 status;
	s64 wait;
	int err;

	if (carma_fpga_has_power(priv))
		return 0;

	if (ioread8(priv->regs + CARMA_POWER_CONTROL) & CARMA_POWER_CONTROL_ENABLE)
		carma_fpga_power_down(priv);

	/* the rails come down slowly */
	wait = CARMA_POWER_OFF_MS - ktime_ms_delta(ktime_get(), priv->power_off);
	if (wait > 0)
		msleep(wait);

	iowrite8(CARMA_POWER_CONTROL_ENABLE, priv->regs + CARMA_POWER_CONTROL);
	err = read_poll_timeout(carma_fpga_power_status, status,
				status == CARMA_POWER_STATUS_GOOD ||
				status & CARMA_POWER_STATUS_ALARM,
				USEC_PER_MSEC, CARMA_POWER_ON_US, false, priv);
	if (!err && status & CARMA_POWER_STATUS_ALARM)
		err = -EIO;
	if (err) {
		dev_err(priv->dev, "power is not good: status %#04x, failure %#04x\n",
			status, ioread8(priv->regs + CARMA_POWER_FAILURE));
		carma_fpga_power_down(priv);
	}
	return err;
}

/*
 * The end of a load
 */

/* Disabling takes the interrupt back; what the programmer has to say comes first. */
static void carma_fpga_disable(struct carma_fpga *priv)
{
	priv->status = carma_fpga_read(priv, CARMA_STATUS);
	priv->bytes = carma_fpga_read(priv, CARMA_CURRENT_BYTES);
	carma_fpga_write(priv, CARMA_CONTROL, 0);
	/* it must have arrived before the interrupt is looked at again */
	carma_fpga_read(priv, CARMA_CONTROL);
}

static irqreturn_t carma_fpga_interrupt(int irq, void *data)
{
	struct carma_fpga *priv = data;
	irqreturn_t ret = IRQ_NONE;

	spin_lock(&priv->lock);
	if (carma_fpga_read(priv, CARMA_CONTROL) & CARMA_CONTROL_ENABLE) {
		carma_fpga_disable(priv);
		priv->ended = true;
		ret = IRQ_HANDLED;
	}
	spin_unlock(&priv->lock);

	if (ret == IRQ_HANDLED)
		wake_up(&priv->wait);

	return ret;
}

static void carma_fpga_dma_callback(void *data, const struct dmaengine_result *result)
{
	struct carma_fpga *priv = data;
	unsigned long flags;

	spin_lock_irqsave(&priv->lock, flags);
	/* else it is of a load that is over, and whose channel did not stop */
	if (priv->dma == CARMA_DMA_RUNNING)
		priv->dma = result->result == DMA_TRANS_NOERROR ? CARMA_DMA_DONE :
								  CARMA_DMA_FAILED;
	spin_unlock_irqrestore(&priv->lock, flags);
	wake_up(&priv->wait);
}

/* A channel that failed cannot give the programmer what it waits for. */
static bool carma_fpga_is_over(struct carma_fpga *priv)
{
	unsigned long flags;
	bool over;

	spin_lock_irqsave(&priv->lock, flags);
	over = priv->ended || priv->removed || priv->dma == CARMA_DMA_FAILED;
	spin_unlock_irqrestore(&priv->lock, flags);

	return over;
}

static bool carma_fpga_dma_is_over(struct carma_fpga *priv)
{
	unsigned long flags;
	bool over;

	spin_lock_irqsave(&priv->lock, flags);
	over = priv->dma != CARMA_DMA_RUNNING;
	spin_unlock_irqrestore(&priv->lock, flags);

	return over;
}

static void carma_fpga_reset(struct carma_fpga *priv, size_t size, enum carma_fpga_dma dma)
{
	spin_lock_irq(&priv->lock);
	priv->ended = false;
	priv->dma = dma;
	carma_fpga_write(priv, CARMA_CONTROL, CARMA_CONTROL_RESET);
	carma_fpga_write(priv, CARMA_CONTROL, 0);
	carma_fpga_write(priv, CARMA_TOTAL_BYTES, size);
	spin_unlock_irq(&priv->lock);
}

/* No interrupt of this load comes after this. */
static void carma_fpga_stop(struct carma_fpga *priv)
{
	spin_lock_irq(&priv->lock);
	if (!priv->ended)
		carma_fpga_disable(priv);
	spin_unlock_irq(&priv->lock);
	synchronize_irq(priv->irq);
}

static int carma_fpga_fail(struct carma_fpga *priv, int err, const char *why)
{
	dev_err(priv->dev,
		"%s: status %#07x, %u of %u bytes, FIFO used %u, power status %#04x, failure %#04x\n",
		why, priv->status, priv->bytes, carma_fpga_read(priv, CARMA_TOTAL_BYTES),
		carma_fpga_read(priv, CARMA_FIFO_USED), carma_fpga_power_status(priv),
		ioread8(priv->regs + CARMA_POWER_FAILURE));
	return err;
}

/* A callback may come until the channel is stopped. */
static enum carma_fpga_dma carma_fpga_dma_result(struct carma_fpga *priv)
{
	enum carma_fpga_dma dma;

	spin_lock_irq(&priv->lock);
	dma = priv->dma;
	spin_unlock_irq(&priv->lock);

	return dma;
}

/* What became of a load that was stopped */
static int carma_fpga_verdict(struct carma_fpga *priv, size_t size)
{
	enum carma_fpga_dma dma = carma_fpga_dma_result(priv);

	if (priv->ended && priv->status & CARMA_STATUS_ERRORS)
		return carma_fpga_fail(priv, -EIO, "the programmer reports an error");
	if (dma == CARMA_DMA_FAILED)
		return carma_fpga_fail(priv, -EIO, "the DMA channel reports an error");
	if (!priv->ended && READ_ONCE(priv->removed))
		return carma_fpga_fail(priv, -ENODEV, "the driver is removed");
	if (!priv->ended)
		return carma_fpga_fail(priv, -ETIMEDOUT, "the programmer does not come to an end");
	if (!(priv->status & CARMA_STATUS_DONE) || priv->bytes != size)
		return carma_fpga_fail(priv, -EIO, "the image came to a bad end");
	if (dma == CARMA_DMA_RUNNING)
		return carma_fpga_fail(priv, -ETIMEDOUT, "the DMA channel does not come to an end");

	return 0;
}

/*
 * Into the FIFO by DMA
 */

/* The window again and again: each piece is written from its first byte on. */
static int carma_fpga_fill_fifo(struct sg_table *fifo, dma_addr_t window, size_t size)
{
	struct scatterlist *sg;
	unsigned int i;
	int err;

	err = sg_alloc_table(fifo, DIV_ROUND_UP(size, CARMA_WINDOW_SIZE),
			     GFP_KERNEL | __GFP_NOWARN);
	if (err)
		return err;

	for_each_sgtable_dma_sg(fifo, sg, i) {
		sg_dma_address(sg) = window;
		sg_dma_len(sg) = min_t(size_t, size, CARMA_WINDOW_SIZE);
		size -= sg_dma_len(sg);
	}
	return 0;
}

static int carma_fpga_map(struct carma_fpga *priv, struct carma_fpga_copy *copy, size_t size)
{
	struct device *dev = dmaengine_get_dma_device(priv->chan);
	int err;

	err = dma_map_sgtable(dev, copy->image, DMA_TO_DEVICE, 0);
	if (err)
		return err;

	copy->window = dma_map_resource(dev, priv->window, CARMA_WINDOW_SIZE,
					DMA_FROM_DEVICE, 0);
	err = dma_mapping_error(dev, copy->window);
	if (err)
		goto out_unmap_image;

	err = carma_fpga_fill_fifo(&copy->fifo, copy->window, size);
	if (err)
		goto out_unmap_window;

	return 0;

out_unmap_window:
	dma_unmap_resource(dev, copy->window, CARMA_WINDOW_SIZE, DMA_FROM_DEVICE, 0);
out_unmap_image:
	dma_unmap_sgtable(dev, copy->image, DMA_TO_DEVICE, 0);
	return err;
}

static void carma_fpga_unmap(struct carma_fpga *priv, struct carma_fpga_copy *copy)
{
	struct device *dev = dmaengine_get_dma_device(priv->chan);

	sg_free_table(&copy->fifo);
	dma_unmap_resource(dev, copy->window, CARMA_WINDOW_SIZE, DMA_FROM_DEVICE, 0);
	dma_unmap_sgtable(dev, copy->image, DMA_TO_DEVICE, 0);
}

static int carma_fpga_submit(struct carma_fpga *priv, struct carma_fpga_copy *copy)
{
	struct dma_async_tx_descriptor *tx;
	int err;

	tx = dmaengine_prep_sg(priv->chan, copy->fifo.sgl, copy->fifo.nents,
			       copy->image->sgl, copy->image->nents,
			       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -ENOMEM;

	tx->callback_result = carma_fpga_dma_callback;
	tx->callback_param = priv;
	err = dma_submit_error(dmaengine_submit(tx));
	if (err)
		dmaengine_terminate_sync(priv->chan);

	return err;
}

/* Nothing moves yet, and nothing is left of it if it fails. */
static int carma_fpga_prepare(struct carma_fpga *priv, struct carma_fpga_copy *copy, size_t size)
{
	int err;

	err = carma_fpga_map(priv, copy, size);
	if (err)
		return err;

	err = carma_fpga_submit(priv, copy);
	if (err)
		carma_fpga_unmap(priv, copy);

	return err;
}

/* The channel is armed first: the programmer's first request must find it ready. */
static int carma_fpga_run_dma(struct carma_fpga *priv, size_t size)
{
	int err;

	carma_fpga_reset(priv, size, CARMA_DMA_RUNNING);
	dma_async_issue_pending(priv->chan);
	carma_fpga_write(priv, CARMA_CONTROL, CARMA_CONTROL_ENABLE | CARMA_CONTROL_DMA);

	wait_event_timeout(priv->wait, carma_fpga_is_over(priv), CARMA_LOAD_TIMEOUT);
	carma_fpga_stop(priv);
	if (priv->ended && !(priv->status & CARMA_STATUS_ERRORS))
		wait_event_timeout(priv->wait, carma_fpga_dma_is_over(priv),
				   CARMA_DMA_TIMEOUT);

	err = carma_fpga_verdict(priv, size);
	if (err && dmaengine_terminate_sync(priv->chan)) {
		/* without requests it stays where it is, and takes nothing else */
		dev_err(priv->dev, "the DMA channel cannot be stopped: the CPU writes the images\n");
		priv->stuck = true;
	}

	return err;
}

/*
 * Into the FIFO by the CPU
 */

static int carma_fpga_fifo_used(struct carma_fpga *priv)
{
	return carma_fpga_read(priv, CARMA_FIFO_USED);
}

/* A FIFO full of bytes at a time, and the next when it is empty */
static int carma_fpga_put(struct carma_fpga *priv, const void *buf, size_t size)
{
	size_t most = min_t(size_t, priv->fifo_size, CARMA_WINDOW_SIZE);
	size_t done, len;
	u32 used;
	int err;

	for (done = 0; done < size && !carma_fpga_is_over(priv); done += len) {
		len = min(size - done, most);
		memcpy_toio(priv->regs + CARMA_WINDOW, buf + done, len);
		err = read_poll_timeout(carma_fpga_fifo_used, used,
					!used || carma_fpga_is_over(priv),
					10, CARMA_FIFO_US, false, priv);
		if (err)
			return err;
	}
	return 0;
}

static int carma_fpga_run_cpu(struct carma_fpga *priv, struct sg_table *image, size_t size)
{
	struct sg_mapping_iter miter;
	int err = 0;

	carma_fpga_reset(priv, size, CARMA_DMA_NONE);
	carma_fpga_write(priv, CARMA_CONTROL, CARMA_CONTROL_ENABLE);

	sg_miter_start(&miter, image->sgl, image->orig_nents, SG_MITER_FROM_SG);
	while (!err && sg_miter_next(&miter))
		err = carma_fpga_put(priv, miter.addr, miter.length);
	sg_miter_stop(&miter);

	if (!err)
		wait_event_timeout(priv->wait, carma_fpga_is_over(priv), CARMA_LOAD_TIMEOUT);
	carma_fpga_stop(priv);

	return carma_fpga_verdict(priv, size);
}

/*
 * FPGA manager
 */

static int carma_fpga_write_init(struct fpga_manager *mgr, struct fpga_image_info *info,
				 const char *buf, size_t count)
{
	struct carma_fpga *priv = mgr->priv;

	if (!priv)
		return -ENODEV;

	if (info->flags) {
		dev_err(priv->dev, "flags %#x: only whole and plain images can be loaded\n",
			info->flags);
		return -EOPNOTSUPP;
	}
	return carma_fpga_power_up(priv);
}

static int carma_fpga_write_sg(struct fpga_manager *mgr, struct sg_table *image)
{
	struct carma_fpga_copy copy = { .image = image };
	struct carma_fpga *priv = mgr->priv;
	size_t size = 0, wanted;
	struct scatterlist *sg;
	unsigned int i;
	int err;

	if (!priv)
		return -ENODEV;

	for_each_sgtable_sg(image, sg, i)
		size += sg->length;
	wanted = carma_fpga_image_size(priv);
	if (size != wanted) {
		dev_err(priv->dev, "an image has %zu bytes here, not %zu\n", wanted, size);
		return -EINVAL;
	}

	if (priv->chan && !priv->stuck) {
		err = carma_fpga_prepare(priv, &copy, size);
		if (!err) {
			err = carma_fpga_run_dma(priv, size);
			carma_fpga_unmap(priv, &copy);
			return err;
		}
		dev_warn(priv->dev, "no DMA for this image (%d): the CPU writes it\n", err);
	}
	return carma_fpga_run_cpu(priv, image, size);
}

/* The programmer's verdict was good; this is what became of the FPGAs since. */
static int carma_fpga_write_complete(struct fpga_manager *mgr, struct fpga_image_info *info)
{
	struct carma_fpga *priv = mgr->priv;

	if (!priv)
		return -ENODEV;

	if (!carma_fpga_has_power(priv))
		return carma_fpga_fail(priv, -EIO, "power is lost");

	return 0;
}

static enum fpga_mgr_states carma_fpga_state(struct fpga_manager *mgr)
{
	struct carma_fpga *priv = mgr->priv;

	if (!priv)
		return FPGA_MGR_STATE_UNKNOWN;

	if (!carma_fpga_has_power(priv))
		return FPGA_MGR_STATE_POWER_OFF;

	if (carma_fpga_read(priv, CARMA_STATUS) & CARMA_STATUS_DONE)
		return FPGA_MGR_STATE_OPERATING;

	return FPGA_MGR_STATE_POWER_UP;
}

static u64 carma_fpga_status(struct fpga_manager *mgr)
{
	struct carma_fpga *priv = READ_ONCE(mgr->priv);

	if (priv && carma_fpga_read(priv, CARMA_STATUS) & CARMA_STATUS_ERRORS)
		return FPGA_MGR_STATUS_OPERATION_ERR;

	return 0;
}

/*
 * A client may be loading, and may hold the manager for longer than the driver is
 * bound. The load is ended and waited for; those after it find nothing.
 */
static void carma_fpga_remove(struct fpga_manager *mgr)
{
	struct carma_fpga *priv = mgr->priv;

	spin_lock_irq(&priv->lock);
	priv->removed = true;
	spin_unlock_irq(&priv->lock);
	wake_up(&priv->wait);

	mutex_lock(&mgr->ref_mutex);
	WRITE_ONCE(mgr->priv, NULL);
	mutex_unlock(&mgr->ref_mutex);
}

/* With ->write, the core would prefer it to DMA for images in one piece, as files are. */
static const struct fpga_manager_ops carma_fpga_ops = {
	.state = carma_fpga_state,
	.status = carma_fpga_status,
	.write_init = carma_fpga_write_init,
	.write_sg = carma_fpga_write_sg,
	.write_complete = carma_fpga_write_complete,
	.fpga_remove = carma_fpga_remove,
};

static void carma_fpga_release_channel(void *chan)
{
	dma_release_channel(chan);
}

/* Half a FIFO for each request, and nothing before the first */
static int carma_fpga_configure(struct carma_fpga *priv, struct dma_chan *chan)
{
	struct fsldma_peripheral_config external = {
		.external_start = true,
		.external_pause = true,
		.request_count = priv->fifo_size / 2,
	};
	struct dma_slave_config config = {
		.peripheral_config = &external,
		.peripheral_size = sizeof(external),
	};
	int err;

	if (!dma_has_cap(DMA_SG, chan->device->cap_mask))
		return -EOPNOTSUPP;

	err = dmaengine_slave_config(chan, &config);
	if (err)
		return err;

	/* The channel's driver would abort a load: this one ends it before that. */
	if (!device_link_add(priv->dev, dmaengine_get_dma_device(chan),
			     DL_FLAG_AUTOREMOVE_CONSUMER))
		return -ENODEV;

	return 0;
}

/* A channel that cannot do it is as good as none. */
static int carma_fpga_get_channel(struct carma_fpga *priv)
{
	struct dma_chan *chan;
	int err;

	chan = dma_request_chan(priv->dev, "fifo");
	if (PTR_ERR(chan) == -EPROBE_DEFER)
		return dev_err_probe(priv->dev, -EPROBE_DEFER, "no DMA channel yet\n");
	if (IS_ERR(chan)) {
		dev_warn(priv->dev, "no DMA channel (%pe): the CPU writes the images\n", chan);
		return 0;
	}

	err = carma_fpga_configure(priv, chan);
	if (err) {
		dev_warn(priv->dev, "%s is not fit (%pe): the CPU writes the images\n",
			 dma_chan_name(chan), ERR_PTR(err));
		dma_release_channel(chan);
		return 0;
	}

	priv->chan = chan;
	return devm_add_action_or_reset(priv->dev, carma_fpga_release_channel, chan);
}

static int carma_fpga_check(struct carma_fpga *priv)
{
	u8 cpld = ioread8(priv->regs + CARMA_CPLD_VERSION);

	if (cpld != 2 && cpld != 3)
		return dev_err_probe(priv->dev, -ENODEV, "unknown CPLD version %u\n", cpld);

	priv->fifo_size = carma_fpga_read(priv, CARMA_FIFO_SIZE);
	if (!priv->fifo_size)
		return dev_err_probe(priv->dev, -ENODEV, "the programmer has no FIFO\n");

	return 0;
}

static int carma_fpga_find(struct carma_fpga *priv, struct platform_device *pdev)
{
	struct resource *res;

	priv->regs = devm_platform_get_and_ioremap_resource(pdev, 0, &res);
	if (IS_ERR(priv->regs))
		return PTR_ERR(priv->regs);

	priv->window = res->start + CARMA_WINDOW;
	priv->irq = platform_get_irq(pdev, 0);
	if (priv->irq < 0)
		return priv->irq;

	return carma_fpga_check(priv);
}

static int carma_fpga_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct fpga_manager *mgr;
	struct carma_fpga *priv;
	int err;

	priv = devm_kzalloc(dev, sizeof(*priv), GFP_KERNEL);
	if (!priv)
		return -ENOMEM;

	priv->dev = dev;
	priv->power_off = ktime_get();
	spin_lock_init(&priv->lock);
	init_waitqueue_head(&priv->wait);

	err = carma_fpga_find(priv, pdev);
	if (err)
		return err;

	err = carma_fpga_get_channel(priv);
	if (err)
		return err;

	/* whatever the boot loader left of a load */
	carma_fpga_write(priv, CARMA_CONTROL, 0);
	err = devm_request_irq(dev, priv->irq, carma_fpga_interrupt, 0, dev_name(dev), priv);
	if (err)
		return err;

	mgr = devm_fpga_mgr_register(dev, "CARMA data FPGAs", &carma_fpga_ops, priv);
	return PTR_ERR_OR_ZERO(mgr);
}

static const struct of_device_id carma_fpga_of_match[] = {
	{ .compatible = "carma,fpga-programmer" },
	{ }
};
MODULE_DEVICE_TABLE(of, carma_fpga_of_match);

static struct platform_driver carma_fpga_driver = {
	.probe = carma_fpga_probe,
	.driver = {
		.name = "carma-fpga",
		.of_match_table = carma_fpga_of_match,
	},
};
module_platform_driver(carma_fpga_driver);

MODULE_AUTHOR("dmaengine-sg developers");
MODULE_DESCRIPTION("FPGA manager for the CARMA data-FPGA programmer");
MODULE_LICENSE("GPL");
