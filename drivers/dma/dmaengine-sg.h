/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of dma_async_memcpy_sg_to_sg() share with it
 *
 * Copyright (C) 2026 dmaengine-sg developers
 */
#ifndef DMAENGINE_SG_H
#define DMAENGINE_SG_H

#include <linux/dmaengine.h>
#include <linux/kconfig.h>

/* A variable only where tests want to see the end of the wait in less time. */
#if IS_ENABLED(CONFIG_DMAENGINE_SG_KUNIT_TEST)
extern unsigned int dma_sg_retry_timeout_ms;
#else
#define dma_sg_retry_timeout_ms	DMA_SG_RETRY_TIMEOUT_MS
#endif

#endif /* DMAENGINE_SG_H */
